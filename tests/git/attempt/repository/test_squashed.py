"""With a record of a squashed release, git merges as if there had been no squash."""

import pytest

from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.attempt.context import ReplayInput
from resync_argo.attempt.outcome import conclude
from resync_argo.attempt.repository import squashed
from resync_argo.contract import Outcome
from resync_argo.forge.grafts import Brought, write_record
from resync_argo.git import Remote
from resync_argo.names import brought_ref
from tests.git.builders import BRANCH, HOST, Run, World
from tests.git.http_server import serve
from tests.git.repositories import Repository, git
from tests.git.squashes import bring
from tests.git.steps import pull_request_step

MERGE = "git merge $UPSTREAM_TAG"


def ran(world: World, *scripts: str, number: int = 1) -> Run:
    # Files that a squash copied are upstream's own, so people would not be asked about them.
    asks = {"untouched": "Ask"}
    run = world.attempt(*(scripts or (MERGE,)), version="1.2.0", number=number, config=asks)
    run.check_out()
    run.step()
    return run


def conflicts(world: World, number: int = 1) -> list[str]:
    """Return the files that people are asked about in a merge of 1.2.0."""
    run = ran(world, number=number)
    if conclude(run.attempt).outcome is not Outcome.CONFLICT:
        return []
    return sorted(file.path for file in world.forge.list_files(len(world.forge.pulls)))


def test_a_squash_causes_conflicts_and_the_record_removes_them(
    world: World,
) -> None:
    told = bring(world, squash=True)

    without = conflicts(world)
    told.record()
    with_record = conflicts(world, number=2)

    assert without == ["VERSION", "a.txt", "new/n.txt"]
    assert with_record == ["a.txt"]


def test_a_merge_commit_needs_no_record(world: World) -> None:
    bring(world, squash=False)

    assert conflicts(world) == ["a.txt"]


def test_without_the_graft_the_record_has_no_effect(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(world, squash=True).record()
    monkeypatch.setattr(squashed, "_graft", lambda _git, _brought: False)

    assert conflicts(world) == ["VERSION", "a.txt", "new/n.txt"]


def seen(world: World, version: str, number: int = 1) -> ReplayInput:
    return checkout(world.attempt(version=version, number=number).attempt)


def test_the_record_counts_for_the_previous_version_and_for_already_synced_releases(
    world: World,
) -> None:
    told = bring(world, squash=True)
    assert seen(world, "1.2.0").previous_version == "1.0.0"
    assert seen(world, "1.1.0", 2).already_synced is None

    told.record()

    after = seen(world, "1.2.0", 3)
    assert (after.previous_version, after.previous_commit) == ("1.1.0", told.release)
    assert after.merge_bases == (told.release,)
    assert (seen(world, "1.1.0", 4).already_synced or "").startswith("1.1.0 is contained")


def test_the_published_commit_has_real_parents_and_no_graft(world: World) -> None:
    told = bring(world, squash=True)
    told.record()
    resolve = f"{MERGE} -X ours"
    run = world.attempt(resolve, pull_request_step("Sync", ""), version="1.2.0")

    run.propose()

    down = world.downstream
    tip = down.tip("resync/z-release/1.2.0") or ""
    head = down.tip(BRANCH)
    assert down.git("log", "-1", "--format=%P", tip).split() == [head, told.next]
    assert len(down.git("log", "-1", "--format=%P", told.merged).split()) == 1
    assert down.git("for-each-ref", "refs/replace") == ""
    assert down.git("fsck", "--strict", "--no-dangling") == ""
    assert down.git("rev-list", "--count", f"{told.release}", f"^{head}") == "2"
    assert "contained `v1.1.0` before: 1 new upstream commit" in world.forge.pulls[0].body


def test_a_private_downstream_is_not_asked_for_upstreams_objects(world: World) -> None:
    told = bring(world, squash=True)
    told.record()
    with serve(world.root, "s3cret") as server:
        run = world.attempt(
            f"{MERGE} -X ours",
            pull_request_step("Sync", ""),
            version="1.2.0",
            hosts={HOST: server.url},
            token="s3cret",
        )
        run.propose()

    assert run.attempt.replay_input().merge_bases == (told.release,)


def test_the_record_of_a_fork_counts_too(world: World) -> None:
    told = bring(world, squash=True)
    fork = Repository(world.root / "bot" / "project")
    told.record(fork)
    downstream = {
        "name": f"{HOST}/downstream/project",
        "branch": BRANCH,
        "fork": f"{HOST}/bot/project",
    }
    run = world.attempt(version="1.2.0", config={"downstream": downstream})

    assert run.check_out().previous_version == "1.1.0"


@pytest.mark.parametrize("strange", ["elsewhere", "gone", "backwards", "nonsense"])
def test_an_invalid_record_is_ignored(world: World, strange: str) -> None:
    told = bring(world, squash=True)
    down = world.downstream
    remote = Remote(url=f"file://{down.path}")
    match strange:
        case "elsewhere":  # the commit is on another branch
            other = down.commit("other", {"x": "x"})
            write_record(remote, BRANCH, Brought(merged=other, release=told.release))
        case "gone":  # upstream no longer has the release
            write_record(remote, BRANCH, Brought(merged=told.merged, release="1" * 40))
        case "backwards":  # the commit would be its own ancestor
            first = world.upstream.git("rev-parse", "v1.0.0")
            write_record(remote, BRANCH, Brought(merged=first, release=told.release))
        case _:
            down.git("update-ref", brought_ref(BRANCH, told.merged), told.merged)

    replay = seen(world, "1.2.0")

    assert (replay.already_synced, replay.previous_version) == (None, "1.0.0")


def test_steps_see_the_release_in_the_history_of_the_branch(world: World) -> None:
    told = bring(world, squash=True)
    told.record()
    run = ran(world, "git merge-base HEAD $UPSTREAM_TAG >base; git rev-parse v$PREVIOUS_VERSION^0")

    assert (run.work_tree / "base").read_text().strip() == told.release
    assert git(run.work_tree, "describe", "--tags", "--abbrev=0", "HEAD") == "v1.1.0"
