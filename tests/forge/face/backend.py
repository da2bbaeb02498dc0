"""The face's calls to Gitea's own API (`/api/v1`), under the caller's credentials or the administrator's."""

import base64
from typing import Any

import requests

TIMEOUT_SECONDS = 120
PAGE = 50
"""Gitea's largest page (`[api] MAX_RESPONSE_ITEMS`)."""


class GiteaRefused(Exception):
    """Gitea answered 4xx or 5xx."""

    def __init__(self, status: int, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.status = status
        self.message = message


class Gitea:
    """Gitea's API as one caller may use it."""

    def __init__(self, url: str, authorization: str) -> None:
        """Keep the address and the Authorization header's value ("" for nobody)."""
        self._url = url
        self._authorization = authorization
        self._session = requests.Session()

    @classmethod
    def with_token(cls, url: str, token: str) -> "Gitea":
        """Act for the owner of a token."""
        return cls(url, f"token {token}")

    @classmethod
    def with_password(cls, url: str, login: str, password: str) -> "Gitea":
        """Act for a user by password: the only way to mint a token by API."""
        pair = base64.b64encode(f"{login}:{password}".encode()).decode()
        return cls(url, f"Basic {pair}")

    def raw(
        self, method: str, path: str, *, body: Any = None, query: dict[str, Any] | None = None
    ) -> requests.Response:
        """Return Gitea's successful answer.

        Raises:
            GiteaRefused: it was not successful.
        """
        headers = {"Authorization": self._authorization} if self._authorization else {}
        answer = self._session.request(
            method,
            f"{self._url}/api/v1{path}",
            json=body,
            params=query,
            headers=headers,
            timeout=TIMEOUT_SECONDS,
        )
        if answer.status_code >= 400:
            raise GiteaRefused(answer.status_code, _message(answer))
        return answer

    def ask(
        self, method: str, path: str, *, body: Any = None, query: dict[str, Any] | None = None
    ) -> Any:
        """Return the JSON of Gitea's successful answer, None for an empty one."""
        answer = self.raw(method, path, body=body, query=query)
        return answer.json() if answer.content else None

    def every(self, path: str, query: dict[str, Any] | None = None) -> list[Any]:
        """Return all pages of a list."""
        found: list[Any] = []
        page = 1
        while True:
            items = (
                self.ask("GET", path, query={**(query or {}), "page": page, "limit": PAGE}) or []
            )
            found += items
            if len(items) < PAGE:
                return found
            page += 1


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json().get("message", ""))
    except ValueError:
        return answer.text[:200]
