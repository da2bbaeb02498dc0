"""What a sync pushes, what it never publishes, and that people's work is left alone."""

import pytest

from resync_argo.attempt.steps.control import Untrustworthy
from resync_argo.contract import Outcome
from resync_argo.errors import ResyncError, Stalled, Transient
from tests.git.builders import BRANCH, HOST, World
from tests.git.proposals import MERGE, RECORD, SYNC, attempt
from tests.git.repositories import Repository


def test_pushes_the_merge_with_both_parents_and_opens_a_pull_request(world: World) -> None:
    run = attempt(world)

    result = run.propose()

    down = world.downstream
    parents = down.git("rev-parse", f"{SYNC}^@").split()
    assert parents == [down.tip(BRANCH), world.upstream.git("rev-parse", "v1.1.0^{commit}")]
    (opened,) = world.forge.pulls
    assert (opened.head_branch, opened.base_branch) == (SYNC, BRANCH)
    assert opened.title == "Sync 1.1.0"
    assert result.pull_request == opened.url


def test_records_its_push_beside_the_branch(world: World) -> None:
    attempt(world).propose()

    assert world.downstream.tip(RECORD) == world.downstream.tip(SYNC)
    assert world.downstream.git("rev-parse", "--abbrev-ref=strict", f"refs/heads/{SYNC}") == SYNC


def test_a_second_attempt_finds_the_pull_request_and_pushes_nothing(world: World) -> None:
    attempt(world).propose()
    before = world.downstream.tip(SYNC)
    world.downstream.git("config", "receive.denyUpdates", "true")

    attempt(world, number=2).propose()

    assert world.downstream.tip(SYNC) == before
    assert len(world.forge.pulls) == 1


def test_an_equal_commit_with_another_message_is_not_pushed(world: World) -> None:
    attempt(world).propose()
    before = world.downstream.tip(SYNC)

    attempt(world, f"{MERGE} -m 'said otherwise'", number=2).propose()

    assert world.downstream.tip(SYNC) == before


def test_our_own_earlier_push_is_replaced(world: World) -> None:
    attempt(world).propose()

    attempt(world, MERGE, "echo more >m; git add m; git commit -qm more", number=2).propose()

    assert world.downstream.show(SYNC, "m") == "more"
    assert world.downstream.tip(RECORD) == world.downstream.tip(SYNC)


def test_a_refresh_rebuilds_the_same_pull_request_on_the_present_branch(world: World) -> None:
    attempt(world).propose()
    world.forge.edit(1, title="My better title")
    tip = world.downstream.commit(BRANCH, {"elsewhere": "by hand"})

    attempt(world, number=2).propose()

    down = world.downstream
    release = world.upstream.git("rev-parse", "v1.1.0^{commit}")
    assert down.git("rev-parse", f"{SYNC}^@").split() == [tip, release]
    assert down.tip(RECORD) == down.tip(SYNC)
    (kept,) = world.forge.pulls
    assert (kept.title, kept.head_branch) == ("My better title", SYNC)


def test_a_refresh_replaces_only_our_own_last_commit(world: World) -> None:
    attempt(world).propose()
    theirs = world.downstream.git("commit-tree", f"{SYNC}^{{tree}}", "-p", SYNC, "-m", "By hand")
    world.downstream.commit(BRANCH, {"elsewhere": "by hand"})
    hook = world.downstream.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nunset GIT_QUARANTINE_PATH\nexec git update-ref refs/heads/{SYNC} {theirs}\n"
    )
    hook.chmod(0o755)

    result = attempt(world, number=2).propose()

    assert result.outcome is Outcome.FOREIGN_COMMIT
    assert world.downstream.tip(SYNC) == theirs


def test_a_persons_commit_stays_and_is_reported_once(world: World) -> None:
    attempt(world).propose()
    theirs = world.downstream.commit(SYNC, {"fix.txt": "by hand"})

    for number in (2, 3):
        result = attempt(world, MERGE, "git commit --allow-empty -qm x", number=number).propose()
        assert result.outcome is Outcome.FOREIGN_COMMIT

    assert world.downstream.tip(SYNC) == theirs
    (comment,) = world.forge.comments[1]
    assert theirs[:12] in comment.body


def test_a_persons_simultaneous_push_wins(world: World) -> None:
    theirs = world.downstream.git(
        "commit-tree", f"{BRANCH}^{{tree}}", "-p", BRANCH, "-m", "By hand"
    )
    hook = world.downstream.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nunset GIT_QUARANTINE_PATH\nexec git update-ref refs/heads/{SYNC} {theirs}\n"
    )
    hook.chmod(0o755)

    result = attempt(world).propose()

    assert result.outcome is Outcome.FOREIGN_COMMIT
    assert theirs[:12] in result.message
    assert world.downstream.tip(SYNC) == theirs


def test_a_repeated_push_after_a_lost_answer_counts_as_ours(world: World) -> None:
    hook = world.downstream.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    first = "while read old new name; do git update-ref $name $new; done"
    hook.write_text(f"#!/bin/sh\nunset GIT_QUARANTINE_PATH\n{first}\n")
    hook.chmod(0o755)

    result = attempt(world).propose()

    assert result.pull_request is not None
    assert world.downstream.tip(SYNC) == world.downstream.tip(RECORD)
    assert len(world.forge.pulls) == 1


def test_a_deleted_branch_is_created_again(world: World) -> None:
    attempt(world).propose()
    world.downstream.git("update-ref", "-d", f"refs/heads/{SYNC}")

    attempt(world, MERGE, "git commit --allow-empty -qm x", number=2).propose()

    assert world.downstream.tip(SYNC) == world.downstream.tip(RECORD)


def test_a_branch_of_that_name_that_we_never_pushed_counts_as_a_persons(world: World) -> None:
    theirs = world.downstream.commit(SYNC, {"t": "t"})

    result = attempt(world).propose()

    assert result.outcome is Outcome.FOREIGN_COMMIT
    assert world.downstream.tip(SYNC) == theirs


def test_a_commit_without_the_branch_or_the_release_in_its_history_is_refused(world: World) -> None:
    script = "git checkout -q --orphan o; git commit -qm o; git branch -f x; git checkout -q x"
    run = attempt(world, script)
    run.steps()

    with pytest.raises(Untrustworthy, match="neither the branch nor the tag"):
        run.act("create-pr")

    assert world.downstream.tip(SYNC) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "<<<<<<< downstream: b (resync 0123abcd)\nx\n"),
        ("a.txt", "<<<<<<<<<< upstream: v1 (resync 0123abcd)\nx\n"),
        ("b.bin.resync-conflict", "how to resolve\n"),
    ],
)
def test_our_markers_and_stubs_are_never_published(world: World, name: str, content: str) -> None:
    run = attempt(world, MERGE, f"printf '{content}' >{name}; git add -A; git commit -qm x")
    run.steps()

    with pytest.raises(Stalled) as caught:
        run.act("create-pr")

    assert caught.value.reason == "ConflictMarkers"
    assert name in str(caught.value)


def test_other_lines_that_look_like_markers_are_fine(world: World) -> None:
    run = attempt(world, MERGE, "echo '<<<<<<< HEAD' >doc; git add doc; git commit -qm x")

    assert run.propose().outcome is Outcome.SYNCED


def test_fork_mode_pushes_to_a_fork_that_may_lack_history(world: World) -> None:
    fork = Repository(world.root / "bot" / "project")
    world.downstream.commit(BRANCH, {"old": "1"})
    world.downstream.commit(BRANCH, {"old": "2"})
    downstream = {
        "name": f"{HOST}/downstream/project",
        "branch": BRANCH,
        "fork": f"{HOST}/bot/project",
    }
    world.forge.repository = fork.path

    attempt(world, config={"downstream": downstream}).propose()

    tip = fork.tip(SYNC)
    assert tip is not None
    assert world.downstream.tip(SYNC) is None
    assert fork.git("show", f"{tip}~1:old") == "2"
    assert fork.git("fsck", "--connectivity-only", "--no-dangling") == ""


def test_a_push_that_the_host_refuses_is_reported(world: World) -> None:
    hook = world.downstream.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\necho 'error: GH013: Rule violations.' >&2\necho '- No secrets' >&2\nexit 1\n"
    )
    hook.chmod(0o755)
    run = attempt(world)
    run.steps()

    with pytest.raises(ResyncError) as caught:
        run.act("create-pr")

    assert isinstance(caught.value, Stalled)
    assert caught.value.reason == "PushRefused"
    told = "it said: error: GH013: Rule violations. - No secrets (pre-receive hook declined)"
    assert told in str(caught.value)
    assert world.forge.pulls == []


def test_a_branch_that_the_host_has_locked_is_pushed_later(world: World) -> None:
    lock = world.downstream.path / "refs" / "heads" / f"{SYNC}.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    run = attempt(world)
    run.steps()

    with pytest.raises(Transient):
        run.act("create-pr")

    lock.unlink()
    run.act("create-pr")
    assert world.downstream.tip(SYNC) is not None


def test_a_steps_forged_result_is_refused(world: World) -> None:
    run = attempt(world)
    run.steps()
    run.control.head.write_text("f" * 40)

    with pytest.raises(Untrustworthy):
        run.act("create-pr")

    assert world.downstream.tip(SYNC) is None
