"""Reads what people write on pull requests: `/resync retry`, `/resync skip`, `/resync rebuild`.

A command stands on a line of its own and counts from somebody who may write to the repository.
Comments are read only when the pull request changed since they were read, so that waiting costs no
requests. `commands` carries out what is found here.
"""

import re
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from resync_argo.forge.interface import Comment, Forge, PullRequest

Verb = Literal["retry", "skip", "rebuild"]

VERBS: dict[str, Verb] = {"retry": "retry", "skip": "skip", "rebuild": "rebuild"}

_COMMAND = re.compile(r"^/resync[ \t]+([a-z]+)[ \t]*\r?$", re.M)


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command and the comment that holds it."""

    verb: Verb
    comment: int


class Comments:
    """Which state of each pull request was read; safe to use from many threads."""

    def __init__(self) -> None:
        """Begin with none read."""
        self._read: dict[tuple[str, int], datetime] = {}
        self._lock = threading.Lock()

    def newest_command(
        self, repository: str, forge: Forge, found: PullRequest, *, judge: Forge
    ) -> Command | None:
        """Return the last command on a pull request, if it changed since it was `heard`.

        Args:
            repository: `host/owner/name` in which it is.
            forge: that repository's forge.
            found: the pull request as it is now.
            judge: the downstream's forge, which says who may write there.
        """
        with self._lock:
            if self._read.get((repository, found.number)) == found.updated_at:
                return None
        for comment in reversed(forge.list_comments(found.number)):
            verb = parse(comment)
            if verb is not None and judge.can_write(comment.author):
                return Command(verb=verb, comment=comment.id)
        return None

    def heard(self, repository: str, found: PullRequest) -> None:
        """Say that what was written so far was carried out: it need not be read again."""
        with self._lock:
            self._read[repository, found.number] = found.updated_at


def parse(comment: Comment) -> Verb | None:
    """Return the last command in a comment."""
    verbs = [VERBS[word] for word in _COMMAND.findall(comment.body) if word in VERBS]
    return verbs[-1] if verbs else None
