"""Connects to GitHub's REST API: which address, which credentials, which manners.

PyGithub carries authentication, encoding and errors; an App's tokens come from `github_tokens`. It is told not to sleep
and not to retry: whoever calls us has a queue with back-off, and `RateLimited` says how long GitHub asks to wait. We make
a handful of writes per sync, far below what GitHub wants paced.
Called by `github`.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from github import Auth, Github

from resync_argo.forge.credentials import App, Credentials
from resync_argo.forge.github_tokens import (
    TIMEOUT_SECONDS,
    USER_AGENT,
    AppTokens,
    RenewedAuth,
    api_url,
)
from resync_argo.settings import HostSettings

PER_PAGE = 100
NO_SETTINGS = HostSettings()


class Connection:
    """Authenticated access to the forge of one repository.

    Attributes:
        repository: `owner/name`.
        shown: `host/owner/name`, for messages.
        requests: how many were made, without those for an App's token.
        quota_left: requests left in the present hour, as the forge said last; None: it does not say.
    """

    def __init__(
        self,
        *,
        host: str,
        repository: str,
        credentials: Credentials | AppTokens,
        hosts: Mapping[str, HostSettings],
    ) -> None:
        """Prepare; nothing is sent before the first request."""
        settings = hosts.get(host, NO_SETTINGS)
        self.repository = repository
        self.shown = f"{host}/{repository}"
        self._credentials = (
            AppTokens(host=host, repository=repository, credentials=credentials, hosts=hosts)
            if isinstance(credentials, App)
            else credentials
        )
        self._base_url = settings.api_url or api_url(host)
        self.requests = 0
        self.quota_left: int | None = None
        self._verify: bool | str = settings.ca_file or True
        self._client: Github | None = None
        self._lock = threading.Lock()

    @contextmanager
    def one_at_a_time(self) -> Iterator[Github]:
        """Give PyGithub's client, made at the first use, to one thread.

        PyGithub keeps the request that it is about to send in its connection, so two threads would send each
        other's; and GitHub asks for requests to be made one after the other.
        """
        with self._lock:
            if self._client is None:
                self._client = self._connected(self._authentication())
            self.requests += 1
            try:
                yield self._client
            finally:
                left, _ = self._client.requester.rate_limiting
                self.quota_left = left if left >= 0 else None

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def permissions_of_app(self) -> Mapping[str, str] | None:
        """Return what an App may do in the repository, by GitHub's names; None where there is a token.

        Raises:
            ForgeError: the App's credentials are not accepted, or it is not installed there.
        """
        if isinstance(self._credentials, AppTokens):
            return self._credentials.permissions()
        return None

    def _authentication(self) -> Auth.Auth:
        if isinstance(self._credentials, AppTokens):
            return RenewedAuth(self._credentials)
        return Auth.Token(self._credentials.value)

    def _connected(self, auth: Auth.Auth) -> Github:
        return Github(
            auth=auth,
            base_url=self._base_url,
            timeout=TIMEOUT_SECONDS,
            user_agent=USER_AGENT,
            per_page=PER_PAGE,
            verify=self._verify,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
