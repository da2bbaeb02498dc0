"""People's resolution of a conflict is used, whatever the merge method and whatever else they did."""

from pathlib import Path

import pytest

from tests.git.builders import BRANCH, HOST
from tests.git.conflict_story import (
    BASE,
    DOWNSTREAM,
    MERGE,
    RESOLVED,
    UPSTREAM,
    Fork,
    Story,
    history_has_markers,
    make_story,
    put,
    show,
)
from tests.git.fakes import MemoryForge
from tests.git.repositories import Repository, git


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


def test_all_other_changes_are_used_too(story: Story) -> None:
    pull = story.conflict()
    others: dict[str, str | None] = {
        "caller.txt": "calls f again\n\n\n\nand g\n",
        "added.txt": "added\n",
        "gone.txt": None,
    }
    story.resolve(pull, {**RESOLVED, **others})

    work_tree = story.finish()

    assert show(work_tree, "caller.txt").startswith("calls f again")
    assert show(work_tree, "added.txt") == "added"
    assert "gone.txt" not in git(work_tree, "ls-files").split()
    assert git(work_tree, "log", "-1", "--format=%P").count(" ") == 1


def test_changes_that_still_fit_are_merged_after_the_branch_moved(story: Story) -> None:
    pull = story.conflict()
    story.resolve(pull, RESOLVED | {"caller.txt": "calls f again\n\n\n\nand g\n"})
    put(story.world.downstream, BRANCH, {"caller.txt": "calls f\n\n\n\nand g, too\n"}, "Move on")

    work_tree = story.finish()

    assert show(work_tree, "caller.txt") == "calls f again\n\n\n\nand g, too"
    assert show(work_tree, "f.txt") == "1\nboth\n3"


def test_another_change_that_no_longer_fits_is_a_new_conflict(story: Story) -> None:
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


def test_changes_beside_a_later_answer_are_used_too(story: Story) -> None:
    first = story.conflict()
    story.resolve(first, RESOLVED | {"caller.txt": "the person's\n"})
    put(story.world.downstream, BRANCH, {"caller.txt": "somebody else's\n"}, "Move on")
    second = story.conflict()
    story.resolve(second, {"caller.txt": "both\n", "extra.txt": "extra\n"})

    work_tree = story.finish()

    assert show(work_tree, "caller.txt") == "both"
    assert show(work_tree, "extra.txt") == "extra"


def test_changes_beside_answers_that_no_longer_fit_are_kept(story: Story) -> None:
    first = story.conflict()
    story.resolve(first, RESOLVED | {"caller.txt": "calls f again\n\n\n\nand g\n"})
    moved = {"f.txt": "1\nfurther down\n3\n", "g.txt": "a\nfurther down\nc\n"}
    put(story.world.downstream, BRANCH, moved, "Move on")

    second = story.conflict()

    assert story.diff(second, "--name-only") == "f.txt\ng.txt"
    assert "no longer applies" in second.body
    story.resolve(second, RESOLVED)
    assert show(story.finish(), "caller.txt").startswith("calls f again")


def test_changes_beside_a_later_steps_conflict_wait_for_that_step(tmp_path: Path) -> None:
    other = (
        "git checkout -q -b other v1.0.5\nprintf '1\\nother\\n3\\n' >f.txt\necho other >caller.txt\n"
        "git commit -qam Other\ngit checkout -q -\ngit merge --no-edit other"
    )
    scripts = [MERGE[0], other]
    story = make_story(
        tmp_path / "world", scripts, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM
    )
    story.resolve(story.conflict(), RESOLVED)
    second = story.conflict()
    assert story.diff(second, "--name-only") == "f.txt"
    story.resolve(second, {"f.txt": "1\nall\n3\n", "caller.txt": "the person's\n"})
    put(story.world.downstream, BRANCH, {"f.txt": "1\nfurther down\n3\n"}, "Move on")

    third = story.conflict()
    assert story.diff(third, "--name-only") == "f.txt"
    story.resolve(third, {"f.txt": "1\nanew\n3\n"})
    fourth = story.conflict()

    assert story.diff(fourth, "--name-only") == "f.txt"
    assert story.world.downstream.show(fourth.base_branch, "caller.txt") == "the person's"


@pytest.mark.parametrize(
    "change", ["up\n\n\n\nand g, too\n", "calls f again\n\n\n\nand g\n"], ids=["fits", "does not"]
)
def test_another_change_to_a_file_that_now_conflicts_leaves_both_sides_in_it(
    story: Story, change: str
) -> None:
    fits = "too" in change
    put(story.world.upstream, "main", {"caller.txt": "up\n\n\n\nand g\n"}, "Call")
    story.world.upstream.git("tag", "-f", "v1.1.0", "main")
    first = story.conflict()
    story.resolve(first, RESOLVED | {"caller.txt": change})
    put(story.world.downstream, BRANCH, {"caller.txt": "down\n\n\n\nand g\n"}, "Move on")

    second = story.conflict()

    text = story.world.downstream.show(second.head_branch, "caller.txt").split("\n")
    assert [text[1], text[3:6]] == ["down", ["calls f", "=======", "up"]]
    assert ("and g, too" in text) is fits
    assert (f"`caller.txt` was changed in {first.url}, too" in second.body) is not fits
    story.resolve(second, {"caller.txt": "all of it\n"})
    assert show(story.finish(), "caller.txt") == "all of it"


def test_changes_beside_unresolved_files_are_not_lost(story: Story) -> None:
    first = story.conflict()
    story.resolve(first, {"added.txt": "added\n"})

    second = story.conflict()

    assert story.world.downstream.show(second.base_branch, "added.txt") == "added"
    story.resolve(second, RESOLVED)
    assert show(story.finish(), "added.txt") == "added"


def test_moving_the_markers_to_another_file_is_not_a_resolution(story: Story) -> None:
    pull = story.conflict()

    def rename(folder: Path) -> None:
        git(folder, "mv", "f.txt", "elsewhere.txt")
        (folder / "g.txt").write_text("a\nboth\nc\n")

    story.push(pull, rename)
    story.merge(pull)

    second = story.conflict()

    assert story.diff(second, "--name-only") == "f.txt"


def test_the_markers_name_both_sides_in_gits_order_in_a_rebase_too(tmp_path: Path) -> None:
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
        "<<<<<<< upstream: v1.1.0",
        "up",
        "||||||| ancestor",
        "1",
        "=======",
        "down",
        ">>>>>>> downstream: release-1.0",
    ]


def test_an_answer_that_is_no_longer_needed_is_reported(story: Story) -> None:
    first = story.conflict()
    story.resolve(first, RESOLVED)
    fixed = {"f.txt": "1\nup\n3\n", "g.txt": "a\nup\nc\n", "caller.txt": "mine\n"}
    put(story.world.downstream, BRANCH, fixed, "Take upstream's")
    put(story.world.upstream, "main", {"caller.txt": "theirs\n"}, "Call")
    story.world.upstream.git("tag", "-f", "v1.1.0", "main")

    second = story.conflict()

    assert f"- {first.url}: **not used**" in second.body


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
