"""What people make of a conflict is taken up: whatever the merge method, and whatever else they did."""

import json
from pathlib import Path

import pytest

from resync_argo.attempt.conflict import read_conflict
from resync_argo.attempt.conflict_pull_request import publish_conflict
from resync_argo.errors import Stalled
from tests.git.builders import BRANCH, HOST, Repository, git
from tests.git.conflict_story import Fork, Story, history_has_markers, make_story, put, show
from tests.git.fakes import MemoryForge

BASE = {"f.txt": "1\n2\n3\n", "g.txt": "a\nb\nc\n", "caller.txt": "calls f\n\n\n\nand g\n"}
DOWNSTREAM = {"f.txt": "1\ndown\n3\n", "g.txt": "a\ndown\nc\n", "gone.txt": "gone\n"}
UPSTREAM = {"f.txt": "1\nup\n3\n", "g.txt": "a\nup\nc\n", "new.txt": "new\n"}
RESOLVED = {"f.txt": "1\nboth\n3\n", "g.txt": "a\nboth\nc\n"}
MERGE = ("git merge --no-edit $UPSTREAM_REF", "git log -1 --format=%s > subject.txt")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return make_story(
        tmp_path / "world", MERGE, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM
    )


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_a_resolution_becomes_part_of_the_merge(story: Story, method: str) -> None:
    head = story.world.downstream.tip(BRANCH)
    pull = story.conflict()
    story.resolve(pull, RESOLVED, method)
    story.world.forge.delete_branch(pull.head_branch)

    work_tree = story.finish()

    assert show(work_tree, "f.txt") == "1\nboth\n3"
    parents = git(work_tree, "log", "-1", "--format=%P").split()
    assert parents == [head, git(work_tree, "rev-parse", "v1.1.0")]
    assert not history_has_markers(work_tree)
    assert (work_tree / "subject.txt").exists()


def test_the_same_answer_gives_the_same_commit(story: Story) -> None:
    story.resolve(story.conflict(), RESOLVED)

    commits = {git(story.finish(), "rev-parse", "HEAD") for _ in range(2)}

    assert len(commits) == 1


def test_a_merged_pull_request_without_a_difference_means_downstreams_side(story: Story) -> None:
    pull = story.conflict()
    story.resolve(pull, {"f.txt": "1\ndown\n3\n", "g.txt": "a\ndown\nc\n"})
    assert story.diff(pull) == ""

    work_tree = story.finish()

    assert show(work_tree, "f.txt") == "1\ndown\n3"
    assert show(work_tree, "new.txt") == "new"


def test_everything_else_that_was_changed_is_taken_too(story: Story) -> None:
    pull = story.conflict()
    others: dict[str, str | None] = {
        "caller.txt": "calls f anew\n\n\n\nand g\n",
        "added.txt": "added\n",
        "gone.txt": None,
    }
    story.resolve(pull, {**RESOLVED, **others})

    work_tree = story.finish()

    assert show(work_tree, "caller.txt").startswith("calls f anew")
    assert show(work_tree, "added.txt") == "added"
    assert "gone.txt" not in git(work_tree, "ls-files").split()
    assert git(work_tree, "log", "-1", "--format=%P").count(" ") == 1


def test_what_fits_is_merged_where_the_branch_has_moved(story: Story) -> None:
    pull = story.conflict()
    story.resolve(pull, RESOLVED | {"caller.txt": "calls f anew\n\n\n\nand g\n"})
    put(story.world.downstream, BRANCH, {"caller.txt": "calls f\n\n\n\nand g, too\n"}, "Move on")

    work_tree = story.finish()

    assert show(work_tree, "caller.txt") == "calls f anew\n\n\n\nand g, too"
    assert show(work_tree, "f.txt") == "1\nboth\n3"


def test_what_no_longer_fits_is_asked_again_and_says_so(story: Story) -> None:
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


def test_a_change_beside_that_no_longer_fits_is_a_new_conflict(story: Story) -> None:
    first = story.conflict()
    story.resolve(first, RESOLVED | {"caller.txt": "the person's\n"})
    put(story.world.downstream, BRANCH, {"caller.txt": "somebody else's\n"}, "Move on")

    second = story.conflict()

    assert story.diff(second, "--name-only") == "caller.txt"
    assert story.world.downstream.show(second.base_branch, "caller.txt") == "the person's"
    story.resolve(second, {"caller.txt": "both\n"})
    work_tree = story.finish()
    assert show(work_tree, "caller.txt") == "both"
    assert show(work_tree, "f.txt") == "1\nboth\n3"


def test_a_merge_with_markers_left_is_told_once_and_asked_again(story: Story) -> None:
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


def test_what_was_changed_beside_unresolved_files_is_not_lost(story: Story) -> None:
    first = story.conflict()
    story.resolve(first, {"added.txt": "added\n"})

    second = story.conflict()

    assert story.world.downstream.show(second.base_branch, "added.txt") == "added"
    story.resolve(second, RESOLVED)
    assert show(story.finish(), "added.txt") == "added"


def test_moving_the_markers_to_another_file_is_no_resolution(story: Story) -> None:
    pull = story.conflict()

    def rename(folder: Path) -> None:
        git(folder, "mv", "f.txt", "elsewhere.txt")
        (folder / "g.txt").write_text("a\nboth\nc\n")

    story.push(pull, rename)
    story.merge(pull)

    second = story.conflict()

    assert story.diff(second, "--name-only") == "f.txt"


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
    assert f"**Resolved by people before:**\n\n- {first.url}: 1 file" in second.body
    story.resolve(second, {"g.txt": "a\nsecond resolved\nc\n"})
    work_tree = story.finish()

    assert show(work_tree, "f.txt") == "1\nfirst resolved\n3"
    assert show(work_tree, "g.txt") == "a\nsecond resolved\nc"
    subjects = git(work_tree, "log", "--format=%s", "v1.1.0..HEAD").split("\n")
    assert subjects == ["Second", "Change downstream's side"]
    assert (work_tree / "went-on").exists()


def test_the_markers_name_the_same_sides_in_a_rebase(tmp_path: Path) -> None:
    story = make_story(
        tmp_path / "world",
        ["git rebase $UPSTREAM_REF"],
        base={"f": "1\n"},
        downstream={"f": "down\n"},
        upstream={"f": "up\n"},
    )

    pull = story.conflict()

    text = story.world.downstream.show(pull.head_branch, "f").split("\n")
    assert [line.split(" (")[0] for line in text] == [
        "<<<<<<< downstream",
        "down",
        "=======",
        "up",
        ">>>>>>> upstream",
    ]


def test_an_open_pull_request_keeps_what_people_pushed(story: Story) -> None:
    pull = story.conflict()
    story.push(pull, {"g.txt": "a\nboth\nc\n"})
    pushed = story.world.downstream.tip(pull.head_branch)

    assert story.conflict().number == pull.number

    assert story.world.downstream.tip(pull.head_branch) == pushed


def test_a_closed_pull_request_is_asked_anew_when_the_sync_is_tried_again(story: Story) -> None:
    pull = story.conflict()
    story.world.forge.close_pull_request(pull.number)

    again = story.conflict()

    assert (again.number, again.head_branch) == (pull.number + 1, pull.head_branch)


def test_a_step_that_does_not_do_the_same_twice_fails_with_its_name(tmp_path: Path) -> None:
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

    with pytest.raises(Stalled, match="does not do the same twice") as error:
        story.conflict()

    assert error.value.reason == "NotReproducible"
    assert "`f.txt`" in str(error.value)


def test_a_changed_plan_may_conflict_differently(tmp_path: Path) -> None:
    story = make_story(
        tmp_path / "world",
        ["echo first > f.txt\ngit commit -qam Generated\ngit merge --no-edit $UPSTREAM_REF"],
        base=BASE,
        downstream=DOWNSTREAM,
        upstream=UPSTREAM,
    )
    story.resolve(story.conflict(), RESOLVED)
    story.scripts = (story.scripts[0].replace("first", "second"),)
    story.workflow = "run-of-the-changed-plan"

    assert story.diff(story.conflict(), "--name-only") == "f.txt"


def test_an_answer_that_is_not_needed_any_more_is_told(story: Story) -> None:
    first = story.conflict()
    story.resolve(first, RESOLVED)
    fixed = {"f.txt": "1\nup\n3\n", "g.txt": "a\nup\nc\n", "caller.txt": "mine\n"}
    put(story.world.downstream, BRANCH, fixed, "Take upstream's")
    put(story.world.upstream, "main", {"caller.txt": "theirs\n"}, "Call")
    story.world.upstream.git("tag", "-f", "v1.1.0", "main")

    second = story.conflict()

    assert f"- {first.url}: **not used**" in second.body


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


def test_with_a_fork_the_conflict_is_asked_there(tmp_path: Path) -> None:
    fork = Repository(tmp_path / "world" / "fork" / "project")
    downstream = {
        "name": f"{HOST}/downstream/project",
        "branch": BRANCH,
        "fork": f"{HOST}/fork/project",
    }
    story = make_story(
        tmp_path / "world",
        MERGE,
        base=BASE,
        downstream=DOWNSTREAM,
        upstream=UPSTREAM,
        config={"downstream": downstream},
    )
    story.fork = Fork(repository=fork, forge=MemoryForge(fork.path))

    pull = story.conflict()

    assert story.world.forge.pulls == []
    assert story.world.downstream.git("for-each-ref", "refs/heads/resync") == ""
    story.resolve(pull, RESOLVED)
    assert show(story.finish(), "f.txt") == "1\nboth\n3"
