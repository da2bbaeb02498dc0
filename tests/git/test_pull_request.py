"""The action `pull-request`: what is pushed, what is said, and whose work is left alone."""

from collections.abc import Mapping

import pytest

from resync_argo.attempt.control import Untrustworthy
from resync_argo.attempt.results import Result
from resync_argo.contract import Outcome
from resync_argo.errors import ResyncError, Stalled
from tests.git.builders import BRANCH, HOST, Repository, Run, World, pull_request_step

MERGE = "git merge $UPSTREAM_REF"
SYNC = "resync/z-release/1.1.0"
RECORD = "refs/resync/z-release/1.1.0"


def attempt(
    world: World,
    *scripts: str,
    number: int = 1,
    title: str = "Sync $UPSTREAM_VERSION",
    body: str = "",
    config: Mapping[str, object] | None = None,
) -> Run:
    step = pull_request_step(title, body)
    return world.attempt(*(scripts or (MERGE,)), step, number=number, config=config)


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


def test_records_what_it_pushed_beside_the_branch(world: World) -> None:
    attempt(world).propose()

    assert world.downstream.tip(RECORD) == world.downstream.tip(SYNC)


def test_says_what_was_merged(world: World) -> None:
    run = attempt(
        world,
        MERGE,
        "echo left >left.txt",
        body="See ${CHANGELOG}",
        config={"env": [{"name": "CHANGELOG", "value": "https://example.org/log"}]},
    )

    run.propose()

    body = world.forge.pulls[0].body
    assert body.startswith("See https://example.org/log\n")
    assert "`v1.1.0` for `release-1.0`, which contained `v1.0.0` before" in body
    assert "2 new upstream commits, 3 changed files" in body
    assert "- `left.txt`" in body
    assert "https://argo.test/workflows/default/run" in body


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


def test_what_we_pushed_before_is_replaced(world: World) -> None:
    attempt(world).propose()

    attempt(world, MERGE, "echo more >m; git add m; git commit -qm more", number=2).propose()

    assert world.downstream.show(SYNC, "m") == "more"
    assert world.downstream.tip(RECORD) == world.downstream.tip(SYNC)


def test_a_persons_commit_stays_and_is_told_once(world: World) -> None:
    attempt(world).propose()
    theirs = world.downstream.commit(SYNC, {"fix.txt": "by hand"})

    for number in (2, 3):
        result = attempt(world, MERGE, "git commit --allow-empty -qm x", number=number).propose()
        assert result.outcome is Outcome.FOREIGN_COMMIT

    assert world.downstream.tip(SYNC) == theirs
    (comment,) = world.forge.comments[1]
    assert theirs[:12] in comment.body


def test_a_branch_that_was_deleted_is_made_again(world: World) -> None:
    attempt(world).propose()
    world.downstream.git("update-ref", "-d", f"refs/heads/{SYNC}")

    attempt(world, MERGE, "git commit --allow-empty -qm x", number=2).propose()

    assert world.downstream.tip(SYNC) == world.downstream.tip(RECORD)


def test_a_branch_of_that_name_which_we_never_pushed_is_a_persons(world: World) -> None:
    theirs = world.downstream.commit(SYNC, {"t": "t"})

    result = attempt(world).propose()

    assert result.outcome is Outcome.FOREIGN_COMMIT
    assert world.downstream.tip(SYNC) == theirs


def test_an_edited_title_stays_and_the_body_is_kept_up_to_date(world: World) -> None:
    attempt(world).propose()
    world.forge.edit(1, title="My better title")

    attempt(world, MERGE, "git commit --allow-empty -qm x; echo y >y", number=2).propose()

    (kept,) = world.forge.pulls
    assert kept.title == "My better title"
    assert "`y`" in kept.body


def test_an_edited_body_stays(world: World) -> None:
    attempt(world).propose()
    edited = world.forge.pulls[0].body.replace("which contained", "WHICH CONTAINED")
    world.forge.edit(1, body=edited)

    attempt(world, MERGE, "echo y >y", number=2).propose()

    assert world.forge.pulls[0].body == edited


def test_a_closed_pull_request_is_followed_by_a_new_one(world: World) -> None:
    attempt(world).propose()
    world.forge.close_pull_request(1)

    attempt(world, number=2).propose()

    assert [pull.number for pull in world.forge.pulls] == [1, 2]


def test_labels_and_reviewers_are_asked_for_once(world: World) -> None:
    github = {
        "credentials": {"secretSelector": "s"},
        "labels": ["sync"],
        "reviewers": ["ada"],
        "teamReviewers": ["core"],
    }

    attempt(world, config={"github": github}).propose()

    assert world.forge.pulls[0].labels == ("sync",)
    assert world.forge.reviewers == {1: (("ada",), ("core",))}


def test_an_undefined_variable_fails_before_anything_is_pushed(world: World) -> None:
    run = attempt(world, title="Bug $BUGZILLA_ID: sync")
    run.steps()

    with pytest.raises(Stalled, match=r"\$BUGZILLA_ID") as caught:
        run.act("08-create-pr")

    assert caught.value.reason == "UndefinedVariable"
    assert world.downstream.tip(SYNC) is None


def test_steps_that_made_no_commit_have_nothing_to_propose(world: World) -> None:
    run = attempt(world, "true")
    run.steps()

    with pytest.raises(Stalled) as caught:
        run.act("08-create-pr")

    assert caught.value.reason == "NothingToPropose"


def test_a_forced_sync_of_what_is_contained_says_so(world: World) -> None:
    attempt(world).propose()
    tip = world.downstream.tip(SYNC)
    world.downstream.git("update-ref", f"refs/heads/{BRANCH}", tip or "")
    run = world.attempt(MERGE, pull_request_step(), number=2, parameters={"force": True})

    result = run.propose()

    assert result.outcome is Outcome.ALREADY_SYNCED


def test_a_rebase_is_published_with_a_warning(world: World) -> None:
    attempt(world, "git rebase $UPSTREAM_REF").propose()

    assert "does not build on `release-1.0`" in world.forge.pulls[0].body


def test_a_commit_that_builds_on_nothing_of_ours_is_refused(world: World) -> None:
    script = "git checkout -q --orphan o; git commit -qm o; git branch -f x; git checkout -q x"
    run = attempt(world, script)
    run.steps()

    with pytest.raises(Untrustworthy, match="neither the branch nor the tag"):
        run.act("08-create-pr")

    assert world.downstream.tip(SYNC) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "<<<<<<< downstream (resync 0123abcd)\nx\n"),
        ("b.bin.resync-conflict", "how to resolve\n"),
    ],
)
def test_markers_and_stubs_of_ours_are_never_published(
    world: World, name: str, content: str
) -> None:
    run = attempt(world, MERGE, f"printf '{content}' >{name}; git add -A; git commit -qm x")
    run.steps()

    with pytest.raises(Stalled) as caught:
        run.act("08-create-pr")

    assert caught.value.reason == "ConflictMarkers"
    assert name in str(caught.value)


def test_other_lines_that_look_like_markers_are_fine(world: World) -> None:
    run = attempt(world, MERGE, "echo '<<<<<<< HEAD' >doc; git add doc; git commit -qm x")

    assert run.propose().outcome is Outcome.SYNCED


def test_a_change_to_workflows_is_pointed_out(world: World) -> None:
    script = (
        "mkdir -p .github/workflows; echo x >.github/workflows/ci; git add -A; git commit -qm x"
    )

    attempt(world, MERGE, script).propose()

    assert "`.github/workflows`" in world.forge.pulls[0].body


def test_fork_mode_pushes_to_the_fork_which_may_know_little(world: World) -> None:
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


def test_a_push_that_the_host_refuses_is_told(world: World) -> None:
    hook = world.downstream.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho protected >&2\nexit 1\n")
    hook.chmod(0o755)
    run = attempt(world)
    run.steps()

    with pytest.raises(ResyncError) as caught:
        run.act("08-create-pr")

    assert isinstance(caught.value, Stalled)
    assert caught.value.reason == "PushRefused"
    assert world.forge.pulls == []


def test_a_step_that_forged_what_it_left_is_refused(world: World) -> None:
    run = attempt(world)
    run.steps()
    run.control.head.write_text("f" * 40)

    with pytest.raises(Untrustworthy):
        run.act("08-create-pr")

    assert world.downstream.tip(SYNC) is None


def test_a_forged_list_of_uncommitted_files_is_only_text(world: World) -> None:
    run = attempt(world)
    run.steps()
    run.control.uncommitted.write_bytes(b"?? a`b\n<!-- x -->\0?? \xff\xfe\0?? cut off")

    result: Result = run.act("08-create-pr")

    assert result.outcome is Outcome.SYNCED
    assert "- `a'b?<!-- x -->`" in world.forge.pulls[0].body
    assert "cut off" not in world.forge.pulls[0].body
