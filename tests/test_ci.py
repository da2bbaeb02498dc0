"""What continuous integration calls is there, and takes the options that it is given."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NIGHTLY = (ROOT / ".ci/nightly").read_text()


@pytest.mark.parametrize("script", ["run", "nightly"])
def test_the_shell_reads_it(script: str) -> None:
    subprocess.run(["bash", "-n", ROOT / ".ci" / script], check=True)


@pytest.mark.parametrize("module", re.findall(r"-m (tests\.\w+)", NIGHTLY))
def test_each_tool_of_the_night_knows_its_options(module: str) -> None:
    argv = [sys.executable, "-m", module, "--help"]
    told = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    (line,) = (it for it in NIGHTLY.splitlines() if f"-m {module} " in it)

    assert set(re.findall(r"--[a-z-]+", line)) <= set(re.findall(r"--[a-z-]+", told))


def test_each_target_of_make_is_there() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)

    assert set(re.findall(r"^make ([a-z-]+)", NIGHTLY, re.M)) <= set(targets)
