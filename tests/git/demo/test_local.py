"""The demo plays its story, so it cannot fall behind the program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo.local", folder],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1", "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_demo_goes_through_a_conflict_to_the_pull_request(told: str, folder: Path) -> None:
    last = (folder / "pull-requests" / "0003.md").read_text()

    assert "Conflict: 1 file in conflict\n" in told
    assert 'const Policy = "pack, then balance"' in told
    assert "Rebase github.com/kubernetes/kubernetes 1.21.2" in last
    assert last in told


def test_the_demo_leaves_only_its_folder(told: str, folder: Path) -> None:
    left = {path.name for path in folder.iterdir()}

    assert str(folder) in told
    assert told.splitlines()[-1].endswith("resync-argo run plan.yaml --dry-run")
    assert left == {"upstream", "downstream", "pull-requests"}


def test_a_demo_that_cannot_begin_says_so_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo.local", tmp_path],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "'git'" in done.stderr.splitlines()[0]
    assert "Then run `make demo` again." in done.stderr
