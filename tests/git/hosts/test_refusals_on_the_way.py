"""Any answer of a network or a busy host to git is temporary, and never a problem for a person."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from resync_argo.errors import Stalled, Transient
from resync_argo.git import Git, Remote
from resync_argo.hosts.refusals import explained
from resync_argo.upstream.remote import list_tags
from tests.chaos import unreliable
from tests.chaos.unreliable import BAD, GOOD, Unreliable
from tests.git.http_server import serve
from tests.world.repositories import make_upstream

TAG = "refs/tags/v1.21.0"
REQUESTS = 3
"""As many as the longest of them makes."""

Talk = Callable[[Git, Remote], None]


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Unreliable]:
    """A host with a repository, behind a network that does what the test says."""
    monkeypatch.setattr(unreliable, "TRICKLE_SECONDS", 0.2)
    upstream = make_upstream(tmp_path / "work")
    upstream.git("clone", "--quiet", "--bare", upstream.path, tmp_path / "served" / "project")
    with serve(tmp_path / "served", None) as server:
        made = Unreliable(listen="127.0.0.1", target=("127.0.0.1", server.server_port), seed=1)
        yield made
        made.stop()


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A repository with a commit that the host does not have."""
    made = make_upstream(tmp_path / "clone")
    made.commit("More", {"more": "more\n"})
    return Git(directory=made.path)


def lists(git: Git, remote: Remote) -> None:
    assert [tag.name for tag in list_tags(git, remote)] == ["v1.21.0"]


def fetches(git: Git, remote: Remote) -> None:
    with explained(remote, TAG):
        git.run("fetch", "--refetch", "--filter=blob:none", remote.url, TAG, remote=remote)


def pushes(git: Git, remote: Remote) -> None:
    with explained(remote, "branch"):
        git.run("push", remote.url, "HEAD:refs/heads/branch", remote=remote)


@pytest.mark.parametrize("answer", sorted(BAD))
@pytest.mark.parametrize("talk", [lists, fetches, pushes])
def test_a_bad_answer_is_temporary(proxy: Unreliable, git: Git, talk: Talk, answer: str) -> None:
    remote = Remote(url=f"{proxy.url}/project")
    for good in range(REQUESTS):
        proxy.script.extend([*[GOOD] * good, answer])
        try:
            talk(git, remote)
        except Transient as passing:
            print(passing)
        proxy.script.clear()
        talk(git, remote)


def test_endless_html_is_not_a_missing_branch(proxy: Unreliable, git: Git) -> None:
    proxy.script.extend(["HTML with 200"] * 10)

    with pytest.raises(Transient, match="no git host answers"):
        fetches(git, Remote(url=f"{proxy.url}/project"))


def test_a_missing_branch_is_reported(proxy: Unreliable, git: Git) -> None:
    remote = Remote(url=f"{proxy.url}/project")

    with pytest.raises(Stalled, match="has no such branch or tag"), explained(remote, "none"):
        git.run("fetch", remote.url, "refs/heads/none", remote=remote)
