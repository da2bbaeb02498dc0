"""A signal during the start of a process is handled once that process can be ended."""

import os
import signal
from collections.abc import Iterator

import pytest

from resync_argo.processes import ENDING, held_signals


class InterruptedByTestError(Exception):
    """Raised by the test's handler."""


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    def interrupt(number: int, _frame: object) -> None:
        raise InterruptedByTestError(number)

    before = {number: signal.signal(number, interrupt) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ENDING)
def test_it_waits_for_the_end_of_the_block(number: int) -> None:
    done = []

    def start() -> None:
        with held_signals():
            os.kill(os.getpid(), number)
            done.append("all of it")

    with pytest.raises(InterruptedByTestError):
        start()

    assert done == ["all of it"]


def test_without_a_signal_nothing_changes() -> None:
    with held_signals():
        pass

    with pytest.raises(InterruptedByTestError):
        os.kill(os.getpid(), signal.SIGTERM)


def test_an_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with held_signals():
        os.kill(os.getpid(), signal.SIGHUP)

    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
