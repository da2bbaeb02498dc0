"""Looks at pull requests as seldom as it can: once per interval, conditionally, and only awaited ones.

What was seen is kept with its ETag, so that a pass that comes early asks nothing, and a poll of an
unchanged pull request is answered 304, which costs no quota ("Best practices for using the REST
API"). One that we closed ourselves counts as none. `tag` asks; a webhook says `look_again`.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from resync_argo.forge.interface import (
    Forge,
    NotModified,
    PullRequest,
    PullRequestState,
)
from resync_argo.names import OBSOLETE_LABEL


@dataclass(frozen=True)
class _Seen:
    pull_request: PullRequest | None
    etag: str | None
    at: float


class PullRequests:
    """What is known of pull requests; safe to use from many threads."""

    def __init__(self, poll_seconds: float, clock: Callable[[], float]) -> None:
        """Begin with nothing seen; `clock` gives seconds."""
        self.poll_seconds = poll_seconds
        self._clock = clock
        self._by_number: dict[tuple[str, int], _Seen] = {}
        self._by_branch: dict[tuple[str, str], _Seen] = {}
        self._files: dict[tuple[str, int, str], tuple[str, ...]] = {}
        self._news = 0
        self._lock = threading.Lock()

    def by_number(
        self, repository: str, forge: Forge, number: int, *, intervals: float = 1
    ) -> PullRequest | None:
        """Return a pull request as last seen within the interval; None if we closed it ourselves.

        Args:
            repository: `host/owner/name` in which it is.
            forge: that repository's forge.
            number: of the pull request.
            intervals: how many may pass between two looks; without end: until `look_again`.

        Raises:
            ForgeError: `ObjectNotFound` where it does not exist, or may not be seen any more.
        """
        key = repository, number
        with self._lock:
            seen, news = self._by_number.get(key), self._news
        if seen is not None and self._is_fresh(seen, intervals):
            return seen.pull_request
        answer, etag = forge.get_pull_request(number, etag=seen.etag if seen else None)
        if isinstance(answer, NotModified):
            found = seen.pull_request if seen else None
        else:
            found = _by_people(answer)
        with self._lock:
            self._by_number[key] = _Seen(found, etag, self._asked_at(news))
        return found

    def by_branch(self, repository: str, forge: Forge, branch: str) -> PullRequest | None:
        """Return the pull request of a branch, the open one first; none is looked for again later."""
        key = repository, branch
        with self._lock:
            seen, news = self._by_branch.get(key), self._news
        if seen is not None and self._is_fresh(seen, 1):
            return seen.pull_request
        found = _by_people(forge.find_pull_request(branch))
        with self._lock:
            self._by_branch[key] = _Seen(found, None, self._asked_at(news))
            if found is not None:
                self._by_number[repository, found.number] = self._by_branch[key]
        return found

    def files(self, repository: str, forge: Forge, found: PullRequest) -> tuple[str, ...]:
        """Return the paths in a pull request's diff, asked once per state of its head."""
        key = repository, found.number, found.head_commit
        if key not in self._files:
            self._files[key] = tuple(file.path for file in forge.list_files(found.number))
        return self._files[key]

    def look_again(self, repository: str, number: int, *, branch: str = "") -> None:
        """Say that something about a pull request changed: the next look asks the forge."""
        with self._lock:
            self._news += 1
            seen = self._by_number.get((repository, number))
            if seen is not None:
                self._by_number[repository, number] = replace(seen, at=float("-inf"))
            self._by_branch.pop((repository, branch), None)

    def forget_branch(self, repository: str, branch: str) -> None:
        """Say that a branch has or will have a new pull request."""
        with self._lock:
            self._by_branch.pop((repository, branch), None)

    def _is_fresh(self, seen: _Seen, intervals: float) -> bool:
        # A little early counts: timers and clocks are not that exact.
        return self._clock() - seen.at < self.poll_seconds * intervals * 0.9

    def _asked_at(self, news: int) -> float:
        """Return since when an answer counts: never, if there was news while it was on its way."""
        return self._clock() if news == self._news else float("-inf")


def _by_people(found: PullRequest | None) -> PullRequest | None:
    """Return a pull request whose state is people's doing: not one that we closed."""
    if found is None or found.state is not PullRequestState.CLOSED:
        return found
    return None if OBSOLETE_LABEL in found.labels else found
