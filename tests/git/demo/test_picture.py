"""The picture of the demo shows the present demo."""

import re

from tests.demo.picture import PICTURE, RECORDING, draw, record

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def plain(recording: str) -> list[str]:
    """Return the lines without colours, and without anything that differs between runs."""
    text = COLOUR.sub("", recording)
    lines = (re.sub(r"\b[0-9a-f]{7,8}\b", "COMMIT", line) for line in text.splitlines())
    return [line for line in lines if not line.startswith("  took ")]


def test_the_picture_is_made_from_the_recording() -> None:
    assert PICTURE.read_text() == draw(RECORDING.read_text()), "run `python -m tests.demo.picture`"
    assert "@font-face" not in PICTURE.read_text(), "a font comes from another host"


def test_the_recording_equals_the_demos_output() -> None:
    assert plain(record()) == plain(RECORDING.read_text()), "run `python -m tests.demo.picture`"
