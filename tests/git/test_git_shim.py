"""The `git` that steps meet: passes everything through, settles conflicts, or stops the script."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.git.clones import (
    IDENTITY,
    SHELLS,
    Clone,
    answer,
    make_clone,
    recorded_conflict,
    start_over,
)

BASE = {"f.txt": "1\n2\n3\n", "g.txt": "a\nb\nc\n", "same.txt": "same\n"}
DOWNSTREAM = {"f.txt": "1\ndown\n3\n", "g.txt": "a\ndown\nc\n"}
UPSTREAM = {"f.txt": "1\nup\n3\n", "g.txt": "a\nup\nc\n", "new.txt": "new\n"}


@pytest.fixture(params=SHELLS)
def clone(tmp_path: Path, request: pytest.FixtureRequest) -> Clone:
    return make_clone(
        tmp_path, shell=request.param, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM
    )


def test_stops_the_script_at_the_command_that_conflicts(clone: Clone) -> None:
    done = clone.run("git merge --no-edit upstream\ntouch went-on")

    assert done.returncode == 10
    assert not (clone.directory / "went-on").exists()
    assert [path.path for path in recorded_conflict(clone).paths] == [b"f.txt", b"g.txt"]


def test_never_commits_markers_for_a_script_that_ignores_the_failure(clone: Clone) -> None:
    head = clone.git("rev-parse", "HEAD")

    done = clone.run("git merge --no-edit upstream || true\ngit add -A\ngit commit -m markers")

    assert done.returncode == 10
    assert clone.git("rev-parse", "HEAD") == head


def test_never_commits_markers_for_a_script_that_ignores_signals(clone: Clone) -> None:
    head = clone.git("rev-parse", "HEAD")

    done = clone.run(
        "trap '' TERM\ngit merge upstream || true\ngit add -A || true\ngit commit -m x"
    )

    assert done.returncode == 10
    assert clone.git("rev-parse", "HEAD") == head


def test_stops_the_scripts_around_a_script_that_conflicts(clone: Clone) -> None:
    clone.commit("Scripts", {"inner.sh": "git merge upstream || echo ignored\ntouch inner\n"})

    done = clone.run("sh inner.sh || true\ntouch outer")

    assert done.returncode == 10
    assert not (clone.directory / "inner").exists()
    assert not (clone.directory / "outer").exists()


def test_goes_on_with_the_script_once_everything_is_resolved(clone: Clone) -> None:
    start = clone.git("rev-parse", "HEAD")
    script = "git merge --no-edit upstream\necho more > more.txt\ngit add -A\ngit commit -qm More"
    clone.run(script)
    answer(clone, {"f.txt": "1\nboth\n3\n", "g.txt": None})
    start_over(clone, start)

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.read("f.txt") == "1\nboth\n3"
    assert set(clone.tracked()) == {"f.txt", "same.txt", "new.txt", "more.txt"}
    parents = clone.git("log", "-1", "--format=%P", "HEAD^").split()
    assert parents == [start, clone.git("rev-parse", "upstream")]
    assert clone.git("status", "--porcelain") == ""


def test_child_scripts_go_on_too(clone: Clone) -> None:
    clone.commit("Scripts", {"inner.sh": "git merge --no-edit upstream\ntouch inner\n"})
    start = clone.git("rev-parse", "HEAD")
    clone.run("sh -e inner.sh\ntouch outer")
    answer(clone, {"f.txt": "x\n", "g.txt": "y\n"})
    start_over(clone, start)

    done = clone.run("sh -e inner.sh\ntouch outer")

    assert done.returncode == 0, done.stderr
    assert (clone.directory / "inner").exists()
    assert (clone.directory / "outer").exists()


def test_a_rebase_stops_at_each_commit_and_is_continued_through_all(clone: Clone) -> None:
    clone.commit("Second", {"f.txt": "1\nsecond\n3\n"})
    clone.commit("Third", {"third.txt": "third\n"})
    start = clone.git("rev-parse", "HEAD")
    script = "git rebase upstream\ntouch went-on"
    stops = set()

    clone.run(script)
    stops.add(answer(clone, {"f.txt": "1\nfirst resolved\n3\n", "g.txt": "g resolved\n"}).stop)
    start_over(clone, start)
    clone.run(script)
    stops.add(answer(clone, {"f.txt": "1\nsecond resolved\n3\n"}).stop)
    start_over(clone, start)
    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert len(stops) == 2
    subjects = clone.git("log", "--format=%s", "upstream..HEAD").split("\n")
    assert subjects == ["Third", "Second", "Carry"]
    assert clone.read("f.txt", "HEAD~2") == "1\nfirst resolved\n3"
    assert clone.read("f.txt") == "1\nsecond resolved\n3"


def test_a_range_of_picks_is_continued(clone: Clone) -> None:
    clone.git("checkout", "-q", "upstream")
    clone.commit("Another", {"another.txt": "another\n"})
    clone.git("checkout", "-q", "main")
    start = clone.git("rev-parse", "HEAD")
    script = "git cherry-pick begin..upstream"
    clone.run(script)
    assert answer(clone, {"f.txt": "f\n", "g.txt": "g\n"}).operation == "cherry-pick"
    start_over(clone, start)

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.git("log", "--format=%s", f"{start}..HEAD").split("\n") == ["Another", "Release"]
    assert clone.read("f.txt") == "f"


def test_a_pick_that_a_resolution_makes_empty_is_skipped(clone: Clone) -> None:
    clone.git("checkout", "-q", "-B", "upstream", "begin")
    clone.commit("Only f", {"f.txt": "1\nup\n3\n"})
    clone.commit("Then new", {"new.txt": "new\n"})
    clone.git("checkout", "-q", "main")
    start = clone.git("rev-parse", "HEAD")
    clone.run("git cherry-pick begin..upstream")
    answer(clone, {"f.txt": "1\ndown\n3\n"})
    start_over(clone, start)

    done = clone.run("git cherry-pick begin..upstream")

    assert done.returncode == 0, done.stderr
    assert clone.git("log", "--format=%s", f"{start}..HEAD") == "Then new"


def test_a_revert_is_continued(clone: Clone) -> None:
    carried = clone.git("rev-parse", "HEAD")
    clone.commit("On top", {"f.txt": "1\non top\n3\n"})
    start = clone.git("rev-parse", "HEAD")
    clone.run(f"git revert --no-edit {carried}")
    assert answer(clone, {"f.txt": "1\nreverted\n3\n"}).operation == "revert"
    start_over(clone, start)

    done = clone.run(f"git revert --no-edit {carried}")

    assert done.returncode == 0, done.stderr
    assert clone.read("f.txt") == "1\nreverted\n3"
    assert clone.read("g.txt") == "a\nb\nc"


def test_patches_are_applied_on_to_the_last(clone: Clone) -> None:
    clone.commit("Second", {"second.txt": "second\n"})
    clone.git("format-patch", "-q", "-o", "../patches", "begin..main")
    clone.git("checkout", "-q", "-B", "main", "upstream")
    start = clone.git("rev-parse", "HEAD")
    clone.run("git am -3 ../patches/*")
    conflict = answer(clone, {"f.txt": "f\n", "g.txt": "g\n"})
    start_over(clone, start)

    done = clone.run("git am -3 ../patches/*")

    assert done.returncode == 0, done.stderr
    assert (conflict.operation, conflict.upstream) == ("am", 2)
    assert clone.git("log", "--format=%s", f"{start}..HEAD").split("\n") == ["Second", "Carry"]


def test_a_merge_without_commit_is_left_to_the_script(clone: Clone) -> None:
    start = clone.git("rev-parse", "HEAD")
    script = "git merge --no-commit upstream\necho x > x.txt\ngit add x.txt\ngit commit -qm Mine"
    clone.run(script)
    answer(clone, {"f.txt": "f\n", "g.txt": "g\n"})
    start_over(clone, start)

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.git("log", "-1", "--format=%s %P").split()[0::2] == [
        "Mine",
        clone.git("rev-parse", "upstream"),
    ]
    assert "x.txt" in clone.tracked()


def test_finds_what_another_command_left_unmerged(clone: Clone) -> None:
    clone.write({"f.txt": "1\nstashed\n3\n"})
    script = "git stash -q\ngit checkout -q upstream\ngit stash pop || true"

    done = clone.run(script)

    assert done.returncode == 10
    assert recorded_conflict(clone).operation == "index"


def test_a_failure_without_unmerged_paths_keeps_its_exit_code(clone: Clone) -> None:
    done = clone.run("git merge no-such-branch || exit $((40 + $?))")

    assert done.returncode == 41
    assert not clone.control.conflict.exists()


def test_understands_options_before_the_command(clone: Clone) -> None:
    done = clone.run(
        'cd /\ngit -C "$OLDPWD" -c merge.conflictStyle=diff3 --no-pager merge upstream'
    )

    assert done.returncode == 10
    assert recorded_conflict(clone).operation == "merge"


def test_leaves_other_repositories_alone(clone: Clone) -> None:
    script = (
        "git clone -q . ../other\ncd ../other\ngit fetch -q origin upstream\n"
        "git merge -q FETCH_HEAD || echo conflicted"
    )

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert "conflicted" in done.stdout
    assert not clone.control.conflict.exists()


def test_passes_arguments_through_as_they_are(clone: Clone) -> None:
    done = clone.run("git log -1 --format='%s  * $x' --")

    assert "\nCarry  * $x\n" in done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_needs_nothing_but_sh_and_git(tmp_path: Path, shell: str) -> None:
    clone = make_clone(tmp_path, shell=shell, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "git").symlink_to(shutil.which("git") or "")
    upstream = clone.git("rev-parse", "upstream")
    environment = {**IDENTITY, "PATH": os.fspath(programs), "UPSTREAM_COMMIT": upstream}
    clone.control.rules.write_text("Upstream no\n\tg.txt\n")

    done = subprocess.run(
        [clone.control.git, "merge", "upstream"],
        cwd=clone.directory,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        process_group=0,
    )

    assert done.returncode == 10
    assert "not found" not in done.stderr
    assert [path.path for path in recorded_conflict(clone).paths] == [b"f.txt"]


def test_says_so_where_there_is_no_git(clone: Clone) -> None:
    done = subprocess.run(
        [clone.control.git, "status"], env={"PATH": "/nowhere"}, capture_output=True, check=False
    )

    assert done.returncode == 127
    assert b"no git in this image" in done.stderr
