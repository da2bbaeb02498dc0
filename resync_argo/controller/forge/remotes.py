"""Addresses of repositories for git, with a token if a Secret is for that host."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import RepositoryName
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.forge.credentials import Credentials
from resync_argo.forge.github.requester import PLAIN, CallPolicy
from resync_argo.forge.github.tokens import token_source
from resync_argo.git import Remote
from resync_argo.settings import HostSettings

MAX_TOKENS = 5_000

_Token = tuple[Credentials, Callable[[], str]]


class Remotes:
    """The repositories of all Plans for git; safe to use from many threads."""

    def __init__(
        self, secrets: Secrets, hosts: dict[str, HostSettings], policy: CallPolicy = PLAIN
    ) -> None:
        """Start without tokens; `policy` is how to treat a forge that mints them."""
        self._policy = policy
        self._secrets = secrets
        self._hosts = hosts
        self._tokens: LRUCache[tuple[ObjectKey, str], _Token] = LRUCache(MAX_TOKENS)
        self._lock = threading.Lock()

    def upstream(self, name: str, secret: ObjectKey | None, downstream: str) -> Remote:
        """Return the remote of an upstream, with the downstream's token, as in the pods; its host may redirect.

        A GitHub App need not be installed on a public upstream.

        Args:
            name: `host/owner/name` of the upstream.
            secret: the Secret with the downstream's credentials; None: read without credentials.
            downstream: `host/owner/name` of the downstream.

        Raises:
            ResyncError: the Secret lacks something, or the forge mints no token.
        """
        token_of = RepositoryName.of(downstream)
        return replace(
            self._remote(RepositoryName.of(name), secret, token_of=token_of), may_redirect=True
        )

    def final(self, access: ForgeAccess) -> Remote:
        """Return the remote of the downstream.

        Raises:
            ResyncError: as `upstream` does.
        """
        return self._remote(RepositoryName.of(access.downstream), access.secret)

    def conflict(self, access: ForgeAccess, *, fresh: bool = False) -> Remote:
        """Return the remote of conflict branches: the fork, if there is one.

        Args:
            access: how the Plan reaches it.
            fresh: mint an App's token now, since a token keeps the permissions of its minting time.

        Raises:
            ResyncError: as `upstream` does.
        """
        name = RepositoryName.of(access.branches_in)
        if fresh:
            with self._lock:
                self._tokens.pop((access.fork_secret, str(name)), None)
        return self._remote(name, access.fork_secret)

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
        with self._lock:
            made_of, token = self._tokens.get(key, (None, None))
        if token is None or made_of != credentials:
            token = token_source(
                host=name.host,
                repository=name.path,
                credentials=credentials,
                hosts=self._hosts,
                policy=self._policy,
            )
            with self._lock:
                self._tokens[key] = credentials, token
        return self._secrets.token_file(secret, str(name), token())
