"""Sends requests to GitHub's REST API: PyGithub's `Requester`, sent through our own HTTP client.

PyGithub does authentication, encoding and errors. We do not use its objects. If an answer lacks a
field, they return None whatever the type says (a merge would read as closed), or send another
request. Their `delete` of a ref and their `compare` send requests that GitHub does not know or that
we cannot afford. PyGithub's sleeps and retries are off, since every caller has a queue with
back-off. Created by `client` and `tokens`.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from github import Auth, GithubException
from github.Requester import HTTPSRequestsConnectionClass, Requester, RequestsResponse

from resync_argo.exchange import Bounds
from resync_argo.forge.gate import Gate
from resync_argo.forge.github.moved import STATUSES, Moved, moved
from resync_argo.http_client import bounded
from resync_argo.settings import HostSettings

CALL = Bounds(seconds=60, answer_bytes=8 << 20)
"""What one call may cost, all its requests together: three thousand files of a pull request are 3 MiB.
As Python's objects it is up to thirty times as large."""

PER_PAGE = 100
TIMEOUT_SECONDS = 30
"""For each read; the call's own bounds hold as well."""

USER_AGENT = "resync-argo"
_PORTS = {"http": 80, "https": 443}


NO_SETTINGS = HostSettings()


@dataclass(frozen=True, kw_only=True)
class CallPolicy:
    """How this process treats forges.

    Attributes:
        bounds: the limits of one call.
        gate: delays the calls of a token that must wait; None: no delays.
        clock: monotonic seconds.
    """

    bounds: Bounds = CALL
    gate: Gate | None = None
    clock: Callable[[], float] = time.monotonic

    def passed(self, identity: str, where: str) -> AbstractContextManager[None]:
        """See `Gate`."""
        return nullcontext() if self.gate is None else self.gate.passed(identity, where)

    def check(self, identity: str, where: str) -> None:
        """See `Gate`."""
        if self.gate is not None:
            self.gate.check(identity, where)


PLAIN = CallPolicy()


class GitHubRequester(Requester):
    """PyGithub's requester, for one thread at a time, since it stores the request before it sends it.

    Attributes:
        last_status: status of the last answer; None if there was none, or it was a redirect.
    """

    last_status: int | None = None

    def __init__(self, host: str, auth: Auth.Auth, hosts: Mapping[str, HostSettings]) -> None:
        """Prepare; nothing is sent before the first request.

        Args:
            host: of the repositories.
            auth: the credentials.
            hosts: `Settings.hosts`.
        """
        settings = hosts.get(host, NO_SETTINGS)
        base_url = settings.api_url or api_url(host)
        verify: bool | str = settings.ca_file or True
        super().__init__(
            auth=auth,
            base_url=base_url,
            timeout=TIMEOUT_SECONDS,
            user_agent=USER_AGENT,
            per_page=PER_PAGE,
            verify=verify,
            retry=None,
            pool_size=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        self._door = _Door(base_url, verify=verify)

    def requestJson(  # noqa: N802 - PyGithub's name
        self, verb: str, url: str, *args: Any, **named: Any
    ) -> tuple[int, dict[str, Any], str]:
        """See `Requester`; always sends through our own HTTP client.

        Raises:
            Moved: the answer is a redirect.
        """
        parameters_headers_input = args[:3]
        self.last_status = None
        try:
            answer = super().requestJson(
                verb, url, *parameters_headers_input, **(named | {"cnx": self._door})
            )
        except Moved as redirect:
            if redirect.name is not None or redirect.by_id is None or redirect.by_id == url:
                raise
            raise Moved(redirect.path, self._name_of(redirect.by_id)) from redirect
        self.last_status = answer[0]
        return answer

    def _name_of(self, path: str) -> str | None:
        """Return the name of a repository known by its number; None if the forge does not reveal it."""
        try:
            _, answer = self.requestJsonAndCheck("GET", path)
        except (GithubException, Moved):
            return None
        name = answer.get("full_name") if isinstance(answer, dict) else None
        return name if isinstance(name, str) else None

    def close(self) -> None:
        """Close the connections; another request opens new ones."""
        super().close()
        self._door.close()


class _Door(HTTPSRequestsConnectionClass):
    """PyGithub's connection to one host, by either scheme."""

    def __init__(self, base_url: str, *, verify: bool | str) -> None:
        url = urlsplit(base_url)
        self._base_url = base_url
        super().__init__(
            url.hostname or "",
            url.port or _PORTS.get(url.scheme),
            timeout=TIMEOUT_SECONDS,
            verify=verify,
        )
        self.protocol = url.scheme
        bounded(self.session)

    def getresponse(self) -> RequestsResponse:
        """Return the answer.

        Raises:
            Moved: the answer is a redirect, which PyGithub would follow without the query.
        """
        response = super().getresponse()
        if response.status in STATUSES:
            location = dict(response.getheaders()).get("Location", "")
            raise moved(self._base_url, location)
        return response


def api_url(host: str) -> str:
    """Return the REST API's address for a host without a setting.

    Source: GitHub's "Getting started with the REST API", for GitHub Enterprise Server and for GHE.com.
    """
    if host == "github.com" or host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"https://{host}/api/v3"
