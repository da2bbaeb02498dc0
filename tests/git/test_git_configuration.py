"""The repository's own configuration, written in one go."""

from pathlib import Path

import pytest

from resync_argo.git import Git

SETTINGS = {
    "gc.auto": "0",
    "core.repositoryFormatVersion": "1",
    "remote.a.b.url": 'odd "value" with \\ and\nmore # than ; that ',
    "remote.a.b.fetch": "+refs/heads/*:refs/remotes/x/*",
}


@pytest.mark.parametrize("kind", [["--bare"], []])
def test_git_reads_what_was_written_and_may_change_it(tmp_path: Path, kind: list[str]) -> None:
    git = Git(directory=tmp_path)
    git.run("init", "--quiet", *kind, ".")

    git.configure(SETTINGS)

    for name, value in SETTINGS.items():
        assert git.run("config", "-z", "--get-all", name) == f"{value}\0".encode()
        git.run("config", name, "1")


def test_written_again_it_replaces_what_was_written_before(tmp_path: Path) -> None:
    git = Git(directory=tmp_path)
    git.run("init", "--quiet", ".")
    for settings in (SETTINGS, {"gc.auto": "5"}):
        git.run("init", "--quiet", ".")
        git.configure(settings)

    assert git.text("config", "--get-all", "gc.auto") == "5"
    assert not git.succeeds("config", "--get", "remote.a.b.url")
    assert git.text("config", "--get", "core.bare") == "false"
