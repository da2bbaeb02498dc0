"""Reads pull requests cheaply: for an unchanged one, the forge answers 304, which costs no quota.

Answers are cached with their ETag ("Best practices for using the REST API"), separately for each
Secret, so that no tenant sees what only another tenant's credentials may see. A pull request that
we closed ourselves is ignored.
"""

import threading

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey
from resync_argo.forge.interface import Forge, NotModified, PullRequest, PullRequestState
from resync_argo.names import OBSOLETE_LABEL

MAX_KEPT = 10_000

_Number = tuple[ObjectKey, str, int]
_Read = tuple[PullRequest | None, str | None]


class PullRequests:
    """The pull requests read so far; safe to use from many threads."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._read: LRUCache[_Number, _Read] = LRUCache(MAX_KEPT)
        self._files: LRUCache[tuple[_Number, str], tuple[str, ...]] = LRUCache(MAX_KEPT)
        self._lock = threading.Lock()

    def by_number(
        self, secret: ObjectKey, repository: str, forge: Forge, number: int
    ) -> PullRequest | None:
        """Return a pull request; None if we closed it ourselves.

        Args:
            secret: the Secret for the forge.
            repository: its `host/owner/name`.
            forge: that repository's forge.
            number: of the pull request.

        Raises:
            ForgeError: `ObjectNotFound` if it does not exist, or is no longer visible.
        """
        key = secret, repository, number
        with self._lock:
            known, etag = self._read.get(key, (None, None))
        answer, etag = forge.get_pull_request(number, etag=etag)
        found = known if isinstance(answer, NotModified) else by_people(answer)
        with self._lock:
            self._read[key] = found, etag
        return found

    def files(
        self, secret: ObjectKey, repository: str, forge: Forge, found: PullRequest
    ) -> tuple[str, ...]:
        """Return the paths in a pull request's diff; one request per state of its head."""
        key = (secret, repository, found.number), found.head_commit
        with self._lock:
            known = self._files.get(key)
        if known is None:
            known = tuple(file.path for file in forge.list_files(found.number))
            with self._lock:
                self._files[key] = known
        return known


def by_people(found: PullRequest | None) -> PullRequest | None:
    """Return a pull request, unless we closed it ourselves."""
    if found is None or found.state is not PullRequestState.CLOSED:
        return found
    return None if OBSOLETE_LABEL in found.labels else found
