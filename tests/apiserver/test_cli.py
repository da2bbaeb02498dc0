"""kubectl finds the program as its plugin: `kubectl resync …`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.toolchain import binary

pytestmark = pytest.mark.apiserver


def test_kubectl_resync_is_the_same_program(tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
    }
    kubectl = binary("kubectl")

    def said(*words: str) -> str:
        argv = [str(kubectl), *words]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    assert "/kubectl-resync" in said("plugin", "list")
    assert said("resync", "status", "--help").startswith("Usage: kubectl resync status ")
    assert "is none" not in said("resync", "schema")
