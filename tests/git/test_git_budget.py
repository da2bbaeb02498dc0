"""Git's budget: a host that stalls, trickles or sends too much is given up, and git leaves nothing."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from pathlib import Path

import pytest

from resync_argo.budget import Budget, Resource
from resync_argo.conflicts.observe import observe_resolution
from resync_argo.errors import ResyncError
from resync_argo.forge.grafts import fetch_records, write_record
from resync_argo.forge.merge_history import keeps_history
from resync_argo.forge.rehearsal import Rehearsal
from resync_argo.git import Git, GitError, Remote, scratch_repository
from resync_argo.upstream.remote import date, list_heads, list_tags
from resync_argo.upstream.workflows import changes_workflows
from tests.git.repositories import Repository
from tests.hosts import head, misbehaving

MIB = 1 << 20
ENOUGH = Budget(seconds=60, output_bytes=MIB, disk_bytes=64 * MIB, memory_bytes=256 * MIB)
SECOND = Budget(seconds=1, output_bytes=MIB, disk_bytes=MIB, memory_bytes=256 * MIB)
FETCH = ("fetch", "--quiet", "--no-tags", "--depth=1", "origin")

SILENCE = (b"", b"")
TRICKLE = (
    head("Content-Type: application/x-git-upload-pack-advertisement", "Content-Length: 100000000")
    + b"001e# service=git-upload-pack\n0000",
    b"0",
)

Call = Callable[[Remote, Path], object]
CALLS: dict[str, Call] = {
    "tags": lambda remote, folder: list_tags(Git(directory=folder), remote, budget=SECOND),
    "heads": lambda remote, folder: list_heads(
        Git(directory=folder), remote, ["main"], budget=SECOND
    ),
    "records": lambda remote, _folder: fetch_records(remote, "main", budget=SECOND),
    "workflows": lambda remote, _: changes_workflows(
        remote, "refs/tags/v1", "refs/tags/v2", budget=SECOND
    ),
    "history": lambda remote, _: keeps_history(remote, "a" * 40, {"b" * 40}, budget=SECOND),
    "resolution": lambda remote, _: observe_resolution(
        remote, base="b", head="h", key="abcd1234", budget=SECOND
    ),
    "push": lambda remote, folder: Rehearsal(folder / "rehearsal").push(remote, budget=SECOND),
}


@pytest.mark.parametrize("said", [SILENCE, TRICKLE], ids=["silence", "trickle"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_call_of_the_controller_ends_and_disconnects(
    tmp_path: Path, call: Call, said: tuple[bytes, bytes]
) -> None:
    with misbehaving(*said) as host:
        with pytest.raises(ResyncError, match="no answer within 1 s"):
            call(Remote(url=f"{host.url}/owner/name"), tmp_path)

        assert host.is_left_alone(), "git's child that talks is gone as well"


@pytest.mark.parametrize(
    "call",
    [
        *(list_tags, list_heads, date, changes_workflows, keeps_history, observe_resolution),
        *(Rehearsal.push, fetch_records, write_record),
    ],
)
def test_every_call_of_the_controller_has_a_default_budget(
    call: Callable[..., object],
) -> None:
    budget = signature(call).parameters["budget"].default

    assert budget.seconds <= 60
    assert budget.output_bytes <= 32 * MIB
    assert budget.memory_bytes <= 256 * MIB
    assert call in (list_tags, list_heads) or budget.disk_bytes <= 64 * MIB


def test_without_a_budget_a_trickle_counts_as_a_stall(tmp_path: Path) -> None:
    with misbehaving(*TRICKLE) as host:
        remote = Remote(url=f"{host.url}/owner/name", stall_seconds=1)

        with pytest.raises(GitError, match="Operation too slow"):
            Git(directory=tmp_path).run("ls-remote", "--", remote.url, remote=remote)


def test_the_time_limit_is_for_all_commands_together(tmp_path: Path) -> None:
    git = Git(directory=tmp_path).within(Budget(seconds=0, output_bytes=MIB))

    with pytest.raises(
        GitError, match="git version was stopped: fatal: no answer within 0 s"
    ) as told:
        git.run("version")

    assert told.value.ran_out is Resource.TIME


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "origin")


def remote_of(repository: Repository) -> Remote:
    return Remote(url=f"file://{repository.path}")


def disk_usage(folder: Path) -> int:
    done = subprocess.run(["du", "-s", "-B1", folder], check=True, capture_output=True)
    return int(done.stdout.split()[0])


def test_a_file_that_git_writes_never_exceeds_its_disk_limit(
    origin: Repository,
) -> None:
    origin.commit("main", {"big": os.urandom(20 * MIB)})
    remote = remote_of(origin)
    budget = Budget(seconds=60, output_bytes=MIB, disk_bytes=MIB)

    with scratch_repository(remote, budget) as git:
        with pytest.raises(GitError, match="more than 1048576 bytes on disk") as told:
            git.run(*FETCH, "main", remote=remote)

        assert disk_usage(git.directory) < 2 * MIB
    assert told.value.ran_out is Resource.DISK


def test_the_output_of_several_commands_counts_together(origin: Repository) -> None:
    for branch in ("one", "two"):
        origin.commit(branch, {branch: os.urandom(600_000)}, parents=())
    remote = remote_of(origin)
    budget = Budget(seconds=60, output_bytes=MIB, disk_bytes=MIB)

    with scratch_repository(remote, budget) as git:
        git.run(*FETCH, "one", remote=remote)
        with pytest.raises(GitError, match="bytes on disk"):
            git.run(*FETCH, "two", remote=remote)


def test_a_host_that_sends_too_much_error_output_is_cut_off(tmp_path: Path) -> None:
    git = Git(directory=tmp_path).within(Budget(seconds=60, output_bytes=10_000))

    with pytest.raises(GitError, match="more than 10000 bytes came back") as told:
        git.run("--" + "x" * 20_000)

    assert told.value.ran_out is Resource.OUTPUT


def test_an_object_that_fills_the_memory_ends_only_git(origin: Repository) -> None:
    tree = origin.git("write-tree")
    who = "Ada <ada@example.org> 1600000000 +0000"
    text = f"tree {tree}\nauthor {who}\ncommitter {who}\n\n".encode() + b"x" * 64 * MIB
    commit = origin.git("hash-object", "-w", "-t", "commit", "--stdin", stdin=text)
    origin.git("update-ref", "refs/heads/main", commit)
    remote = remote_of(origin)
    with scratch_repository(remote, ENOUGH) as git:
        git.run(*FETCH, "main", remote=remote)

    with (
        scratch_repository(remote, replace(ENOUGH, memory_bytes=32 * MIB)) as git,
        pytest.raises(GitError),
    ):
        git.run(*FETCH, "main", remote=remote)


def test_large_input_and_output_work_at_the_same_time(tmp_path: Path) -> None:
    git = Git(directory=tmp_path)
    git.run("init", "--quiet", "--bare", ".")
    content = os.urandom(3 * MIB)
    name = git.run("hash-object", "-w", "--stdin", stdin=content).decode().strip()

    asked = f"{name}\n".encode() * 50
    said = git.run("cat-file", "--batch-check", stdin=asked * 1000)

    assert git.run("cat-file", "blob", name) == content
    assert said.count(b"\n") == 50_000
