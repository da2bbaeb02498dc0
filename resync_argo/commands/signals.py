"""Makes every polite way to end a program end it as Ctrl-C does, so that nothing is left behind.

Called by the commands that hold tokens, folders or processes while they run.
"""

import signal
from types import FrameType

POLITE = (signal.SIGTERM, signal.SIGHUP)
"""Asked by a service manager or a CI system, and by a terminal that was closed."""


def end_like_ctrl_c() -> None:
    """Have the polite signals interrupt the program; one that is ignored (nohup) stays so."""
    for number in POLITE:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
