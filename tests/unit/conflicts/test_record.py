"""An untrusted record is parsed strictly, and a conflict's key never changes."""

import pytest

from resync_argo.conflicts.record import Conflict, ConflictPath, Entry, Kind, Record

OURS, THEIRS = Entry("100644", "a" * 40), Entry("100755", "b" * 40)
PATH = ConflictPath(
    path=b"f", downstream={b"f": OURS}, upstream={b"f": THEIRS}, names=(b"f",), kind=Kind.MODE
)
CONFLICT = Conflict(operation="merge", stop="-", step="merge", paths=(PATH,))
RECORD = Record(key="0a1b2c3d", conflict=CONFLICT, head="c" * 40, tag="d" * 40, run="run-1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("run run-1", "run $(id)"),
        ("run run-1", "run two words"),
        ("run run-1", "run"),
        ("operation merge", "operation reboot"),
        ("head cccc", "head main"),
        ("tag dddd", "tag v1.0.0"),
        ("key 0a1b2c3d\n", ""),
    ],
)
def test_a_record_with_anything_that_we_never_write_is_invalid(before: str, after: str) -> None:
    text = RECORD.text()
    assert before in text

    assert Record.parse(text.replace(before, after)) is None


@pytest.mark.parametrize("paths", [(PATH,), ()], ids=["paths", "no paths"])
@pytest.mark.parametrize("end", ["", "\n\n", "\nSigned-off-by: Ada <ada@example.org>\npath x\n"])
def test_a_record_ends_where_its_lines_do(paths: tuple[ConflictPath, ...], end: str) -> None:
    conflict = Conflict(operation="merge", stop="-", step="merge", paths=paths)
    record = Record(key="0a1b2c3d", conflict=conflict, head="c" * 40, tag="d" * 40)
    if not paths:
        end = end.partition("Signed")[0]

    assert Record.parse(record.text() + end) == record


def test_a_conflict_has_the_same_key_in_every_version_of_resync_argo() -> None:
    """Branches and marker lines of open pull requests hold it: after a change people would be asked again."""
    assert CONFLICT.key() == "1d4d7d03"
    assert CONFLICT.key(1) == "bfa4fda2"


@pytest.mark.parametrize(
    ("names", "downstream", "upstream", "both"),
    [
        ((b"f",), {b"f": OURS}, {b"f": THEIRS}, (OURS, THEIRS)),
        ((b"f",), {}, {b"f": THEIRS}, None),
        ((b"f",), {b"f": OURS}, {}, None),
        ((b"f",), {}, {}, None),
        ((b"f", b"g"), {b"f": OURS}, {b"f": THEIRS}, None),
    ],
)
def test_both_sides_have_a_file_only_under_one_name(
    names: tuple[bytes, ...],
    downstream: dict[bytes, Entry],
    upstream: dict[bytes, Entry],
    both: tuple[Entry, Entry] | None,
) -> None:
    path = ConflictPath(path=b"f", names=names, downstream=downstream, upstream=upstream)

    assert path.both == both
