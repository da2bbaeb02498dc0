"""A record is read back from any commit's message, and nothing else is taken for one."""

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.conflicts.record import (
    OPERATIONS,
    Conflict,
    ConflictPath,
    Entry,
    Kind,
    Record,
)
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import object_ids, paths, texts

ENTRIES = st.builds(Entry, st.sampled_from(["100644", "100755", "120000", "160000"]), object_ids())
WORDS = st.from_regex(r"[A-Za-z0-9][-A-Za-z0-9._]{0,20}", fullmatch=True)


@st.composite
def conflict_paths(draw: st.DrawFn) -> ConflictPath:
    names = draw(st.lists(paths(), min_size=1, max_size=3, unique=True).map(sorted))
    own, others = (
        {name: entry for name in names if (entry := draw(st.none() | ENTRIES))} for _ in range(2)
    )
    return ConflictPath(
        path=draw(paths()),
        ancestor=draw(st.none() | ENTRIES),
        downstream=own,
        upstream=others,
        names=tuple(names),
        kind=draw(st.sampled_from(Kind)),
    )


CONFLICTS = st.builds(
    Conflict,
    operation=st.sampled_from(OPERATIONS),
    stop=object_ids() | st.just("-"),
    step=WORDS,
    paths=st.lists(conflict_paths(), max_size=3).map(tuple),
)
RECORDS = st.builds(
    Record,
    key=st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
    conflict=CONFLICTS,
    head=object_ids(),
    tag=object_ids(),
    run=WORDS | st.just("-"),
)


@examples()
@given(RECORDS, texts())
def test_a_record_is_read_back_from_a_message(record: Record, above: str) -> None:
    text = record.text()

    assert text.isascii()
    assert text.replace("\n", "").replace("\t", "").isprintable()
    assert Record.parse(text) == record
    if "resync-conflict 2" not in above:
        assert Record.parse(f"{above}\n\n{text}") == record


@examples(2)
@given(RECORDS, st.data())
def test_a_changed_message_holds_a_valid_record_or_none(
    record: Record, data: st.DataObject
) -> None:
    text = record.text()
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(begin + 50, len(text))))

    found = Record.parse(text[:begin] + data.draw(texts()) + text[end:])

    if found is not None:
        assert Record.parse(found.text()) == found
        assert found.conflict.operation in OPERATIONS
        for commit in (found.head, found.tag):
            assert len(commit) in (40, 64)
            assert set(commit) <= set("0123456789abcdef")


@examples()
@given(texts(max_size=40))
@example("resync-conflict 2\n")
@example("resync-conflict 2\npath\n")
def test_an_untrusted_message_causes_no_bug(message: str) -> None:
    assert Record.parse(f"resync-conflict 2\n{message}") is None
    Record.parse(message)


@examples()
@given(CONFLICTS, CONFLICTS)
def test_different_conflicts_have_different_keys(one: Conflict, other: Conflict) -> None:
    same = (one.where, one.paths) == (other.where, other.paths)

    assert (one.key() == other.key()) is same or one.where == other.where
    assert one.key() != one.key(1)
