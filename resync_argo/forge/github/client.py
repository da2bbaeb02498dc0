"""Calls GitHub's REST API for one repository: with credentials, one call at a time, within bounds.

A sync makes a handful of writes, too few for the pacing that GitHub asks for. `RateLimited` says
how long GitHub asks us to wait. Called by `forge`.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from github import Auth

from resync_argo.exchange import exchange, held
from resync_argo.forge.credentials import App, Credentials
from resync_argo.forge.gate import token_identity
from resync_argo.forge.github.errors import translated
from resync_argo.forge.github.requester import PLAIN, CallPolicy, GitHubRequester
from resync_argo.forge.github.tokens import AppTokens, RenewedAuth
from resync_argo.forge.spending import spend
from resync_argo.settings import HostSettings

Ask = Callable[..., tuple[dict[str, Any], Any]]
"""Makes one request, `(method, path, *, query, headers, body)`; returns the answer's headers (names in
lower case) and its JSON, None if empty."""


class Connection:
    """Authenticated access to the forge of one repository; threads may share it.

    Attributes:
        requests: how many were sent, without those for an App's token.
        quota_left: requests left in the current hour, from the last answer; None: the forge did not
            say.
    """

    def __init__(
        self,
        *,
        host: str,
        repository: str,
        credentials: Credentials | AppTokens,
        hosts: Mapping[str, HostSettings],
        policy: CallPolicy = PLAIN,
    ) -> None:
        """Prepare; nothing is sent before the first request."""
        self._credentials = (
            AppTokens(
                host=host,
                repository=repository,
                credentials=credentials,
                hosts=hosts,
                policy=policy,
            )
            if isinstance(credentials, App)
            else credentials
        )
        self._identity = (
            self._credentials.identity
            if isinstance(self._credentials, AppTokens)
            else token_identity(host, self._credentials, owner=repository.partition("/")[0])
        )
        self._policy = policy
        self._host, self._hosts = host, hosts
        self._requester: GitHubRequester | None = None
        self._lock = threading.Lock()
        self._is_leaving = False
        self.requests = 0
        self.quota_left: int | None = None

    @contextmanager
    def call(self, shown: str, doing: str, *, missing: str | None = None) -> Iterator[Ask]:
        """Provide the requester to one thread, for one call.

        PyGithub stores the request before it sends it, so two threads would send each other's.
        GitHub also asks for sequential requests.

        Args:
            shown: the repository, `host/owner/name`, for messages.
            doing: the purpose of the call, in words that follow "could not".
            missing: what does not exist if the answer is 404; None: the repository itself.

        Raises:
            ForgeError: see `interface`. While the token must wait, `RateLimited` without sending
                anything; at a bound, `ForgeUnavailable`.
        """
        where = f"{shown}: could not {doing}"
        try:
            with (
                self._policy.passed(self._identity, where),
                translated(shown, doing, missing=missing),
                exchange(self._policy.bounds),
                held(self._lock),
            ):
                # The call that held the lock may have closed the gate.
                self._policy.check(self._identity, where)
                yield self._ask
        finally:
            if self._is_leaving:
                self.close()

    def close(self) -> None:
        """Close the connections after the current call, but return at once.

        Another call opens new ones, so a cache may close a connection that is still in use.
        """
        self._is_leaving = True
        if self._lock.acquire(blocking=False):
            try:
                self._is_leaving = False
                if self._requester is not None:
                    self._requester.close()
            finally:
                self._lock.release()

    def permissions_of_app(self) -> Mapping[str, str] | None:
        """Return an App's permissions in the repository, by GitHub's names; None for a token.

        Raises:
            ForgeError: the App's credentials are not accepted, or it is not installed there.
        """
        if isinstance(self._credentials, AppTokens):
            return self._credentials.permissions()
        return None

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> tuple[dict[str, Any], Any]:
        if self._requester is None:
            auth = self._authentication()
            self._requester = GitHubRequester(self._host, auth, self._hosts)
        self.requests += 1
        try:
            return self._requester.requestJsonAndCheck(method, path, query, headers, body)
        finally:
            # Conditional requests with unchanged answers cost no quota (GitHub, "Best practices for
            # using the REST API").
            spend(0 if self._requester.last_status == HTTPStatus.NOT_MODIFIED else 1)
            left, _ = self._requester.rate_limiting
            self.quota_left = left if left >= 0 else None
            if self._policy.gate is not None and self.quota_left is not None:
                seconds = max(self._requester.rate_limiting_resettime - time.time(), 0.0)
                self._policy.gate.tell_left(self._identity, left, seconds)

    def _authentication(self) -> Auth.Auth:
        if isinstance(self._credentials, AppTokens):
            return RenewedAuth(self._credentials)
        return Auth.Token(self._credentials.value)
