"""Clones and folders in which a run cannot work are refused at once, in one clear sentence."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.git.local_runs import BRANCH, Laptop
from tests.git.repositories import git

NOBODY = 65534


def replace_downstream(laptop: Laptop, *options: str) -> Path:
    """Put a clone with options in downstream's place; its branch is the only one."""
    path = laptop.world.downstream.path
    origin = path.with_name("origin")
    path.rename(origin)
    git(laptop.root, "clone", "-q", "--bare", *options, "-b", BRANCH, f"file://{origin}", str(path))
    return path


@pytest.mark.parametrize("clone", ["Partial", "Full"])
@pytest.mark.parametrize("command", ["run", "preview"])
def test_a_shallow_clone_is_refused_with_what_to_do(
    laptop: Laptop, command: str, clone: str
) -> None:
    laptop.world.downstream.commit(BRANCH, {"more.txt": "more\n"})
    path = replace_downstream(laptop, "--depth=1")
    laptop.write_plan({"run": "git merge $UPSTREAM_REF"}, clone=clone)

    done = laptop.run() if command == "run" else laptop.call("preview", laptop.plan)

    assert done.returncode == 2
    assert f"{path} is a shallow clone: run `git -C {path} fetch --unshallow`." in done.stderr


def test_a_shallow_upstream_is_refused_too(laptop: Laptop) -> None:
    path = laptop.world.upstream.path
    path.rename(path.with_name("origin"))
    git(
        laptop.root,
        "clone",
        "-q",
        "--bare",
        "--depth=1",
        f"file://{path.with_name('origin')}",
        str(path),
    )

    done = laptop.call("preview", laptop.plan)

    assert done.returncode == 2
    assert "is a shallow clone" in done.stderr


def test_a_partial_clone_is_refused_with_what_to_do(laptop: Laptop) -> None:
    path = replace_downstream(laptop, "--filter=blob:none")

    done = laptop.call("preview", laptop.plan)

    assert done.returncode == 2
    assert f"{path} is a partial clone" in done.stderr


def own_by_somebody_else(laptop: Laptop, *, work_tree: bool) -> Path:
    path = laptop.world.downstream.path
    if work_tree:
        origin = path.with_name("origin")
        path.rename(origin)
        git(laptop.root, "clone", "-q", "-b", BRANCH, f"file://{origin}", str(path))
    for folder, names, files in os.walk(path):
        for name in (*names, *files):
            os.chown(Path(folder, name), NOBODY, NOBODY)
    os.chown(path, NOBODY, NOBODY)
    return path


@pytest.mark.parametrize("form", ["bare", "work tree"])
def test_the_owners_safe_directories_are_safe(laptop: Laptop, form: str) -> None:
    path = own_by_somebody_else(laptop, work_tree=form == "work tree")
    refused = laptop.run()
    assert refused.returncode == 2
    assert f"run `git config --global --add safe.directory {path}`." in refused.stderr
    laptop.variables["GIT_CONFIG_GLOBAL"] = str(laptop.root / "gitconfig")
    (laptop.root / "gitconfig").write_text(f"[safe]\n\tdirectory = {path}\n")

    assert laptop.call("preview", laptop.plan).returncode == 0
    done = laptop.run()

    assert done.returncode == 0, done.stderr


def test_a_temporary_folder_that_path_cannot_hold_is_named(laptop: Laptop) -> None:
    laptop.variables["TMPDIR"] = str(laptop.root / "a:b")
    (laptop.root / "a:b").mkdir()

    done = laptop.run()

    assert done.returncode == 2
    assert f"TMPDIR, {laptop.root / 'a:b'}, has a `:` in its name" in done.stderr


def test_a_temporary_folder_without_execution_is_named(laptop: Laptop) -> None:
    folder = laptop.root / "noexec"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "noexec", "none", folder], check=False, capture_output=True
    )
    assert mounted.returncode == 0, mounted.stderr
    try:
        laptop.variables["TMPDIR"] = str(folder)

        done = laptop.run()

        assert done.returncode == 2
        assert f"TMPDIR, {folder}, is mounted `noexec`" in done.stderr
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_step_that_would_bypass_our_git_fails_with_a_message(laptop: Laptop) -> None:
    laptop.write_plan({"run": "git merge $UPSTREAM_REF"})
    folder = laptop.root / "programs"
    folder.mkdir()
    (folder / "git").symlink_to(shutil.which("git") or "")
    laptop.write_plan(
        {"name": "Hide", "run": 'chmod -x "$HOME/../.resync/bin/git"'},
        {"name": "Merge", "run": "git merge $UPSTREAM_REF"},
    )

    done = laptop.run()

    assert done.returncode == 1
    assert "our git in" in done.stderr + done.stdout
