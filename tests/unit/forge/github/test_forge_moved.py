"""A renamed repository is reported by its new name for every request."""

from collections.abc import Callable

import pytest

from resync_argo.forge.github.forge import GitHubForge
from resync_argo.forge.interface import RepositoryMoved
from tests.hosts import Asked, Reply, ScriptedHost
from tests.unit.forge.github.scripted_forge import (
    API,
    BRANCH,
    COMMIT,
    REPOSITORY,
    pull,
    site,
)


def moved(asked: Asked, host: str) -> Reply:
    """Answer as GitHub does for a repository that was renamed."""
    if "/repositories/42" in asked.path:
        is_page = asked.path == f"{API}/repositories/42"
        return Reply(body={"full_name": "new/name"} if is_page else [pull(7, head="dependabot/x")])
    rest = asked.path.removeprefix(f"{API}/repos/{REPOSITORY}")
    address = f"{host}{API}/repositories/42{rest}"
    status = 301 if asked.method == "GET" else 307
    return Reply(status=status, body={"url": address}, headers={"Location": address})


CALLS: dict[str, Callable[[GitHubForge], object]] = {
    "find": lambda forge: forge.find_pull_request(BRANCH, base="main"),
    "open": lambda forge: forge.create_pull_request(
        branch=BRANCH, base="main", title="t", body="b"
    ),
    "label": lambda forge: forge.add_labels(1, ["x"]),
    "delete": lambda forge: forge.delete_branch(BRANCH),
    "contains": lambda forge: forge.contains("main", COMMIT),
    "writes": lambda forge: forge.can_write("ann"),
    "rules": lambda forge: forge.has_linear_history("main"),
    "look": lambda forge: forge.access(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_renamed_repository_is_reported_with_its_new_name(
    call: Callable[[GitHubForge], object],
) -> None:
    hosts: list[ScriptedHost] = []
    with site(lambda asked: moved(asked, hosts[0].url)) as here:
        hosts.append(here.host)

        with pytest.raises(
            RepositoryMoved, match=r"has moved to h\.test/new/name: correct"
        ) as told:
            call(here.forge)

        assert told.value.reason == "RepositoryMoved"
        assert len(here.host.asked) == 2, "what was asked for, and the new name"


def test_a_repository_that_answers_under_another_name_has_moved() -> None:
    page = {"full_name": "new/name", "default_branch": "main", "private": False}

    with (
        site(lambda _: Reply(body=page)) as here,
        pytest.raises(RepositoryMoved, match=r"to h\.test/new/name"),
    ):
        here.forge.access()
