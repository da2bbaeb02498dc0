"""Whatever program left files unmerged, people are asked, and an unseen conflict is never published."""

from pathlib import Path

import pytest

from resync_argo.attempt.publish.leftovers import refuse_leftovers
from resync_argo.attempt.repository.step_objects import take_commits
from resync_argo.attempt.results import RESOLVER, load_result
from resync_argo.errors import Stalled
from tests.git.clones import Clone, Content, answer, make_clone, recorded_conflict, start_over
from tests.git.conflict_story import make_story

BASE = {"f.txt": "1\n2\n3\n", "doc.md": "text\n"}
DOWNSTREAM = {"f.txt": "1\ndown\n3\n"}
UPSTREAM = {"f.txt": "1\nup\n3\n", "new.txt": "new\n"}

UNSEEN = {
    "a login shell": 'bash -lc "git merge --no-edit upstream"',
    "git by its path": "/usr/bin/git merge --no-edit upstream",
    "no environment": 'env -i HOME="$HOME" PATH=/usr/bin:/bin git merge --no-edit upstream',
    "an alias": "git config alias.m merge\ngit m --no-edit upstream",
    "an alias for a shell": "git config alias.m '!git merge --no-edit upstream'\ngit m",
    "a merge of single files": (
        "git read-tree -m begin HEAD upstream\ngit merge-index -o git-merge-one-file -a"
    ),
}


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return make_clone(tmp_path, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM)


@pytest.mark.parametrize("name", UNSEEN)
@pytest.mark.parametrize("after", ["", " || true", " || exit 3", "\ntouch went-on"])
def test_unmerged_files_become_a_question_whatever_the_exit_code(
    clone: Clone, name: str, after: str
) -> None:
    done = clone.run(UNSEEN[name] + after)

    assert done.returncode == 10, done.stderr
    assert [path.path for path in recorded_conflict(clone).paths] == [b"f.txt"]
    assert not (clone.directory / "went-on").exists()


@pytest.mark.parametrize("name", [it for it in UNSEEN if "single" not in it])
def test_after_the_answer_the_script_goes_on(clone: Clone, name: str) -> None:
    start = clone.git("rev-parse", "HEAD")
    script = f"{UNSEEN[name]}\necho more >more\ngit add more\ngit commit -qm More"
    clone.run(script)
    answer(clone, {"f.txt": "both\n"})
    start_over(clone, start)

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.read("f.txt") == "both"
    assert clone.git("log", "-1", "--format=%s") == "More"
    assert clone.git("log", "-1", "--format=%P", "HEAD^").split() == [
        start,
        clone.git("rev-parse", "upstream"),
    ]


@pytest.mark.parametrize(
    "command", ["cherry-pick upstream", "merge --squash upstream", "revert --no-edit HEAD"]
)
def test_an_irreparable_conflict_is_reported_and_not_asked_for_ever(
    clone: Clone, command: str
) -> None:
    start = clone.commit("On top", {"f.txt": "1\ntop\n3\n"})
    start = clone.commit("More on top", {"f.txt": "1\nmore\n3\n"})
    command = command.replace("HEAD", "HEAD~1")
    script = f"/usr/bin/git {command}\ngit commit --allow-empty -qm After"
    clone.run(script)
    answer(clone, {"f.txt": "both\n"})
    start_over(clone, start)

    clone.run(script)

    said = load_result(clone.attempt, RESOLVER)
    assert said is not None
    assert (said.reason, "call `git` by its name" in said.message) == ("StepFailed", True)


@pytest.mark.parametrize(
    "commit", ["git add -A\ngit commit -qm x", "git commit -qam x", "git stage f.txt"]
)
def test_our_git_notices_a_conflict_of_another_program_before_it_is_marked_resolved(
    clone: Clone, commit: str
) -> None:
    head = clone.git("rev-parse", "HEAD")

    done = clone.run(f"/usr/bin/git merge --no-edit upstream || true\n{commit}")

    assert done.returncode == 10
    assert clone.git("rev-parse", "HEAD") == head


def commit_unseen(clone: Clone, script: str) -> str:
    """Run a script with no git but the machine's; return the commit that it leaves."""
    hidden = f"PATH=/usr/bin:/bin\nexport PATH\n{script}"
    done = clone.run(hidden)
    assert done.returncode == 0, done.stderr
    commit = clone.git("rev-parse", "HEAD")
    take_commits(clone.attempt, [commit])
    return commit


@pytest.mark.parametrize("size", [7, 8, 15])
def test_marker_lines_of_neither_side_are_never_published(clone: Clone, size: int) -> None:
    script = (
        f"echo 'f.txt conflict-marker-size={size}' >.git/info/attributes\n"
        "git merge --no-edit upstream || true\ngit add -A\ngit commit -qm sync"
    )
    commit = commit_unseen(clone, script)

    with pytest.raises(Stalled) as caught:
        refuse_leftovers(clone.attempt, commit)

    assert (caught.value.reason, "f.txt" in str(caught.value)) == ("ConflictMarkers", True)


PUT_ASIDE = {
    "git merge --no-edit upstream": "x~HEAD",
    "git merge --squash upstream": "x~HEAD",
    "git checkout -q -B work upstream; git cherry-pick main": r"x~\w{7,} \(Carry\)",
    "git format-patch -q --stdout begin..upstream >../p; git am -3 ../p": "x~HEAD",
    "git checkout -q -B work upstream; git format-patch -q --stdout begin..main >../p; git am -3 ../p": (
        "x~Carry"
    ),
    "git checkout -q begin; git read-tree -u --reset main; git stash -q; git checkout -q upstream;"
    "git stash pop": "x~Stashed changes",
}


@pytest.mark.parametrize("command", PUT_ASIDE)
def test_files_that_git_moved_aside_are_never_published(tmp_path: Path, command: str) -> None:
    clone = make_clone(
        tmp_path, base={"k": "k\n"}, downstream={"x": "f\n"}, upstream={"x/y": "inner\n"}
    )
    script = f"{command} || true\ngit add -A\ngit commit -qm sync"
    commit = commit_unseen(clone, script)

    with pytest.raises(Stalled, match=PUT_ASIDE[command]):
        refuse_leftovers(clone.attempt, commit)


def test_a_name_with_a_tilde_is_not_a_conflict(clone: Clone) -> None:
    script = (
        "git merge -q -Xours upstream\necho x >f.txt~\necho x >g~1\ngit add -A\ngit commit -qm x"
    )
    commit = commit_unseen(clone, script)

    refuse_leftovers(clone.attempt, commit)


EXAMPLE = "<<<<<<< HEAD\nan example\n=======\nof markers\n>>>>>>> other\n"


@pytest.mark.parametrize("side", ["downstream", "upstream"])
def test_a_sides_own_examples_of_markers_are_accepted(tmp_path: Path, side: str) -> None:
    files: dict[str, dict[str, Content]] = {"downstream": {"a": "a\n"}, "upstream": {"b": "b\n"}}
    files[side]["doc.md"] = EXAMPLE
    clone = make_clone(
        tmp_path,
        base={"k": "k\n"},
        downstream=files["downstream"],
        upstream=files["upstream"],
    )
    script = "git merge -q --no-edit upstream\ngit mv doc.md moved.md\ngit commit -qam Move"
    commit = commit_unseen(clone, script)

    refuse_leftovers(clone.attempt, commit)


SHOWN = "1\n<<<<<<< HEAD\ndown\n=======\nup\n>>>>>>> other\n3\n"


@pytest.mark.parametrize(
    "left",
    [
        {"f.txt": SHOWN},
        {"f.txt": SHOWN.replace("\n", "\r\n")},
        {"doc.md": f"{EXAMPLE}{SHOWN}"},
        {"doc.md": f"<<<<<<< HEAD\n{EXAMPLE}=======\nup\n>>>>>>> upstream\n"},
    ],
)
def test_examples_of_markers_hide_no_conflict(tmp_path: Path, left: dict[str, Content]) -> None:
    clone = make_clone(
        tmp_path, base={**BASE, "doc.md": EXAMPLE}, downstream=DOWNSTREAM, upstream=UPSTREAM
    )
    clone.git("merge", "-q", "-Xours", "-m", "Merge", "upstream")
    commit = clone.commit("Leave a conflict", left)
    take_commits(clone.attempt, [commit])

    with pytest.raises(Stalled, match=next(iter(left))):
        refuse_leftovers(clone.attempt, commit)


@pytest.mark.parametrize(
    "change",
    [
        {"doc.md": EXAMPLE.replace("an example", "a better example")},
        {"doc.md": None, "moved.md": EXAMPLE},
        {"doc.md": EXAMPLE.replace("\n", "\r\n")},
    ],
)
def test_an_example_may_be_edited_or_moved(tmp_path: Path, change: dict[str, Content]) -> None:
    clone = make_clone(
        tmp_path, base={**BASE, "doc.md": EXAMPLE}, downstream=DOWNSTREAM, upstream=UPSTREAM
    )
    clone.git("merge", "-q", "-Xours", "-m", "Merge", "upstream")
    commit = clone.commit("Change the manual", change)
    take_commits(clone.attempt, [commit])

    refuse_leftovers(clone.attempt, commit)


def test_the_run_reports_it_and_opens_nothing(tmp_path: Path) -> None:
    story = make_story(
        tmp_path / "world",
        [
            "bash -c 'PATH=/usr/bin:/bin; git merge --no-edit $UPSTREAM_TAG || true; git commit -qam x'"
        ],
        base=BASE,
        downstream=DOWNSTREAM,
        upstream=UPSTREAM,
    )
    story.finish()
    run = story.attempts[-1]
    head = run.control.head.read_text().strip()

    take_commits(run.attempt, [head])
    with pytest.raises(Stalled, match=r"nobody resolved, in `f\.txt`"):
        refuse_leftovers(run.attempt, head)
