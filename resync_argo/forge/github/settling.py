"""Handles GitHub's delays: just after a push or a creation, parts of GitHub do not show the change yet.

A refusal that such a delay can explain counts as temporary for a short while. After that a person
must act: GitHub uses the same words if a branch or pull request is really missing.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cachetools import TTLCache

from resync_argo.forge.interface import (
    ForgeError,
    ForgeUnavailable,
    ObjectNotFound,
    RequestRefused,
)

SETTLE_SECONDS = 20.0
"""How long a refusal counts as passing; `cli/cli` gives a new pull request less."""

PAUSE_SECONDS = 2.0

MAX_KEPT = 1_000
KEPT_SECONDS = 600.0
"""After that the same refusal is a new one."""

_HEAD = re.compile(r"\bhead (invalid|sha|ref)\b", re.I)
_EXISTS = re.compile(r"\bpull request already exists\b", re.I)
_COMMIT = re.compile(r"\bNo commit found\b", re.I)
_NODE = re.compile(r"Could not resolve to a node", re.I)


class Settling:
    """When each refusal first occurred; thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without refusals; `clock` returns monotonic seconds."""
        self._clock = clock
        self._since: TTLCache[str, float] = TTLCache(MAX_KEPT, ttl=KEPT_SECONDS, timer=clock)
        self._lock = threading.Lock()

    @contextmanager
    def of(self, what: str, is_unseen: Callable[[ForgeError], bool]) -> Iterator[None]:
        """Raise refusals inside the block as temporary errors while a delay can explain them.

        Args:
            what: the thing that was just created.
            is_unseen: returns whether a refusal may mean that the forge does not see it yet.

        Raises:
            ForgeUnavailable: the refusal may be temporary.
            ForgeError: it is not, or there is another error.
        """
        try:
            yield
        except (ObjectNotFound, RequestRefused) as refused:
            if not is_unseen(refused) or not self._is_new(what):
                raise
            raise ForgeUnavailable(
                f"{refused} It may not show yet what was just made.", retry_after=PAUSE_SECONDS
            ) from refused
        with self._lock:
            self._since.pop(what, None)

    def _is_new(self, what: str) -> bool:
        with self._lock:
            now = self._clock()
            since: float = self._since.setdefault(what, now)
            return now - since < SETTLE_SECONDS


def lacks_head(refused: ForgeError) -> bool:
    """Return whether a pull request was refused because its head is unknown."""
    return bool(_HEAD.search(str(refused)))


def hides_pull_request(refused: ForgeError) -> bool:
    """Return whether a pull request was refused because one exists, which lists may not show yet."""
    return bool(_EXISTS.search(str(refused)))


def lacks_commit(refused: ForgeError) -> bool:
    """Return whether a request was refused because its commit is unknown."""
    return isinstance(refused, ObjectNotFound) or bool(_COMMIT.search(str(refused)))


def lacks_pull_request(refused: ForgeError) -> bool:
    """Return whether a request was refused because its pull request is unknown."""
    return isinstance(refused, ObjectNotFound) or bool(_NODE.search(str(refused)))
