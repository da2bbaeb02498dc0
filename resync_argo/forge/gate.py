"""Delays all calls with a rate-limited token, not only the call that met the limit.

GitHub counts requests for each token and installation ("Rate limits for the REST API"), and may ban
clients that keep sending requests while limited. One `Gate` serves the process; connections ask it
before they send. It stores a token's hash, and forgets it when the wait is over.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cachetools import TLRUCache

from resync_argo.errors import requested_wait
from resync_argo.forge.credentials import Credentials, Token
from resync_argo.forge.interface import ForgeError, RateLimited

LONGEST_SECONDS = 3600.0
"""GitHub's limits end within the hour; after a longer wait from a forge, we ask sooner."""

MAX_TOKENS = 10_000


class Gate:
    """How long tokens must wait, and their remaining requests; thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without limits.

        Args:
            clock: monotonic seconds.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._until: TLRUCache[str, float] = TLRUCache(
            maxsize=MAX_TOKENS, ttu=lambda _token, until, _now: until, timer=clock
        )
        self._left: TLRUCache[str, tuple[int, float]] = TLRUCache(
            maxsize=MAX_TOKENS, ttu=lambda _token, told, _now: told[1], timer=clock
        )

    def tell_left(self, identity: str, requests: int, seconds: float) -> None:
        """Record a token's remaining requests.

        Args:
            identity: what `token_identity` returned.
            requests: how many.
            seconds: until the forge's count starts again; capped at an hour.
        """
        until = self._clock() + min(seconds, LONGEST_SECONDS)
        with self._lock:
            self._left[identity] = requests, until

    def requests_left(self, identity: str) -> int | None:
        """Return a token's remaining requests; None: unknown.

        Args:
            identity: what `token_identity` returned.
        """
        with self._lock:
            self._left.expire()
            found: tuple[int, float] | None = self._left.get(identity)
            return found[0] if found is not None else None

    @property
    def remembered(self) -> int:
        """Return how many tokens must wait."""
        with self._lock:
            return len(self._until)

    def wait_seconds(self, identity: str) -> float:
        """Return how long a token must wait; 0.0 if it need not.

        Args:
            identity: what `token_identity` returned.
        """
        with self._lock:
            self._until.expire()
            until: float | None = self._until.get(identity)
            return max(0.0, until - self._clock()) if until is not None else 0.0

    def close_for(self, identity: str, seconds: float) -> None:
        """Make a token wait from now on; never shortens an earlier wait.

        Args:
            identity: what `token_identity` returned.
            seconds: how long; capped at an hour.
        """
        until = self._clock() + min(seconds, LONGEST_SECONDS)
        with self._lock:
            self._until[identity] = max(until, self._until.get(identity, until))

    def check(self, identity: str, where: str) -> None:
        """Raise if a token must not be used now.

        Raises:
            RateLimited: the token must wait; `where` begins the message.
        """
        wait = self.wait_seconds(identity)
        if wait > 0:
            message = f"{where}: the forge asked this token to wait {wait:.0f} s more."
            raise RateLimited(message, retry_after=wait)

    @contextmanager
    def passed(self, identity: str, where: str) -> Iterator[None]:
        """Let a call through; if the forge answers with a rate limit, close for that long.

        Raises:
            RateLimited: the token must wait.
        """
        self.check(identity, where)
        try:
            yield
        except ForgeError as error:
            if requested_wait(error) > 0:
                self.close_for(identity, requested_wait(error))
            raise


def token_identity(host: str, credentials: Credentials, *, owner: str) -> str:
    """Return an identifier of a token, or of an App's installation, that does not reveal it.

    Args:
        host: of the forge.
        credentials: the token, or the App.
        owner: the installation's owner, if the App's credentials do not name it.
    """
    if isinstance(credentials, Token):
        parts = ["token", credentials.value]
    else:
        installation = str(credentials.installation_id or owner.lower())
        parts = ["app", credentials.app_id, credentials.private_key, installation]
    return hashlib.sha256("\0".join([host.lower(), *parts]).encode()).hexdigest()
