"""A pull request's text about a commit, and its respect for people's edits and commits; runs no steps."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from resync_argo.attempt.results import Result
from resync_argo.attempt.steps.control import Untrustworthy
from resync_argo.contract import Outcome
from resync_argo.errors import Stalled
from resync_argo.forge.interface import PullRequest
from tests.git.builders import BRANCH, Run, World
from tests.git.fakes import MemoryForge
from tests.git.proposals import SYNC, committed

FILES = {"ours.txt": "ours\n"}
"""What the branch has besides the release."""


@dataclass
class CountsUpdates(MemoryForge):
    """Counts how often a pull request was changed."""

    updates: int = 0

    def update_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        """See `Forge`."""
        self.updates += 1
        return super().update_pull_request(number, title=title, body=body)


def propose(run: Run) -> Result:
    return run.act("create-pr")


def body_of(world: World, files: dict[str, Any], **more: Any) -> str:
    propose(committed(world, files, **more)[0])
    return world.forge.pulls[0].body


def test_counts_what_is_new(world: World) -> None:
    run, commit = committed(
        world, {**FILES, "b.txt": None, "z.txt": "b\n"}, title="Sync  $UPSTREAM_VERSION"
    )

    result = propose(run)

    (opened,) = world.forge.pulls
    assert (result.pull_request, opened.title) == (opened.url, "Sync 1.1.0")
    assert (opened.head_branch, opened.base_branch) == (SYNC, BRANCH)
    assert world.downstream.tip(SYNC) == commit
    assert "2 new upstream commits, 5 changed files" in opened.body
    assert "**Merge this with a merge commit.**" in opened.body
    for not_so in ("It does not", "Not included", ".github", "reverted"):
        assert not_so not in opened.body


def test_a_pick_and_a_rebase_are_pointed_out(world: World) -> None:
    picked = body_of(world, {"x": "x"}, on=("head",))
    assert "**It does not contain the tag `v1.1.0`.**" in picked
    assert "rewrote" not in picked
    assert "merge commit" not in picked

    world.forge.close_pull_request(1)
    propose(committed(world, {"x": "x"}, on=("tag",), number=2)[0])
    rebased = world.forge.pulls[1].body
    assert "**The steps rewrote the history of `release-1.0`**" in rebased
    assert "does not contain" not in rebased
    assert "merge commit" not in rebased


def test_a_change_to_workflows_is_pointed_out(world: World) -> None:
    body = body_of(world, {**FILES, ".github/workflows/ci": "x"})

    assert "It changes `.github/workflows`" in body


def test_uncommitted_files_are_listed(world: World) -> None:
    run, _ = committed(world, FILES)
    run.control.uncommitted.write_bytes(b"?? left\0R  new name\0old name\0 M last\0?? cu")

    propose(run)

    (body,) = [pull.body for pull in world.forge.pulls]
    assert "that they did not commit.\n\n- `left`\n- `new name`\n- `last`\n\n[The run]" in body


def test_a_release_that_the_branch_reverted_is_mentioned(world: World) -> None:
    head, release = (
        world.downstream.tip(BRANCH) or "",
        world.upstream.git("rev-parse", "v1.1.0~1"),
    )
    world.downstream.git("fetch", "-q", str(world.upstream.path), f"{release}:refs/heads/tmp")
    merge = world.downstream.commit(BRANCH, {"m": "m"}, parents=(head, release))
    told = f'Revert "Merge"\n\nThis reverts commit {merge}.'
    revert = world.downstream.commit(BRANCH, {"m": None}, message=told)
    run, _ = committed(world, FILES)
    run.attempt.save(run.attempt.replay_input().model_copy(update={"previous_commit": release}))

    propose(run)

    body = world.forge.pulls[0].body
    assert f"**The branch reverted the merge of `v1.0.0`** in `{revert[:12]}`" in body


def test_a_previous_release_that_nobody_reverted_is_not_mentioned(world: World) -> None:
    run, _ = committed(world, FILES)
    previous = world.upstream.git("rev-parse", "v1.0.0")
    run.attempt.save(run.attempt.replay_input().model_copy(update={"previous_commit": previous}))

    propose(run)

    assert "reverted" not in world.forge.pulls[0].body


def test_without_a_commit_there_is_nothing_to_propose(world: World) -> None:
    run, _ = committed(world, FILES)
    seen = run.attempt.replay_input()
    run.control.head.write_text(seen.head)
    with pytest.raises(Stalled) as told:
        propose(run)
    assert told.value.reason == "NothingToPropose"

    run.control.head.unlink()
    with pytest.raises(Untrustworthy, match="No step ran"):
        propose(run)
    assert world.downstream.tip(SYNC) is None


def test_a_release_in_the_branch_is_synced_already(world: World) -> None:
    run, _ = committed(world, FILES)
    seen = run.attempt.replay_input()
    run.control.head.write_text(seen.head)
    contained = world.upstream.git("rev-parse", "v1.0.0")
    run.attempt.save(seen.model_copy(update={"tag_commit": contained}))

    assert propose(run).outcome is Outcome.ALREADY_SYNCED


@pytest.mark.parametrize(
    ("files", "on", "told"),
    [
        (FILES, (), "descends from neither"),
        ({"a.txt": "<<<<<<< downstream: b (resync 0123abcd)\n"}, ("tag", "head"), "in `a.txt`"),
    ],
)
def test_an_unpublishable_commit_is_not_pushed(
    world: World, files: dict[str, str], on: tuple[str, ...], told: str
) -> None:
    run, _ = committed(world, files, on=on)

    with pytest.raises((Untrustworthy, Stalled), match=told):
        propose(run)

    assert world.downstream.tip(SYNC) is None
    assert world.forge.pulls == []


@pytest.mark.parametrize("title", [True, False], ids=["title", "no title"])
@pytest.mark.parametrize("body", [True, False], ids=["body", "no body"])
def test_a_persons_edits_stay_and_the_rest_is_kept_up_to_date(
    world: World, *, title: bool, body: bool
) -> None:
    forge = CountsUpdates(world.downstream.path)
    world = replace(world, forge=forge)
    propose(committed(world, FILES, title="Old", body="Old words")[0])
    if title:
        forge.edit(1, title="Mine")
    if body:
        forge.edit(1, body=forge.pulls[0].body.replace("Old words", "My words"))

    propose(committed(world, {**FILES, "x": "x"}, title="New", body="New words", number=2)[0])

    (kept,) = forge.pulls
    assert kept.title == ("Mine" if title else "New")
    assert kept.body.startswith("My words" if body else "New words")
    assert forge.updates == (0 if title and body else 1)


@pytest.mark.parametrize("changed", ["title", "body", "nothing"])
def test_only_news_is_written(world: World, changed: str) -> None:
    forge = CountsUpdates(world.downstream.path)
    world = replace(world, forge=forge)
    words = {"title": "Old", "body": "Old words"}
    propose(committed(world, FILES, **words)[0])

    if changed in words:
        words[changed] = "New"
    propose(committed(world, FILES, number=2, **words)[0])

    assert forge.updates == (0 if changed == "nothing" else 1)
    assert forge.pulls[0].title == ("New" if changed == "title" else "Old")


def test_a_closed_pull_request_is_followed_by_a_new_one_with_its_labels(world: World) -> None:
    github = {"credentials": {"secretSelector": "s"}, "labels": ["sync"]}
    config = {"github": github}
    propose(committed(world, FILES, config=config)[0])
    world.forge.close_pull_request(1)

    propose(committed(world, FILES, config=config, number=2)[0])
    world.forge.pulls[1] = replace(world.forge.pulls[1], labels=())
    propose(committed(world, FILES, config=config, number=3)[0])

    assert [pull.labels for pull in world.forge.pulls] == [("sync",), ("sync",)]


def test_a_persons_commit_is_reported_once_on_the_pull_request(world: World) -> None:
    propose(committed(world, FILES)[0])
    theirs = world.downstream.commit(SYNC, {"fix.txt": "by hand"})
    world.forge.comment(1, "Hello")

    for number in (2, 3):
        result = propose(committed(world, {**FILES, "x": "x"}, number=number)[0])
        assert result.outcome is Outcome.FOREIGN_COMMIT
        assert result.pull_request == world.forge.pulls[0].url
        world.forge.comment(1, "Thanks")

    told = [comment.body for comment in world.forge.comments[1]]
    assert [theirs[:12] in text for text in told] == [False, True, False, False]
    assert world.downstream.tip(SYNC) == theirs


def test_a_persons_branch_without_a_pull_request_is_reported_in_the_result(world: World) -> None:
    theirs = world.downstream.commit(SYNC, {"t": "t"})

    result = propose(committed(world, FILES)[0])

    assert result.outcome is Outcome.FOREIGN_COMMIT
    assert theirs[:12] in result.message
    assert result.pull_request is None
    assert world.forge.comments == {}


def test_the_steps_summaries_are_in_their_order(world: World) -> None:
    run, _ = committed(world, FILES)
    first, *_, last = [step.container for step in run.attempt.contract.steps]
    run.control.summary(last).write_text("second\n")
    run.control.summary(first).write_text("first, @jane\n")

    propose(run)

    assert "The steps say:\n\n> first, @\u200bjane\n>\n> second\n" in world.forge.pulls[0].body


def test_a_steps_summary_hides_nothing_that_a_reviewer_must_see(world: World) -> None:
    run, _ = committed(world, FILES)
    run.control.summary(run.attempt.contract.steps[0].container).write_text("\n<b>" * 50_000)

    propose(run)

    (opened,) = world.forge.pulls
    assert "… (cut)" in opened.body
    assert "**Merge this with a merge commit.**" in opened.body


def test_a_summary_that_is_a_link_is_not_followed(world: World) -> None:
    run, _ = committed(world, FILES)
    run.control.summary(run.attempt.contract.steps[0].container).symlink_to("/etc/passwd")

    with pytest.raises(Untrustworthy, match="replaced the file"):
        propose(run)
