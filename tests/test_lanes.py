"""Tests that stop parts of the node never run beside others of the node, whichever process they are in."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

TEST = """
import os, subprocess, sys, pytest

def note(what):
    with open(os.environ["NOTES"], "a") as file:
        file.write(f"{what}\\n")

@pytest.mark.parametrize("number", range(4))
def test_it(request, number):
    name = request.path.stem
    note(f"begin {name}")
    subprocess.run([sys.executable, "-c", ""], check=True)
    note(f"end {name}")
"""
ALONE = "tests/cluster/test_alone.py"
SHARED = ("tests/e2e/test_a.py", "tests/e2e/test_other.py")


def notes(folder: Path, *options: str) -> Sequence[str]:
    """Run tests of the node, and return what began and ended."""
    for name in (ALONE, *SHARED):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TEST)
    written = folder / "notes"
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "tests.lanes", *options, *SHARED, ALONE]
    path = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    done = subprocess.run(
        argv,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path, "TMPDIR": str(folder), "NOTES": str(written)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return written.read_text().splitlines()


@pytest.mark.parametrize("options", [(), ("--numprocesses", "3")], ids=["one", "three"])
def test_who_stops_the_node_meets_no_other_test_of_it(
    tmp_path: Path, options: Sequence[str]
) -> None:
    running: list[str] = []
    found = notes(tmp_path, *options)

    assert len(found) == 2 * 4 * 3
    for what, name in (line.split() for line in found):
        if what == "end":
            running.remove(name)
            continue
        if "test_alone" in (name, *running):
            assert running == []
        running.append(name)
