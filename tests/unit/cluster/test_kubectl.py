"""A start distinguishes a busy API server from a missing object, so that it can ask again."""

from pathlib import Path

import pytest

from tests.cluster import kubectl
from tests.cluster.errors import ClusterRefused
from tests.cluster.kubectl import Kubectl


def program(folder: Path, script: str) -> Path:
    file = folder / "kubectl"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo 'connection refused' >&2; exit 1", "kubectl get: connection refused"),
        ("exec sleep 60", "kubectl get was not done after 0.2 s"),
    ],
    ids=["refused", "slow"],
)
def test_a_busy_api_server_does_not_mean_a_missing_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, expected: str
) -> None:
    file = program(tmp_path, script)
    monkeypatch.setattr(kubectl, "binary", lambda _name: file)

    with pytest.raises(ClusterRefused) as refused:
        Kubectl(kubeconfig=tmp_path / "none").run("get", "nodes", timeout_seconds=0.2)

    assert str(refused.value) == expected
