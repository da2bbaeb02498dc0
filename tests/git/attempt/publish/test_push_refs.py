"""The refs after a push, whoever else pushed before, in between, or at the same moment."""

from collections.abc import Callable

import pytest

from resync_argo.attempt.publish.push import ForeignCommit, publish
from resync_argo.errors import ResyncError, Stalled, Transient
from resync_argo.git import Git, Remote
from resync_argo.hosts.refs import list_refs
from tests.git.builders import HOST, World
from tests.git.proposals import RECORD, SYNC, committed
from tests.git.repositories import Repository

LOOK = "resync_argo.attempt.publish.push.list_refs"
OWNER = "refs/resync-argo/_owners/z-release/1.1.0"


def refs(repository: Repository) -> dict[str, str]:
    """Return all refs but the branch, with their commits."""
    listing = repository.git("for-each-ref", "--format=%(refname) %(objectname)")
    lines = dict(line.split(" ") for line in listing.splitlines())
    return {name: commit for name, commit in lines.items() if "resync" in name}


def hook(world: World, name: str, script: str) -> None:
    """Give the downstream a hook."""
    file = world.downstream.path / "hooks" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\nunset GIT_QUARANTINE_PATH\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def after_our_look(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Return a patch that runs something between our first look and our push."""

    def happens(act: Callable[[], object]) -> None:
        def look_and_act(git: Git, remote: Remote, *patterns: str) -> dict[str, str]:
            seen = list_refs(git, remote, *patterns)
            monkeypatch.setattr(LOOK, list_refs)
            act()
            return seen

        monkeypatch.setattr(LOOK, look_and_act)

    return happens


def test_the_branch_and_its_record_are_pushed_and_then_moved(world: World) -> None:
    run, first = committed(world, {"a": "1"})
    assert publish(run.attempt, first) == first
    assert refs(world.downstream) == {f"refs/heads/{SYNC}": first, RECORD: first}

    run, second = committed(world, {"a": "2"}, number=2)
    assert publish(run.attempt, second) == second
    assert refs(world.downstream) == {f"refs/heads/{SYNC}": second, RECORD: second}


def test_a_plan_that_has_an_owner_claims_the_branch(world: World) -> None:
    run, commit = committed(world, {"a": "1"}, owner="team")
    publish(run.attempt, commit)
    before = refs(world.downstream)
    assert before.keys() == {f"refs/heads/{SYNC}", RECORD, OWNER}

    other, commit = committed(world, {"a": "2"}, owner="others", number=2)
    with pytest.raises(Stalled) as told:
        publish(other.attempt, commit)

    assert told.value.reason == "OwnedElsewhere"
    assert refs(world.downstream) == before


def test_an_equal_commit_is_not_pushed_again(world: World) -> None:
    run, first = committed(world, {"a": "1"})
    publish(run.attempt, first)
    hook(world, "pre-receive", "exit 1")

    assert publish(run.attempt, first) == first
    again, other = committed(world, {"a": "1"}, number=2, message="In other words")
    assert other != first
    assert publish(again.attempt, other) == first


def test_a_commit_that_differs_only_in_its_files_is_pushed(world: World) -> None:
    run, first = committed(world, {"a": "1"})
    publish(run.attempt, first)
    trusted = Repository(run.attempt.layout.repository)
    tree = trusted.git("rev-parse", f"{first}~1^{{tree}}")
    parents = (word for it in ("^1", "^2") for word in ("-p", f"{first}{it}"))
    second = trusted.git("commit-tree", tree, *parents, "-m", "x")

    assert publish(run.attempt, second) == second


def test_a_commit_that_we_did_not_push_stays(world: World) -> None:
    theirs = world.downstream.commit(SYNC, {"t": "t"})
    run, commit = committed(world, {"a": "1"})

    with pytest.raises(ForeignCommit) as told:
        publish(run.attempt, commit)

    assert told.value.commit == theirs
    assert f"has the commit {theirs[:12]}, which resync-argo did not make" in str(told.value)
    assert refs(world.downstream) == {f"refs/heads/{SYNC}": theirs}


@pytest.mark.parametrize("has_pushed", [True, False], ids=["later", "first"])
def test_a_persons_push_between_our_look_and_our_push_wins(
    world: World, after_our_look: Callable[[Callable[[], object]], None], *, has_pushed: bool
) -> None:
    if has_pushed:
        run, first = committed(world, {"a": "1"})
        publish(run.attempt, first)
    run, commit = committed(world, {"a": "2"}, number=2)
    after_our_look(lambda: world.downstream.commit(SYNC, {"fix.txt": "by hand"}))

    with pytest.raises(ForeignCommit) as told:
        publish(run.attempt, commit)

    assert world.downstream.tip(SYNC) == told.value.commit
    assert world.downstream.show(SYNC, "fix.txt") == "by hand"


def test_a_branch_that_a_person_deletes_before_our_push_is_not_restored(
    world: World, after_our_look: Callable[[Callable[[], object]], None]
) -> None:
    run, first = committed(world, {"a": "1"})
    publish(run.attempt, first)
    run, second = committed(world, {"a": "2"}, number=2)
    after_our_look(lambda: world.downstream.git("update-ref", "-d", f"refs/heads/{SYNC}"))

    with pytest.raises(Transient):
        publish(run.attempt, second)

    assert refs(world.downstream) == {RECORD: first}


def test_a_plan_elsewhere_that_pushes_before_us_keeps_the_branch(
    world: World, after_our_look: Callable[[Callable[[], object]], None]
) -> None:
    run, commit = committed(world, {"a": "1"}, owner="team")
    other, others = committed(world, {"a": "2"}, owner="others", number=2)
    after_our_look(lambda: publish(other.attempt, others))

    with pytest.raises(Stalled) as told:
        publish(run.attempt, commit)

    assert told.value.reason == "OwnedElsewhere"
    assert world.downstream.tip(SYNC) == world.downstream.tip(RECORD) == others


def test_a_host_that_refuses_the_record_gets_no_branch_either(world: World) -> None:
    hook(world, "update", 'case "$1" in refs/heads/*) exit 0; esac; exit 1')
    run, commit = committed(world, {"a": "1"})

    with pytest.raises(Stalled) as told:
        publish(run.attempt, commit)

    assert told.value.reason == "PushRefused"
    assert refs(world.downstream) == {}


def test_a_repeated_push_after_a_lost_answer_counts_as_ours(world: World) -> None:
    hook(world, "pre-receive", "while read old new name; do git update-ref $name $new; done")
    run, commit = committed(world, {"a": "1"})

    assert publish(run.attempt, commit) == commit
    assert refs(world.downstream) == {f"refs/heads/{SYNC}": commit, RECORD: commit}


def test_a_partial_push_is_not_a_success(world: World) -> None:
    hook(world, "pre-receive", 'read old new name; git update-ref "$name" "$new"')
    run, commit = committed(world, {"a": "1"})

    with pytest.raises(ResyncError):
        publish(run.attempt, commit)


def test_a_fork_that_lacks_history_gets_all_that_the_branch_needs(world: World) -> None:
    fork = Repository(world.root / "bot" / "project")
    names = {"name": f"{HOST}/downstream/project", "branch": "release-1.0"}
    config = {"downstream": {**names, "fork": f"{HOST}/bot/project"}}
    fork.commit("main", {"x": "x"})
    run, commit = committed(world, {"a": "1"}, config=config)

    publish(run.attempt, commit)

    assert refs(fork) == {f"refs/heads/{SYNC}": commit, RECORD: commit}
    assert fork.git("fsck", "--connectivity-only", "--no-dangling") == ""
    assert refs(world.downstream) == {}
