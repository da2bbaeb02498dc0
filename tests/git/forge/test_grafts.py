"""Records of squashed releases in a repository that anybody can reach."""

from resync_argo.forge.grafts import Brought, fetch_records, write_record
from resync_argo.git import Remote
from resync_argo.names import brought_ref
from tests.git.builders import BRANCH, World

MERGED, RELEASE, OTHER = "1" * 40, "2" * 40, "3" * 40


def test_writing_a_record_twice_gives_the_same_one(world: World) -> None:
    remote = Remote(url=f"file://{world.downstream.path}")
    told = Brought(merged=MERGED, release=RELEASE)

    write_record(remote, BRANCH, told)
    before = world.downstream.git("for-each-ref")
    write_record(remote, BRANCH, told)

    assert world.downstream.git("for-each-ref") == before
    assert fetch_records(remote, BRANCH) == (told,)
    assert world.downstream.git("fsck", "--strict", "--no-dangling") == ""


def test_a_later_record_of_a_commit_counts(world: World) -> None:
    remote = Remote(url=f"file://{world.downstream.path}")
    for release in (RELEASE, OTHER):
        write_record(remote, BRANCH, Brought(merged=MERGED, release=release))

    assert fetch_records(remote, BRANCH) == (Brought(merged=MERGED, release=OTHER),)


def test_records_belong_to_one_branch_whatever_its_name(world: World) -> None:
    remote = Remote(url=f"file://{world.downstream.path}")
    names = (BRANCH, f"{BRANCH}/next", "main", "a/b/c")
    for number, name in enumerate(names):
        write_record(remote, name, Brought(merged=f"{number}" * 40, release=RELEASE))

    found = [fetch_records(remote, name) for name in names]

    assert [[it.merged[0] for it in records] for records in found] == [["0"], ["1"], ["2"], ["3"]]


def test_a_ref_without_a_record_is_ignored(world: World) -> None:
    remote, down = Remote(url=f"file://{world.downstream.path}"), world.downstream
    write_record(remote, BRANCH, Brought(merged=MERGED, release=RELEASE))
    record = down.git("rev-parse", brought_ref(BRANCH, MERGED))
    # A record under another commit's name, and a commit without a record.
    down.git("update-ref", brought_ref(BRANCH, OTHER), record)
    down.git("update-ref", brought_ref(BRANCH, "4" * 40), f"refs/heads/{BRANCH}")

    assert fetch_records(remote, BRANCH) == (Brought(merged=MERGED, release=RELEASE),)
