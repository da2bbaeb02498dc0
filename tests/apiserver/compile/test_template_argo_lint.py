"""Argo's own lint accepts compiled Plans."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.cluster.toolchain import binary

pytestmark = pytest.mark.cluster

GOLDEN = Path(__file__).parents[2] / "unit" / "compile" / "golden"


def _lint(file: Path) -> subprocess.CompletedProcess[str]:
    argv: list[str | Path] = [binary("argo"), "lint", "--offline", "--no-color", file]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.yaml")))
def test_argo_accepts_a_compiled_plan(name: str) -> None:
    linted = _lint(GOLDEN / f"{name}.yaml")

    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_argo_refuses_a_broken_template(tmp_path: Path) -> None:
    manifest = yaml.safe_load((GOLDEN / "small.yaml").read_text())
    manifest["spec"]["entrypoint"] = "nowhere"
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump(manifest))

    assert "nowhere" in _lint(broken).stdout
