"""The conflict pull request names the two commits that collide at each place, and gives more help."""

from pathlib import Path

from tests.git.builders import BRANCH
from tests.git.conflict_story import Story, make_story, put
from tests.git.repositories import git

LINES = [f"{number}\n" for number in range(1, 41)]


def text(**changes: str | None) -> str:
    """Return forty lines with some changed; None removes one."""
    lines = dict(enumerate(LINES, start=1)) | {int(k[1:]): v for k, v in changes.items()}
    return "".join(line for line in lines.values() if line is not None)


def story_of(root: Path, *scripts: str) -> Story:
    """Return a story with two conflicting places, each from different commits on both sides."""
    story = make_story(
        root / "world",
        scripts or ["git merge --no-edit $UPSTREAM_REF"],
        base={"f.txt": text()},
        downstream={"f.txt": text(n5="own\n")},
        upstream={"f.txt": text(n5="their\n")},
    )
    world = story.world
    both = text(n5="own\n", n30=None)
    put(world.downstream, BRANCH, {"f.txt": both}, "OCPBUGS-7: drop it (#12)")
    put(world.downstream, BRANCH, {"other.txt": "x\n"}, "Unrelated")
    their = text(n5="their\n", n30="their\n")
    put(world.upstream, "main", {"f.txt": their}, "Merge pull request #345 from ada/x")
    world.upstream.git("tag", "-f", "v1.1.0", "main")
    return story


def test_each_place_names_both_commits_with_their_pull_requests(tmp_path: Path) -> None:
    pull = story_of(tmp_path).conflict()

    rows = [line for line in pull.body.splitlines() if " line " in line]
    assert len(rows) == 2
    assert "| `f.txt` | both modified, line 5 |" in rows[0]
    assert "`Change downstream's side` (`Ada`) |" in rows[0]
    assert "`Change upstream's side` (`Ada`) |" in rows[0]
    assert "OCPBUGS-7" not in rows[0]
    assert "`OCPBUGS-7: drop it (#12)` (`Ada`)" in rows[1]
    assert "`Merge pull request #345 from ada/x`" in rows[1]
    assert "[#345](https://forge.test/upstream/project/pull/345)" in rows[1]


def test_a_rebase_names_the_commit_that_stopped_and_the_progress(tmp_path: Path) -> None:
    pull = story_of(tmp_path, "git rebase $UPSTREAM_REF").conflict()

    assert "`Change downstream's side` (`Ada`) (1 of 3)" in pull.body


def test_either_side_of_a_file_is_one_command(tmp_path: Path) -> None:
    story = story_of(tmp_path)
    pull = story.conflict()
    commands = [line for line in pull.body.splitlines() if line.startswith("git checkout ")]
    folder = story.clone_of(pull.head_branch)

    taken = {}
    for command in commands:
        words = command.partition("#")[0].split()[1:]
        git(folder, *words)
        taken[command.partition("# ")[2]] = (folder / "f.txt").read_text()

    assert taken == {
        "downstream's": text(n5="own\n", n30=None),
        "upstream's": text(n5="their\n", n30="their\n"),
    }


def test_files_that_downstream_never_changed_say_so(tmp_path: Path) -> None:
    story = make_story(
        tmp_path / "world",
        ["git merge --no-edit $UPSTREAM_REF"],
        base={"f.txt": text()},
        downstream={"kept.txt": "x\n"},
        upstream={"f.txt": text()},
        config={"untouched": "Ask"},
    )
    upstream = story.world.upstream
    # Upstream made 1.0.9 on a branch of its own, and downstream is that release.
    begin = upstream.git("rev-parse", "v1.0.5")
    upstream.git("branch", "release", begin)
    released = put(upstream, "release", {"f.txt": text(n5="backport\n")}, "Backport")
    upstream.tag("v1.0.9", released)
    put(upstream, "main", {"f.txt": text(n5="main\n")}, "On main")
    upstream.git("tag", "-f", "v1.1.0", "main")
    story.world.downstream.git(
        "fetch", "-q", str(upstream.path), f"+{released}:refs/heads/{BRANCH}"
    )
    put(story.world.downstream, BRANCH, {"kept.txt": "x\n"}, "Carry")

    pull = story.conflict()

    assert "downstream has not changed it since `v1.0.9`" in pull.body
