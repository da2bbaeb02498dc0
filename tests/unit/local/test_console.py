"""What a person sees on a terminal while something takes time."""

import io
import sys

import pytest

from resync_argo.local.console import progress, say

ERASE_LINE = "\x1b[2K"


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """See `IOBase`."""
        return True


def test_a_line_said_at_once_takes_the_place_of_the_animation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")

    with progress("Fetching"):
        say("Found it")

    before, _, after = terminal.getvalue().partition(ERASE_LINE)
    assert before.endswith("Fetching\r")
    assert after.startswith("Found it\n")
