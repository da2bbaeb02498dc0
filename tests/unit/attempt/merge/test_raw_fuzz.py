"""Git's output for a merge is parsed exactly, whatever bytes the paths hold."""

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.attempt.merge.raw import Note, _parse
from resync_argo.conflicts.record import Entry
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import object_ids, paths

ENTRIES = st.builds(Entry, st.sampled_from(["100644", "100755", "120000", "160000"]), object_ids())
STAGES = st.dictionaries(paths(), st.dictionaries(st.integers(1, 3), ENTRIES, min_size=1))
NOTES = st.lists(
    st.builds(
        Note,
        type=st.sampled_from(["CONFLICT (contents)", "Auto-merging", "CONFLICT (rename/delete)"]),
        paths=st.lists(paths(), max_size=3).map(tuple),
    )
)


def printed(tree: str, stages: dict[bytes, dict[int, Entry]], notes: list[Note]) -> bytes:
    """Return a merge in the format of git-merge-tree, "OUTPUT"."""
    fields = [tree.encode()]
    for path, entries in stages.items():
        fields += [f"{it.mode} {it.id} {n}".encode() + b"\t" + path for n, it in entries.items()]
    fields.append(b"")
    for note in notes:
        fields += [str(len(note.paths)).encode(), *note.paths, note.type.encode(), b"said\nso\n"]
    return b"\0".join([*fields, b""])


@examples()
@given(object_ids(), STAGES, NOTES)
@example("1" * 40, {b"1\t2\n": {2: Entry("100644", "2" * 40)}}, [Note(type="x", paths=(b"1",))])
def test_gits_output_for_a_merge_is_parsed_exactly(
    tree: str, stages: dict[bytes, dict[int, Entry]], notes: list[Note]
) -> None:
    assert _parse(printed(tree, stages, notes)) == (tree, stages, tuple(notes))
