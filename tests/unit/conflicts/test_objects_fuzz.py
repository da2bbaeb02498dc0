"""Git's output for trees, differences and contents is parsed exactly, whatever bytes it holds."""

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.conflicts.objects import list_tree, read_blobs
from resync_argo.conflicts.record import Entry
from tests.fuzzing.examples import examples
from tests.fuzzing.pieces import git_that_says
from tests.fuzzing.texts import object_ids, paths

ENTRIES = st.builds(Entry, st.sampled_from(["100644", "100755", "120000", "160000"]), object_ids())


@examples()
@given(st.dictionaries(paths(), ENTRIES))
@example({b"a\tb\n": Entry("100644", "1" * 40)})
def test_a_tree_is_read_as_git_prints_it(tree: dict[bytes, Entry]) -> None:
    lines = (f"{it.mode} blob {it.id}".encode() + b"\t" + path for path, it in tree.items())

    assert list_tree(git_that_says(b"".join(line + b"\0" for line in lines)), "HEAD") == tree


@examples()
@given(st.lists(st.tuples(object_ids(), st.binary())))
@example([("1" * 40, b"2 blob 3\n"), ("2" * 40, b"")])
def test_contents_are_read_as_git_prints_them(blobs: list[tuple[str, bytes]]) -> None:
    printed = (f"{oid} blob {len(content)}\n".encode() + content for oid, content in blobs)
    git = git_that_says(b"".join(it + b"\n" for it in printed))

    assert list(read_blobs(git, [oid for oid, _ in blobs])) == blobs
