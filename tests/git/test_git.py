"""Trusted git writes a repository's configuration at once, does not trust it, and names failed commands."""

from pathlib import Path

import pytest

from resync_argo.budget import Budget
from resync_argo.git import Git, GitError, Remote, commit_time, scratch_repository
from tests.git.repositories import Repository

SETTINGS = {
    "gc.auto": "0",
    "core.repositoryFormatVersion": "1",
    "remote.a.b.url": 'odd "value" with \\ and\nmore # than ; that ',
    "remote.a.b.fetch": "+refs/heads/*:refs/remotes/x/*",
}


@pytest.mark.parametrize("kind", [["--bare"], []])
def test_git_reads_the_written_configuration_and_may_change_it(
    tmp_path: Path, kind: list[str]
) -> None:
    git = Git(directory=tmp_path)
    git.run("init", "--quiet", *kind, ".")

    git.configure(SETTINGS)

    for name, value in SETTINGS.items():
        assert git.run("config", "-z", "--get-all", name) == f"{value}\0".encode()
        git.run("config", name, "1")


def test_writing_again_replaces_the_earlier_configuration(tmp_path: Path) -> None:
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
def test_a_failed_command_is_named_without_its_global_options(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    with pytest.raises(GitError, match=r"^git ls-tree failed \(128\): fatal: not a git repository"):
        Git(directory=tmp_path).run(*options, "ls-tree", "HEAD")


def test_a_failure_is_reported_even_without_a_command_or_text(tmp_path: Path) -> None:
    git = Git(directory=tmp_path)
    with pytest.raises(
        GitError, match=r"^git --no-pager failed \(129\): unknown option: --nonsense"
    ):
        git.run("--no-pager", "--nonsense")
    with pytest.raises(GitError, match=r"^git ls-tree failed") as told:
        git.run(b"ls-tree", b"\xff")

    assert told.value.argv == ("ls-tree", "\ufffd")
    assert git.succeeds("version")
    assert not git.succeeds("ls-tree", "HEAD")


def test_settings_for_all_commands_or_for_one_reach_git(tmp_path: Path) -> None:
    git = Git(directory=tmp_path, environment={"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "a@b"})

    asked = git.run("var", "GIT_AUTHOR_IDENT", environment={"GIT_AUTHOR_NAME": "Grace"})

    assert git.run("var", "GIT_AUTHOR_IDENT").startswith(b"Ada <a@b> ")
    assert asked.startswith(b"Grace <a@b> ")


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_local_repository_is_readable_if_it_is_the_requested_one(
    tmp_path: Path, scheme: str
) -> None:
    elsewhere = Repository(tmp_path / "elsewhere")
    commit = elsewhere.commit("main", {"a.txt": "a"})
    remote = Remote(url=f"{scheme}{elsewhere.path}")
    budget = Budget(seconds=60, output_bytes=1 << 20, disk_bytes=1 << 20)

    with scratch_repository(remote, budget) as git:
        assert not (git.directory / "hooks").exists(), "nothing of the machine's template"
        git.run("fetch", "origin", "main", remote=remote)
        assert git.text("rev-parse", "FETCH_HEAD") == commit


@pytest.mark.parametrize("address", ["file://{elsewhere}", "{elsewhere}", "ext::touch {witness}"])
def test_git_uses_only_the_transport_of_the_requested_repository(
    tmp_path: Path, address: str
) -> None:
    """A configuration that steps wrote may name a file of the machine, or a command to run."""
    elsewhere, witness = Repository(tmp_path / "elsewhere"), tmp_path / "witness"
    elsewhere.commit("main", {"private.txt": "private"})
    git = Git(directory=tmp_path / "elsewhere")
    written = address.format(elsewhere=elsewhere.path, witness=witness)
    git.run("config", f"url.{written}.insteadOf", "https://forge.test/owner/name")
    remote = Remote(url="https://forge.test/owner/name")

    for reached in (None, remote):
        with pytest.raises(GitError, match=r"transport '\w+' not allowed"):
            git.run("ls-remote", "--", remote.url, remote=reached)

    assert not witness.exists()


@pytest.mark.parametrize("folder", ["hooks", "theirs"])
def test_git_runs_no_hook_of_the_repository(tmp_path: Path, folder: str) -> None:
    repository, witness = Repository(tmp_path / "repository"), tmp_path / "witness"
    commit = repository.commit("main", {"a.txt": "a"})
    hook = repository.path / folder / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {witness}\n")
    hook.chmod(0o755)
    repository.git("config", "core.hooksPath", folder)

    Git(directory=repository.path).run("update-ref", "refs/heads/new", commit)
    assert not witness.exists()

    repository.git("update-ref", "refs/heads/newer", commit)
    assert witness.exists(), "anybody else's git runs it"


def test_a_missing_object_of_a_partial_clone_is_distinguished_from_other_errors(
    tmp_path: Path,
) -> None:
    elsewhere = Repository(tmp_path / "elsewhere")
    elsewhere.commit("main", {"a.txt": "a"})
    remote = Remote(url=f"file://{elsewhere.path}")
    budget = Budget(seconds=60, output_bytes=1 << 20, disk_bytes=1 << 20)

    with scratch_repository(remote, budget) as git:
        git.run("fetch", "--filter=blob:none", "origin", "main", remote=remote)
        with pytest.raises(GitError) as lacking:
            git.run("cat-file", "blob", "FETCH_HEAD:a.txt")
        with pytest.raises(GitError) as wrong:
            git.run("cat-file", "blob", "FETCH_HEAD:b.txt")

    assert lacking.value.lacks_object
    assert not wrong.value.lacks_object


def test_the_time_of_a_commit_is_that_of_its_committer(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    first = repository.commit("main", {"a.txt": "a"})
    repository.commit("main", {"a.txt": "b"})
    git = Git(directory=repository.path)

    assert commit_time(git, "main") == int(git.text("show", "-s", "--format=%ct", "main"))
    assert commit_time(git, "main") > commit_time(git, first)
