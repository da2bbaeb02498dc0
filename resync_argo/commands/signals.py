"""Makes every polite way to end a program end it as Ctrl-C does, so that nothing is left behind.

Called by the commands that hold tokens, folders or processes while they run.
"""

import signal
from types import FrameType

POLITE = (signal.SIGTERM, signal.SIGHUP)
"""Asked by a service manager or a CI system, and by a terminal that was closed."""


class Ended(KeyboardInterrupt):
    """The program was asked to end by another signal than Ctrl-C's; `number` says which."""

    def __init__(self, number: int) -> None:
        """Keep the signal."""
        super().__init__()
        self.number = number


def end_like_ctrl_c() -> None:
    """Have the polite signals interrupt the program; one that is ignored (nohup) stays so."""
    for number in POLITE:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def exit_code(interrupt: KeyboardInterrupt) -> int:
    """Return what a shell expects of a program that a signal ended: 130 for Ctrl-C."""
    number = interrupt.number if isinstance(interrupt, Ended) else signal.SIGINT
    return 128 + number


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise Ended(number)
