"""A shell evaluates the output of `env`, so nothing else may be printed."""

import sys
from pathlib import Path

import pytest

from tests.cluster import __main__ as program


def test_messages_of_builds_do_not_reach_the_shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(name: str) -> Path:
        print(f"building {name} …")
        return Path("/tools") / name

    monkeypatch.setattr(program, "binary", build)
    monkeypatch.setattr(sys, "argv", ["cluster", "env"])

    assert program.main() == 0
    said = capsys.readouterr()
    assert [line.partition("=")[0] for line in said.out.splitlines()] == [
        "export KUBECONFIG",
        "export PATH",
    ]
    assert "building kubectl" in said.err
