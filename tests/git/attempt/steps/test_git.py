"""The steps' `git` passes everything through, settles conflicts, or stops the script."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from resync_argo.api.plan import ConflictRule
from tests.git.clones import (
    IDENTITY,
    SHELLS,
    Clone,
    make_clone,
    recorded_conflict,
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


def test_a_failure_without_unmerged_paths_keeps_its_exit_code(clone: Clone) -> None:
    done = clone.run("git merge no-such-branch || exit $((40 + $?))")

    assert done.returncode == 41
    assert not clone.control.conflict.exists()


def test_leaves_other_repositories_alone(clone: Clone) -> None:
    script = (
        "git clone -q . ../other\ncd ../other\ngit fetch -q origin upstream\n"
        "git merge -q FETCH_HEAD || echo conflicted"
    )

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert "conflicted" in done.stdout
    assert not clone.control.conflict.exists()


def test_passes_arguments_through_unchanged(clone: Clone) -> None:
    done = clone.run("git log -1 --format='%s  * $x' --")

    assert "\nCarry  * $x\n" in done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_needs_only_sh_and_git(tmp_path: Path, shell: str) -> None:
    clone = make_clone(tmp_path, shell=shell, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "git").symlink_to(shutil.which("git") or "")
    clone.rules.append(ConflictRule(paths=("g.txt",), resolve="Upstream"))

    done = clone.call(
        [str(clone.control.git), "merge", "upstream"],
        {**IDENTITY, "PATH": os.fspath(programs), "RESYNC_STEP": "step"},
    )

    assert done.returncode == 10
    assert "not found" not in done.stderr
    assert [path.path for path in recorded_conflict(clone).paths] == [b"f.txt"]


def test_reports_a_missing_git(clone: Clone) -> None:
    done = subprocess.run(
        [clone.control.git, "status"], env={"PATH": "/nowhere"}, capture_output=True, check=False
    )

    assert done.returncode == 127
    assert b"no git in this image" in done.stderr
