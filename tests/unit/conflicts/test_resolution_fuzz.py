"""Git's output about people's changes is parsed exactly, whatever bytes paths and messages hold."""

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.conflicts.record import Conflict, Entry, Record
from resync_argo.conflicts.resolution import Change, differing, find_base
from tests.fuzzing.examples import examples
from tests.fuzzing.pieces import git_that_says
from tests.fuzzing.texts import object_ids, paths, texts

ENTRIES = st.builds(Entry, st.sampled_from(["100644", "100755", "120000", "160000"]), object_ids())
CHANGES = st.builds(Change, path=paths(), before=st.none() | ENTRIES, after=st.none() | ENTRIES)
NOTHING = Entry("000000", "0" * 40)


@examples()
@given(st.lists(CHANGES))
@example([Change(path=b":a\n", before=None, after=Entry("100644", "1" * 40))])
def test_differences_are_read_as_git_prints_them(changes: list[Change]) -> None:
    fields = []
    for change in changes:
        before, after = change.before or NOTHING, change.after or NOTHING
        meta = f":{before.mode} {after.mode} {before.id} {after.id} M"
        fields += [meta.encode(), change.path]

    printed = b"".join(field + b"\0" for field in fields)

    assert differing(git_that_says(printed), "base", "tip") == changes


@examples()
@given(st.lists(texts(without="\0").map(lambda it: it.encode())), object_ids(), object_ids())
@example([b"\xff\xfe"], "1" * 40, "2" * 40)
def test_the_base_commit_is_found_behind_commits_with_any_message(
    messages: list[bytes], commit: str, head: str
) -> None:
    conflict = Conflict(operation="merge", stop="-", step="a", paths=())
    record = Record(key="0a1b2c3d", conflict=conflict, head=head, tag=head)
    log = [("f" * 40, message) for message in messages] + [(commit, record.text().encode())]

    printed = b"".join(oid.encode() + b"\n" + message + b"\0\n" for oid, message in log)

    assert find_base(git_that_says(printed), "0a1b2c3d", "tip") == (commit, record)
    assert find_base(git_that_says(printed), "00000000", "tip") is None
