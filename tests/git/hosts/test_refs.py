"""A page of HTML is not taken for an empty repository."""

from pathlib import Path

import pytest

from resync_argo.errors import Transient
from resync_argo.git import Git, Remote
from resync_argo.hosts.refs import list_refs
from tests.chaos.unreliable import Unreliable
from tests.git.http_server import serve
from tests.world.repositories import Repository, make_upstream

PAGE = "HTML with 200"


@pytest.fixture
def served(tmp_path: Path) -> Repository:
    """A repository below `served/`, with one of our branches."""
    upstream = make_upstream(tmp_path / "work")
    upstream.git("branch", "resync/p/1.0.0")
    made = tmp_path / "served" / "project"
    upstream.git("clone", "--quiet", "--mirror", upstream.path, made)
    return Repository(made)


@pytest.mark.parametrize("pages", [0, 1, 10])
def test_refs_are_listed_or_the_error_is_temporary(
    served: Repository, tmp_path: Path, pages: int
) -> None:
    git = Git(directory=tmp_path)
    with serve(served.path.parent, None) as server:
        proxy = Unreliable(listen="127.0.0.1", target=("127.0.0.1", server.server_port), seed=1)
        remote = Remote(url=f"{proxy.url}/project")
        proxy.script.extend([PAGE] * pages)
        if pages == 10:
            with pytest.raises(Transient, match="no git host answers"):
                list_refs(git, remote, "refs/heads/resync/*")
        else:
            found = list_refs(git, remote, "refs/heads/resync/*", "refs/heads/none")
            assert found == {"refs/heads/resync/p/1.0.0": served.git("rev-parse", "HEAD")}
        proxy.stop()


def test_a_repository_without_a_default_branch_lists_matching_refs(
    served: Repository, tmp_path: Path
) -> None:
    served.git("symbolic-ref", "HEAD", "refs/heads/nowhere")
    with serve(served.path.parent, None) as server:
        remote = Remote(url=f"{server.url}/project")

        assert list_refs(Git(directory=tmp_path), remote, "refs/heads/none") == {}


def test_an_empty_repository_on_this_machine_is_empty(tmp_path: Path) -> None:
    Git(directory=tmp_path).run("init", "--bare", "empty.git")

    assert (
        list_refs(Git(directory=tmp_path), Remote(url=str(tmp_path / "empty.git")), "refs/*") == {}
    )
