"""Reads commands in people's comments on pull requests, such as `/resync retry` or `/resync set JIRA=ABC-1`.

A command is on a line of its own, and counts only from people who may write to the repository.
Comments are read only when the pull request changed, and only those newer than the last executed
one. The forge is asked at most once an hour whether a person may write, and about a few people per
look. So waiting costs no requests, and nobody can make us query the forge again and again.
"""

import re
import threading
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from cachetools import LRUCache, TTLCache

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.comments.settings import MAX_SETTINGS, Setting, settings_in
from resync_argo.forge.interface import Comment, Forge, PullRequest

Verb = Literal["retry", "skip", "rebuild", "refresh", "hold", "unhold"]

OPEN_VERBS: tuple[Verb, ...] = ("rebuild", "refresh", "hold", "unhold")
"""Commands allowed on an open final pull request that waits for no answer."""

MAX_KEPT = 10_000
MAX_ASKED = 20
"""How many people's permissions one look checks; the next look continues from there."""

WRITER_SECONDS = 3600.0

_COMMAND = re.compile(r"^/resync[ \t]+([a-z]+)[ \t]*\r?$", re.M)


@dataclass(frozen=True, kw_only=True)
class Command:
    """People's requests, and the id of the newest comment that holds one.

    Attributes:
        verb: the newest command; None: there are only settings.
        comment: the id.
        settings: the settings, oldest first.
    """

    verb: Verb | None
    comment: int
    settings: tuple[Setting, ...] = ()

    def limited_to(self, verbs: Container[Verb]) -> "Command | None":
        """Return the request without its command if that is not allowed here."""
        if self.verb is None or self.verb in verbs:
            return self
        if not self.settings:
            return None
        comment = max(setting.comment for setting in self.settings)
        return Command(verb=None, comment=comment, settings=self.settings)


@dataclass(frozen=True)
class _Read:
    updated_at: datetime
    after: int
    command: Command | None


class _TooManyStrangers(Exception):
    """More people gave commands than one look checks."""


class Comments:
    """The comments read on each pull request; safe to use from many threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin with none read; `clock` gives seconds."""
        self._read: LRUCache[tuple[ObjectKey, str, int], _Read] = LRUCache(MAX_KEPT)
        self._writers: TTLCache[tuple[ObjectKey, str], bool] = TTLCache(
            MAX_KEPT, ttl=WRITER_SECONDS, timer=clock
        )
        self._lock = threading.Lock()

    def newest_command(
        self, secret: ObjectKey, forge: Forge, found: PullRequest, *, judge: Forge, after: int
    ) -> Command | None:
        """Return, from comments newer than one, the last command on a pull request and all settings.

        Args:
            secret: the Secret for the forge.
            forge: of the pull request's repository.
            found: the current pull request.
            judge: the downstream's forge, which knows who may write there.
            after: id of the newest executed comment; 0: none.
        """
        key = secret, found.url, found.number
        with self._lock:
            read = self._read.get(key)
        if read is None or (read.updated_at, read.after) != (found.updated_at, after):
            try:
                command = self._newest(secret, forge, found, judge, after)
            except _TooManyStrangers:
                return None
            read = _Read(found.updated_at, after, command)
            with self._lock:
                self._read[key] = read
        return read.command

    def _newest(
        self, secret: ObjectKey, forge: Forge, found: PullRequest, judge: Forge, after: int
    ) -> Command | None:
        asked, newest, found_verb, settings = 0, 0, None, tuple[Setting, ...]()
        unheard = [it for it in forge.list_comments(found.number) if it.id > after]
        for comment in reversed(unheard):
            verb = parse(comment) if found_verb is None else None
            said = settings_in(comment)
            if verb is None and not said:
                continue
            may_command = self._known(secret, comment.author)
            if may_command is None:
                asked += 1
                if asked > MAX_ASKED:
                    raise _TooManyStrangers
                may_command = self._ask(secret, judge, comment.author)
            if may_command:
                found_verb, settings = found_verb or verb, (*said, *settings)
                newest = max(newest, comment.id)
        if found_verb is None and not settings:
            return None
        return Command(verb=found_verb, comment=newest, settings=settings[-MAX_SETTINGS:])

    def _known(self, secret: ObjectKey, author: str) -> bool | None:
        with self._lock:
            known: bool | None = self._writers.get((secret, author))
            return known

    def _ask(self, secret: ObjectKey, judge: Forge, author: str) -> bool:
        answer = judge.can_write(author)
        with self._lock:
            self._writers[secret, author] = answer
        return answer


def parse(comment: Comment) -> Verb | None:
    """Return the last command in a comment."""
    words = _COMMAND.findall(comment.body)
    verbs: list[Verb] = [verb for word in words for verb in get_args(Verb) if verb == word]
    return verbs[-1] if verbs else None
