"""What the face knows besides Gitea: its Apps, who is an organization, and what it has served.

One `World` per face, shared by all its threads.
"""

import base64
import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.forge.openapi import Description


@dataclass(frozen=True, kw_only=True)
class App:
    """A GitHub App: `login` is the Gitea user that acts for it, whose tokens need its password."""

    id: int
    slug: str
    public_key: str
    login: str
    password: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the journal: a REST request that was answered, faults included.

    Attributes:
        at: seconds since the epoch.
        conditional: whether it had If-None-Match.
        agent: the User-Agent, which tells our code (`resync-argo`) from a test that plays a person.
        filled: what the face made up in the answer, see `completion`.
    """

    at: float
    method: str
    path: str
    status: int
    conditional: bool
    agent: str
    seconds: float
    filled: tuple[str, ...]


@dataclass(kw_only=True)
class Fault:
    """An answer that the next `times` fitting requests get instead of the true one; `errors` are GitHub's."""

    status: int
    times: int = 1
    message: str = "Fault made for a test"
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    method: str = ".*"
    path: str = ".*"

    def fits(self, method: str, path: str) -> bool:
        """Return whether the fault is for this request."""
        return bool(re.fullmatch(self.method, method) and re.fullmatch(self.path, path))


class World:
    """The face's own memory.

    Attributes:
        rules: the rules of a repository's branch, and `protections` its classic one, as GitHub has them.
        moved: names that repositories had, each with the repository's number; `names` has the present ones.
    """

    def __init__(self) -> None:
        """Begin with an empty journal and no faults; `open` comes before the first call."""
        self.gitea_url = ""
        self.admin_token = ""
        self.apps: dict[str, App] = {}
        self.description = Description()
        self.organizations: set[str] = set()
        self.unmergeable_since: dict[tuple[Any, ...], float] = {}
        self.rules: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.protections: dict[tuple[str, str], dict[str, Any]] = {}
        self.moved: dict[str, int] = {}
        self.names: dict[int, str] = {}
        self.own_address = ""
        self.token_seconds = 3600.0
        self.without_app: set[str] = set()
        self._expiry: dict[str, float] = {}
        self._lock = threading.Lock()
        self._journal: deque[Entry] = deque(maxlen=100_000)
        self._violations: list[str] = []
        self._faults: list[Fault] = []

    def open(self, *, gitea_url: str, admin_token: str, apps: list[App]) -> None:
        """Say which Gitea is behind the face, who administers it, and which Apps there are."""
        self.gitea_url = gitea_url
        self.admin_token = admin_token
        self.apps = {app.login: app for app in apps}

    def let_expire(self, token: str) -> float:
        """Let an App's token live `token_seconds` from now on; return when it ends."""
        with self._lock:
            self._expiry[token] = time.time() + self.token_seconds
            return self._expiry[token]

    def is_expired(self, authorization: str) -> bool:
        """Return whether a request's Authorization header brings a token that has expired."""
        kind, _, token = authorization.partition(" ")
        if kind.lower() == "basic":
            token = base64.b64decode(token).decode(errors="replace").partition(":")[2]
        with self._lock:
            return self._expiry.get(token, float("inf")) < time.time()

    def record(self, entry: Entry, violations: list[str]) -> None:
        """Add to the journal."""
        with self._lock:
            self._journal.append(entry)
            self._violations += violations

    def violate(self, violations: list[str]) -> None:
        """Add what a webhook's payload does wrong."""
        with self._lock:
            self._violations += violations

    def journal(self) -> list[Entry]:
        """Return the requests so far, oldest first."""
        with self._lock:
            return list(self._journal)

    def violations(self) -> list[str]:
        """Return every departure from GitHub's description so far."""
        with self._lock:
            return list(self._violations)

    def forget(self) -> None:
        """Empty the journal, the violations and the faults."""
        with self._lock:
            self._journal.clear()
            self._violations.clear()
            self._faults.clear()

    def inject(self, fault: Fault) -> None:
        """Let the next fitting requests fail."""
        with self._lock:
            self._faults.append(fault)

    def take_fault(self, method: str, path: str) -> Fault | None:
        """Return the fault for a request, using one of its times up."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and fault.fits(method, path):
                    fault.times -= 1
                    return fault
        return None


def now() -> float:
    """Seconds since the epoch."""
    return time.time()
