"""The repository's own configuration, written in one go; and how a command that failed is named."""

from pathlib import Path

import pytest

from resync_argo.git import Git, GitError

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


@pytest.mark.parametrize(
    "options", [(), ("--literal-pathspecs",), ("-c", "core.quotePath=false", "-c", "gc.auto=0")]
)
def test_a_command_that_failed_is_named_without_its_global_options(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    with pytest.raises(GitError, match=r"^git ls-tree failed \(128\): fatal: not a git repository"):
        Git(directory=tmp_path).run(*options, "ls-tree", "HEAD")
