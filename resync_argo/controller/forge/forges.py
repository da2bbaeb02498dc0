"""The forge of each Plan's repositories, connected with the Plan's credentials.

Each repository and Secret has one connection, which polls reuse; new credentials make a new one.
Tests replace `connect` by their own forge.
"""

import threading
from typing import Protocol

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import RepositoryName
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.forge.credentials import Credentials
from resync_argo.forge.github.forge import GitHubForge
from resync_argo.forge.github.requester import PLAIN, CallPolicy
from resync_argo.forge.interface import Forge
from resync_argo.settings import Settings

MAX_FORGES = 2_000
"""How many connections to keep; the least recently used goes first."""


Asked = tuple[str, str]
"""Identifies requests: a namespace, and `host/owner/name`."""


class Connect(Protocol):
    """Makes the forge of a repository."""

    def __call__(
        self,
        repository: RepositoryName,
        *,
        credentials: Credentials,
        head_repository: RepositoryName | None,
    ) -> Forge:
        """Return the forge; `head_repository`, if given, holds the branches."""


def connect_github(settings: Settings, policy: CallPolicy = PLAIN) -> Connect:
    """Return a function that connects GitHub and GitHub Enterprise Server; `policy` is how to treat them."""

    def connect(
        repository: RepositoryName,
        *,
        credentials: Credentials,
        head_repository: RepositoryName | None,
    ) -> Forge:
        return GitHubForge(
            repository,
            credentials=credentials,
            hosts=settings.hosts,
            head_repository=head_repository,
            policy=policy,
        )

    return connect


class _Connections(LRUCache[tuple[ObjectKey, str, str | None], tuple[Credentials, Forge]]):
    """Forges and their credentials; a dropped forge is closed."""

    def __delitem__(self, key: tuple[ObjectKey, str, str | None]) -> None:
        _, forge = self[key]
        super().__delitem__(key)
        if isinstance(forge, GitHubForge):
            forge.close()


class Forges:
    """The forges of all Plans; safe to use from many threads."""

    def __init__(self, secrets: Secrets, connect: Connect) -> None:
        """Start without forges."""
        self._secrets = secrets
        self._connect = connect
        self._made = _Connections(MAX_FORGES)
        self._lock = threading.Lock()

    def final(self, access: ForgeAccess) -> Forge:
        """Return the forge of the final pull request: the downstream's.

        Raises:
            Stalled: the Secret lacks a key.
        """
        return self._forge(access.secret, access.downstream, access.fork)

    def conflict(self, access: ForgeAccess) -> Forge:
        """Return the forge of conflict pull requests: the fork's, if there is one.

        Raises:
            Stalled: the Secret lacks a key.
        """
        return self._forge(access.fork_secret, access.branches_in, None)

    def _forge(self, secret: ObjectKey, repository: str, head: str | None) -> Forge:
        credentials = self._secrets.credentials(secret)
        key = secret, repository, head
        with self._lock:
            made_with, forge = self._made.get(key, (None, None))
            if forge is None or made_with != credentials:
                forge = self._connect(
                    RepositoryName.of(repository),
                    credentials=credentials,
                    head_repository=RepositoryName.of(head) if head else None,
                )
                self._made.pop(key, None)
                self._made[key] = credentials, forge
            return forge

    def requests(self) -> dict[Asked, int]:
        """Return how many requests were made, by namespace and repository."""
        made: dict[Asked, int] = {}
        for asked, forge in self._on_github():
            made[asked] = made.get(asked, 0) + forge.requests
        return made

    def quota_left(self) -> dict[Asked, int]:
        """Return the requests left in the current hour by the same keys, if the forge reports them."""
        left: dict[Asked, int] = {}
        for asked, forge in self._on_github():
            if forge.quota_left is not None:
                left[asked] = min(left.get(asked, forge.quota_left), forge.quota_left)
        return left

    def _on_github(self) -> list[tuple[Asked, GitHubForge]]:
        with self._lock:
            made = [
                ((secret.namespace, repository), forge)
                for (secret, repository, _), (_, forge) in self._made.items()
            ]
        return [(asked, forge) for asked, forge in made if isinstance(forge, GitHubForge)]
