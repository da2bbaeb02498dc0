"""Which forge and which git address a Plan's repositories have, with the Plan's credentials.

Adapters are made once per repository and credentials and kept, so that a poll reuses its connection.
Used by `tag`, `upstream`, `resolutions`; tests put a forge of their own in `connect`'s place.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan, RepositoryName
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.controller.state.keys import upstream_key
from resync_argo.errors import Stalled
from resync_argo.forge.credentials import Credentials
from resync_argo.forge.github import GitHubForge
from resync_argo.forge.github_tokens import token_source
from resync_argo.forge.interface import Forge
from resync_argo.git import Remote
from resync_argo.settings import HostSettings, Settings


class Connect(Protocol):
    """Makes the forge of a repository."""

    def __call__(
        self,
        repository: RepositoryName,
        *,
        credentials: Credentials,
        head_repository: RepositoryName | None,
    ) -> Forge:
        """Return the forge; `head_repository` holds the branches where it is given."""


def connect_github(settings: Settings) -> Connect:
    """Return how to reach GitHub and GitHub Enterprise Server."""

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
        )

    return connect


class Forges:
    """The forges of all Plans; safe to use from many threads."""

    def __init__(self, secrets: Secrets, connect: Connect) -> None:
        """Begin with none made."""
        self._secrets = secrets
        self._connect = connect
        self._made: dict[tuple[str, str | None, Credentials], Forge] = {}
        self._lock = threading.Lock()

    def final(self, plan: Plan) -> Forge:
        """Return the forge in which the final pull request is: the downstream's.

        Raises:
            Stalled: the Plan names no Secret, or it lacks a key.
        """
        downstream = plan.spec.config.downstream
        return self._forge(github_secret(plan), downstream.name, downstream.fork)

    def conflict(self, plan: Plan) -> Forge:
        """Return the forge in which conflict pull requests are: the fork's where there is one.

        Raises:
            Stalled: the Plan names no Secret, or it lacks a key.
        """
        downstream = plan.spec.config.downstream
        return self._forge(fork_secret(plan), downstream.fork or downstream.name, None)

    def _forge(self, secret: ObjectKey, repository: str, head: str | None) -> Forge:
        credentials = self._secrets.credentials(secret)
        key = repository, head, credentials
        with self._lock:
            if key not in self._made:
                self._made[key] = self._connect(
                    RepositoryName.of(repository),
                    credentials=credentials,
                    head_repository=RepositoryName.of(head) if head else None,
                )
            return self._made[key]

    def requests(self) -> dict[str, int]:
        """Return how many requests were made, by repository."""
        made: dict[str, int] = {}
        for repository, forge in self._on_github():
            made[repository] = made.get(repository, 0) + forge.requests
        return made

    def quota_left(self) -> dict[str, int]:
        """Return the requests left in the present hour, by repository, where the forge tells."""
        left: dict[str, int] = {}
        for repository, forge in self._on_github():
            if forge.quota_left is not None:
                left[repository] = min(left.get(repository, forge.quota_left), forge.quota_left)
        return left

    def _on_github(self) -> list[tuple[str, GitHubForge]]:
        with self._lock:
            made = [(repository, forge) for (repository, _, _), forge in self._made.items()]
        return [(name, forge) for name, forge in made if isinstance(forge, GitHubForge)]


def github_secret(plan: Plan) -> ObjectKey:
    """Return the Secret that holds a Plan's credentials for the forge.

    Raises:
        Stalled: the Plan names none.
    """
    github = plan.spec.config.github
    if github is None:
        raise Stalled("NoCredentials", "`config.github` is missing: the forge cannot be asked.")
    return ObjectKey(plan.metadata.namespace, github.credentials.secret_selector)


def fork_secret(plan: Plan) -> ObjectKey:
    """Return the Secret for the repository with our branches: the fork's own, where it has one.

    Raises:
        Stalled: the Plan names none.
    """
    github = plan.spec.config.github
    if github is None or github.fork_credentials is None:
        return github_secret(plan)
    return ObjectKey(plan.metadata.namespace, github.fork_credentials.secret_selector)


class Remotes:
    """Addresses of repositories for git, with a token where a Secret is for that host."""

    def __init__(self, secrets: Secrets, hosts: dict[str, HostSettings]) -> None:
        """Begin with no token minted."""
        self._secrets = secrets
        self._hosts = hosts
        self._tokens: dict[tuple[ObjectKey, str], tuple[Credentials, Callable[[], str]]] = {}

    def upstream(self, plan: Plan) -> Remote:
        """Return where a Plan's upstream is read, with the downstream's token, as in the pods.

        A GitHub App need not be installed on an upstream that everybody may read.

        Raises:
            ResyncError: its Secret lacks something, or the forge mints no token.
        """
        config = plan.spec.config
        secret = github_secret(plan) if upstream_key(plan).secret else None
        upstream, downstream = (
            RepositoryName.of(name) for name in (config.upstream.name, config.downstream.name)
        )
        return self._remote(upstream, secret, token_of=downstream)

    def final(self, plan: Plan) -> Remote:
        """Return where the downstream is read.

        Raises:
            ResyncError: as `upstream` does.
        """
        return self._remote(
            RepositoryName.of(plan.spec.config.downstream.name), github_secret(plan)
        )

    def conflict(self, plan: Plan, *, fresh: bool = False) -> Remote:
        """Return where conflict branches are read: in the fork where there is one.

        Args:
            plan: the Plan.
            fresh: mint an App's token now; one keeps the permissions that the App had when it was minted.

        Raises:
            ResyncError: as `upstream` does.
        """
        downstream = plan.spec.config.downstream
        name, secret = RepositoryName.of(downstream.fork or downstream.name), fork_secret(plan)
        if fresh:
            self._tokens.pop((secret, str(name)), None)
        return self._remote(name, secret)

    def _remote(
        self,
        name: RepositoryName,
        secret: ObjectKey | None,
        *,
        token_of: RepositoryName | None = None,
    ) -> Remote:
        host = self._hosts.get(name.host, HostSettings())
        base = host.git_url or f"https://{name.host}"
        return Remote(
            url=f"{base.rstrip('/')}/{name.path}",
            token_file=self._token_file(secret, token_of or name) if secret else None,
            ca_file=host.ca_file,
        )

    def _token_file(self, secret: ObjectKey, name: RepositoryName) -> Path:
        key = secret, str(name)
        credentials = self._secrets.credentials(secret)
        made_of, token = self._tokens.get(key, (None, None))
        if token is None or made_of != credentials:
            token = token_source(
                host=name.host, repository=name.path, credentials=credentials, hosts=self._hosts
            )
            self._tokens[key] = credentials, token
        return self._secrets.token_file(secret, str(name), token())
