"""Conflicts in a file are found from beginning to end, including nested ones, and lookalikes are not."""

import pytest

from resync_argo.conflicts.markers import (
    DEEPEST,
    is_stub,
    opening_lines,
    shown_conflicts,
    stub_path,
)

OPEN, MIDDLE, CLOSE = b"<<<<<<<", b"=======", b">>>>>>>"
CONFLICT = (b"<<<<<<< ours", b"b", b"||||||| base", b"=======", b"c", b">>>>>>> theirs")


def file(*lines: bytes) -> bytes:
    return b"\n".join(lines)


def test_a_conflict_is_its_marker_lines_and_everything_between() -> None:
    text = file(b"a", *CONFLICT, b"d", *CONFLICT, b"")

    assert list(shown_conflicts(text)) == [CONFLICT, CONFLICT]
    assert list(opening_lines(text)) == [CONFLICT[0]] * 2


@pytest.mark.parametrize(
    "lines",
    [
        (OPEN, CLOSE),
        (OPEN, MIDDLE),
        (MIDDLE, CLOSE),
        (MIDDLE, OPEN, CLOSE),
        (OPEN[1:], MIDDLE, CLOSE),
        (OPEN, MIDDLE[1:], CLOSE),
        (OPEN, MIDDLE, CLOSE[1:]),
        (b"<<<<<<<x", MIDDLE, CLOSE),
        (b" <<<<<<<", MIDDLE, CLOSE),
    ],
)
def test_a_lookalike_is_not_a_conflict(lines: tuple[bytes, ...]) -> None:
    assert list(shown_conflicts(file(*lines))) == []


def test_a_nested_conflict_is_shown_first() -> None:
    inner = (OPEN, b"1", MIDDLE, b"2", CLOSE)
    outer = (OPEN, *inner, MIDDLE, b"3", CLOSE)

    assert list(shown_conflicts(file(*outer))) == [inner, outer]


def test_of_many_nested_conflicts_the_innermost_are_shown() -> None:
    text = file(*[OPEN] * (DEEPEST + 5), *[MIDDLE, CLOSE] * (DEEPEST + 5))

    shown = list(shown_conflicts(text))

    assert [lines.count(OPEN) for lines in shown] == list(range(1, DEEPEST + 1))


def test_a_stub_lies_beside_its_path() -> None:
    assert stub_path(b"dir/f") == b"dir/f.resync-conflict"
    assert is_stub(stub_path(b"dir/f"))
    assert not is_stub(b"dir/f")
