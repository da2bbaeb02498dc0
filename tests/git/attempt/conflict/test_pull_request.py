"""The conflict pull request as people and the forge see it, and as hostile steps cannot misuse it."""

from pathlib import Path

from resync_argo.conflicts.authors import Authors
from resync_argo.conflicts.observe import observe_resolution
from resync_argo.conflicts.resolution import STATUS_CONTEXT
from resync_argo.forge.interface import CommitState, PullRequest, PullRequestState
from resync_argo.git import Remote
from tests.git.conflict_story import Files, Story, make_story, put, show
from tests.git.repositories import git

MERGE = "git merge --no-edit $UPSTREAM_REF"
BASE: Files = {"f.txt": "1\n2\n3\n", "b": b"\0base"}
DOWNSTREAM: Files = {"f.txt": "1\ndown\n3\n", "b": b"\0down"}
UPSTREAM: Files = {"f.txt": "1\nup\n3\n", "b": b"\0up"}


def story_of(tmp_path: Path, *scripts: str, **config: object) -> Story:
    return make_story(
        tmp_path / "world",
        scripts or [MERGE],
        base=BASE,
        downstream=DOWNSTREAM,
        upstream=UPSTREAM,
        config=config,
    )


def test_the_text_says_what_where_why_and_what_to_do(tmp_path: Path) -> None:
    story = story_of(tmp_path)

    pull = story.conflict()

    assert pull.title == "Resolve conflicts in 2 files: project 1.1.0 into release-1.0"
    for part in (
        "`git merge` in step `git merge --no-edit $UPSTREAM_REF` met a conflict in 2 files",
        "| `b` | binary |",
        "| `f.txt` | both modified |",
        "`Change downstream's side` (`Ada`) |",
        "`Change upstream's side` (`Ada`) |",
        "### In the browser",
        "### On a laptop",
        f"HEAD:refs/heads/{pull.head_branch}",
        "### Then",
        "[The run](https://argo.test/workflows/default/run)",
    ):
        assert part in pull.body


def test_the_attempt_reports_whose_commits_collide_and_says_so_once(tmp_path: Path) -> None:
    story = story_of(tmp_path)

    first, again = story.attempt(), story.attempt()

    assert first is not None
    assert again is not None
    assert Authors.parse(first.lines) == Authors(downstream=("Ada",), upstream=("Ada",))
    assert first.message == again.message
    assert Authors.parse(again.lines) == Authors()


def test_the_commands_for_a_laptop_work_verbatim(tmp_path: Path) -> None:
    story = story_of(tmp_path)
    pull = story.conflict()
    commands = pull.body.split("```sh\n")[1].split("```")[0]
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    git(laptop, "init", "-q")
    before, after = commands.split("git add --all")

    script = f"set -e\n{before}\nprintf 'done\\n' > f.txt\ngit rm -q b.resync-conflict\n"
    (laptop.parent / "script").write_text(script + f"git add --all{after}")
    git(laptop, "-c", "alias.x=!sh ../script", "x")

    assert story.world.downstream.show(pull.head_branch, "f.txt") == "done"
    assert story.diff(pull, "--name-only") == "f.txt"


def test_labels_and_reviewers_are_the_plans(tmp_path: Path) -> None:
    github = {
        "credentials": {"secretSelector": "s"},
        "labels": ["sync"],
        "reviewers": ["ada"],
        "teamReviewers": ["core"],
    }
    story = story_of(tmp_path, github=github)

    pull = story.conflict()

    assert story.world.forge.pulls[-1].labels == ("sync",)
    assert story.world.forge.reviewers[pull.number] == (("ada",), ("core",))


def look(story: Story, pull: PullRequest) -> str:
    remote = Remote(url=f"file://{story.world.downstream.path}")
    key = pull.head_branch.split("/")[-2]
    found = observe_resolution(remote, base=pull.base_branch, head=pull.head_branch, key=key)
    assert found is not None
    return found.description


def test_the_status_counts_what_is_left_and_turns_green(tmp_path: Path) -> None:
    story = story_of(tmp_path)
    pull = story.conflict()
    status = story.world.forge.statuses[pull.head_commit]
    assert (status.context, status.state) == (STATUS_CONTEXT, CommitState.FAILURE)
    assert status.description.startswith("2 files still have")
    assert look(story, pull) == status.description

    story.push(pull, {"f.txt": "1\nboth\n3\n"})
    assert look(story, pull).startswith("1 file still has")

    story.push(pull, {"b.resync-conflict": None})
    assert look(story, pull).startswith("Resolved")


def test_a_base_branch_that_was_rewritten_has_no_status(tmp_path: Path) -> None:
    story = story_of(tmp_path)
    pull = story.conflict()
    remote = Remote(url=f"file://{story.world.downstream.path}")
    story.world.downstream.git("update-ref", f"refs/heads/{pull.base_branch}", "release-1.0")

    found = observe_resolution(
        remote, base=pull.base_branch, head=pull.head_branch, key=pull.head_branch.split("/")[-2]
    )

    assert found is None


def test_a_base_branch_that_was_deleted_after_the_merge_is_asked_for_again(tmp_path: Path) -> None:
    story = story_of(tmp_path)
    first = story.conflict()
    story.resolve(first, {"f.txt": "1\nboth\n3\n", "b.resync-conflict": None})
    story.world.downstream.git("update-ref", "-d", f"refs/heads/{first.base_branch}")

    second = story.conflict()

    assert (second.number, second.state) == (2, PullRequestState.OPEN)
    assert f"{first.url} was merged, but its base branch is gone" in second.body
    assert story.world.downstream.show(second.head_branch, "f.txt") == "1\nboth\n3"
    story.merge(second)
    assert show(story.finish(), "f.txt") == "1\nboth\n3"


def test_the_second_of_several_steps_is_named(tmp_path: Path) -> None:
    story = story_of(tmp_path, "true", MERGE)

    pull = story.conflict()

    assert f"in step `{MERGE}`" in pull.body


def test_untrusted_names_mention_nobody_and_break_no_table(tmp_path: Path) -> None:
    name = "a|b `c` @team <!-- x"
    story = make_story(
        tmp_path / "world", [MERGE], base={}, downstream={name: "d\n"}, upstream={name: "u\n"}
    )

    pull = story.conflict()

    row = next(line for line in pull.body.splitlines() if "both added" in line)
    assert row.startswith("| `a\\|b 'c' @team <!-- x` | both added |")


def test_a_subject_with_control_characters_breaks_nothing(tmp_path: Path) -> None:
    story = story_of(tmp_path)
    put(story.world.upstream, "main", {"f.txt": "1\nup again\n3\n"}, "Odd \1 and \2 subject")
    story.world.upstream.git("tag", "-f", "v1.1.0", "main")

    pull = story.conflict()

    assert "`Change upstream's side`" in pull.body


def test_many_decisions_are_cut_between_lines_and_counted(tmp_path: Path) -> None:
    names = [f"vendor/{'deep/' * 20}{number:03d}" for number in range(60)]
    story = make_story(
        tmp_path / "world",
        [MERGE],
        base=BASE,
        downstream={**DOWNSTREAM, **dict.fromkeys(names, "d\n")},
        upstream={**UPSTREAM, **dict.fromkeys(names, "u\n")},
        config={"conflicts": [{"paths": ["vendor/**"], "resolve": "Upstream"}]},
    )

    lines = story.conflict().body.splitlines()

    rows = [line for line in lines if line.startswith("| `vendor/")]
    assert 10 < len(rows) < 60
    assert all(row.endswith(" | 1 (1 instead) |") for row in rows)
    assert f"… and {60 - len(rows)} more; the log of the step names them." in lines
