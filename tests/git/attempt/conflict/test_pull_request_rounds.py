"""Conflicts are asked about until they are resolved, and never needlessly."""

import json
from pathlib import Path

import pytest

from resync_argo.attempt.conflict.pull_request import publish_conflict
from resync_argo.attempt.conflict.stop import read_conflict
from resync_argo.errors import Stalled
from tests.git.builders import BRANCH
from tests.git.conflict_story import (
    BASE,
    DOWNSTREAM,
    RESOLVED,
    UPSTREAM,
    Story,
    make_story,
    put,
    show,
)
from tests.git.repositories import git


def test_an_answer_that_no_longer_fits_is_asked_again_and_says_so(story: Story) -> None:
    first = story.conflict()
    story.resolve(first, RESOLVED)
    put(story.world.downstream, BRANCH, {"f.txt": "1\ndown again\n3\n"}, "Move on")

    second = story.conflict()

    assert second.number != first.number
    assert story.diff(second, "--name-only") == "f.txt"
    assert f"`f.txt` was resolved in {first.url}, but the branch has moved since" in second.body
    story.resolve(second, {"f.txt": "1\nall three\n3\n"})
    work_tree = story.finish()
    assert show(work_tree, "f.txt") == "1\nall three\n3"
    assert show(work_tree, "g.txt") == "a\nboth\nc"


def test_a_merge_with_markers_left_is_reported_once_and_asked_again(story: Story) -> None:
    first = story.conflict()
    story.resolve(first, {"g.txt": "a\nboth\nc\n"})

    second = story.conflict()
    assert story.conflict() == second

    (comment,) = story.world.forge.comments[first.number]
    assert "- `f.txt`" in comment.body
    assert "`g.txt`" not in comment.body
    assert story.diff(second, "--name-only") == "f.txt"
    assert f"`f.txt` was left unresolved in {first.url}" in second.body
    story.resolve(second, {"f.txt": "1\nboth\n3\n"})
    assert show(story.finish(), "g.txt") == "a\nboth\nc"


def test_a_merge_that_resolves_nothing_is_asked_again_in_another_pull_request(story: Story) -> None:
    first = story.conflict()
    shown = story.diff(first, "--name-only")
    story.merge(first)

    second = story.conflict()

    assert second.number != first.number
    assert second.head_branch != first.head_branch
    assert story.diff(second, "--name-only") == shown
    story.resolve(second, RESOLVED)
    assert show(story.finish(), "f.txt") == "1\nboth\n3"


def test_a_rebase_with_several_conflicts_is_several_pull_requests(tmp_path: Path) -> None:
    story = make_story(
        tmp_path / "world",
        ["git rebase $UPSTREAM_REF", "touch went-on"],
        base=BASE,
        downstream={"f.txt": "1\nfirst\n3\n"},
        upstream=UPSTREAM,
    )
    put(story.world.downstream, BRANCH, {"g.txt": "a\nsecond\nc\n"}, "Second")

    first = story.conflict()
    assert story.diff(first, "--name-only") == "f.txt"
    assert "`git rebase`" in first.body
    story.resolve(first, {"f.txt": "1\nfirst resolved\n3\n"})
    second = story.conflict()
    assert story.diff(second, "--name-only") == "g.txt"
    assert f"**Conflicts resolved by people:**\n\n- {first.url}: 1 file, by `Ada`" in second.body
    story.resolve(second, {"g.txt": "a\nsecond resolved\nc\n"})
    work_tree = story.finish()

    assert show(work_tree, "f.txt") == "1\nfirst resolved\n3"
    assert show(work_tree, "g.txt") == "a\nsecond resolved\nc"
    subjects = git(work_tree, "log", "--format=%s", "v1.1.0..HEAD").split("\n")
    assert subjects == ["Second", "Change downstream's side"]
    assert (work_tree / "went-on").exists()


def test_an_open_pull_request_keeps_what_people_pushed(story: Story) -> None:
    pull = story.conflict()
    story.push(pull, {"g.txt": "a\nboth\nc\n"})
    pushed = story.world.downstream.tip(pull.head_branch)

    assert story.conflict().number == pull.number

    assert story.world.downstream.tip(pull.head_branch) == pushed


def test_a_retry_asks_the_question_of_a_closed_pull_request_again(story: Story) -> None:
    pull = story.conflict()
    story.world.forge.close_pull_request(pull.number)

    again = story.conflict()

    assert (again.number, again.head_branch) == (pull.number + 1, pull.head_branch)


def test_a_step_that_is_not_deterministic_fails_with_its_name(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("first\n")
    story = make_story(
        tmp_path / "world",
        [f"cat {counter} > f.txt\ngit commit -qam Generated\ngit merge --no-edit $UPSTREAM_REF"],
        base=BASE,
        downstream=DOWNSTREAM,
        upstream=UPSTREAM,
    )
    story.resolve(story.conflict(), RESOLVED)
    counter.write_text("second\n")

    with pytest.raises(Stalled, match="is not reproducible") as error:
        story.conflict()

    assert error.value.reason == "NotReproducible"
    assert "`f.txt`" in str(error.value)


def test_a_changed_plan_may_conflict_differently(tmp_path: Path) -> None:
    script = "echo first > f.txt\ngit commit -qam Generated\ngit merge --no-edit $UPSTREAM_REF"
    story = make_story(
        tmp_path / "world",
        [script],
        base=BASE,
        downstream=DOWNSTREAM,
        upstream=UPSTREAM,
    )
    story.resolve(story.conflict(), RESOLVED)
    story.scripts = (script.replace("first", "second"),)
    story.workflow = "run-of-the-changed-plan"

    assert story.diff(story.conflict(), "--name-only") == "f.txt"


def test_no_more_than_fifty_rounds_are_asked(story: Story) -> None:
    story.resolve(story.conflict(), {"f.txt": "1\nboth\n3\n"})
    story.conflict()
    attempt = story.attempts[-1].attempt
    file = attempt.layout.trusted / "resolutions.json"
    saved = json.loads(file.read_text())
    file.write_text(json.dumps({"merged": saved["merged"] * 50}))
    stop = read_conflict(attempt)
    assert stop is not None

    with pytest.raises(Stalled) as error:
        publish_conflict(attempt, stop)

    assert error.value.reason == "TooManyRounds"


def test_publishing_twice_asks_once(story: Story) -> None:
    pull = story.conflict()
    attempt = story.attempts[-1].attempt
    stop = read_conflict(attempt)
    assert stop is not None

    again = publish_conflict(attempt, stop)

    assert again.pull_request == pull.url
    assert len(story.world.forge.pulls) == 1
