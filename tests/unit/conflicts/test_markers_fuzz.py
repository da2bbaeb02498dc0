"""The conflicts of any file are found in time and memory linear in its size."""

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.conflicts.markers import DEEPEST, Labels, shown_conflicts
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import paths

MARKS = [b"<<<<<<<", b"=======", b">>>>>>>", b"<<<<<<< ours", b">>>>>>>> theirs", b"||||||| base"]
FILES = st.lists(st.sampled_from(MARKS) | paths(), max_size=60).map(b"\n".join)


def nested(depth: int) -> bytes:
    """Return a file with nested conflicts."""
    return b"\n".join([b"<<<<<<<"] * depth + [b"=======", b">>>>>>>"] * depth)


@examples(2)
@given(FILES | st.integers(1, 200).map(nested))
@example(nested(2000))
def test_the_output_is_at_most_a_few_times_the_file(text: bytes) -> None:
    shown = list(shown_conflicts(text))

    total = sum(map(len, shown))
    assert total <= DEEPEST * (text.count(b"\n") + 1)
    for lines in shown:
        assert lines[0].startswith(b"<<<<<<<")
        assert lines[-1].startswith(b">>>>>>>")
        assert any(line.startswith(b"=======") for line in lines)


@examples()
@given(FILES, st.from_regex(r"[0-9a-f]{8}", fullmatch=True), st.booleans())
def test_our_conflict_is_found_in_any_file(text: bytes, key: str, windows: bool) -> None:  # noqa: FBT001 - hypothesis names it
    labels = Labels.of(key, branch="main", tag="v1.0.0")
    end = b"\r\n" if windows else b"\n"
    ours = [f"<<<<<<< {labels.downstream}", "a", "=======", "b", f">>>>>>> {labels.upstream}"]
    lines = [line.encode() for line in ours]

    found = list(shown_conflicts(text + b"\n" + end.join(lines) + end + b"tail"))

    assert tuple(lines) in found
