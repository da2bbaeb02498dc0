"""Connections to forges are kept while they are valid, and closed when they are dropped."""

from collections.abc import Mapping
from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import RepositoryName
from resync_argo.controller.forge import forges
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.forge.credentials import Credentials, Token
from resync_argo.forge.github.forge import GitHubForge
from resync_argo.settings import HostSettings

HOSTS: Mapping[str, HostSettings] = {}


class Rotated(Secrets):
    """Secrets that all hold the same token, until a test changes it."""

    def __init__(self) -> None:
        self.token = "first"

    def credentials(self, key: ObjectKey) -> Credentials:  # noqa: ARG002 - as its base class has it
        return Token(value=self.token)


class Watched(GitHubForge):
    """A forge that says when it is closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True
        super().close()


def connect(repository: RepositoryName, **options: Any) -> Watched:
    return Watched(repository, hosts=HOSTS, **options)


def access(number: int = 1) -> ForgeAccess:
    secret = ObjectKey("forks", "github")
    name = f"forge.test/down/project-{number}"
    return ForgeAccess(downstream=name, fork=None, branch="main", secret=secret, fork_secret=secret)


def test_a_connection_is_reused() -> None:
    made = Forges(Rotated(), connect)

    assert made.final(access()) is made.final(access())


def test_new_credentials_make_a_new_connection_and_close_the_old_one() -> None:
    secrets = Rotated()
    made = Forges(secrets, connect)
    old = made.final(access())
    secrets.token = "second"

    new = made.final(access())

    assert isinstance(old, Watched)
    assert isinstance(new, Watched)
    assert (old.is_closed, new.is_closed) == (True, False)
    assert new is made.final(access())


def test_the_least_recently_used_connection_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forges, "MAX_FORGES", 2)
    made = Forges(Rotated(), connect)
    first, second = made.final(access(1)), made.final(access(2))
    assert made.final(access(1)) is first

    made.final(access(3))

    assert isinstance(first, Watched)
    assert isinstance(second, Watched)
    assert (first.is_closed, second.is_closed) == (False, True)
