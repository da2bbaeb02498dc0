"""Treats each signal that asks a program to end like Ctrl-C, so that nothing is left behind.

Commands use it if they hold tokens, folders or processes.
"""

import signal
from types import FrameType

POLITE = (signal.SIGTERM, signal.SIGHUP)
"""Sent by a service manager or a CI system, and by a terminal that is closed."""


class Ended(KeyboardInterrupt):
    """A signal other than SIGINT, which Ctrl-C sends, asked the program to end; `number` says which."""

    def __init__(self, number: int) -> None:
        """Keep the signal."""
        super().__init__()
        self.number = number


def end_like_ctrl_c() -> None:
    """Let the polite signals interrupt the program; one that is ignored, as by nohup, stays ignored."""
    for number in POLITE:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def exit_code(interrupt: KeyboardInterrupt) -> int:
    """Return the exit code that a shell expects after a signal: 130 for Ctrl-C."""
    number = interrupt.number if isinstance(interrupt, Ended) else signal.SIGINT
    return 128 + number


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise Ended(number)
