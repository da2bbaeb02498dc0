"""Handles GitHub's delays: just after a push or a creation, parts of it do not show the change yet.

A refusal that such a delay explains counts as temporary for a short while after it first occurred.
Later a person must act, since a branch or a pull request that really is missing is refused in the
same words.
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
    """When each refusal was first met; safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none met; `clock` gives seconds that only go forward."""
        self._clock = clock
        self._since: TTLCache[str, float] = TTLCache(MAX_KEPT, ttl=KEPT_SECONDS, timer=clock)
        self._lock = threading.Lock()

    @contextmanager
    def of(self, what: str, is_unseen: Callable[[ForgeError], bool]) -> Iterator[None]:
        """Turn a refusal inside into a passing one while it may be.

        Args:
            what: was just made.
            is_unseen: tells whether a refusal may be for want of it.

        Raises:
            ForgeUnavailable: it may pass.
            ForgeError: it does not, or is another one.
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
    """Return whether a pull request was refused since its head is not known."""
    return bool(_HEAD.search(str(refused)))


def hides_pull_request(refused: ForgeError) -> bool:
    """Return whether a pull request was refused since there is one, which lists may not show yet."""
    return bool(_EXISTS.search(str(refused)))


def lacks_commit(refused: ForgeError) -> bool:
    """Return whether something about a commit was refused since that is not known."""
    return isinstance(refused, ObjectNotFound) or bool(_COMMIT.search(str(refused)))


def lacks_pull_request(refused: ForgeError) -> bool:
    """Return whether something about a pull request was refused since that is not known."""
    return isinstance(refused, ObjectNotFound) or bool(_NODE.search(str(refused)))
