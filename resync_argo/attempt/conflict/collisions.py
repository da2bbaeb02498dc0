"""Finds the commits that collide: for each place in conflict, downstream's and upstream's.

`git blame` from the merge base to each side's tip shows who wrote the lines of that side. If a side
only deleted lines, `git blame --reverse` shows who did. That reads some contents that a merge does
not, so they are fetched first. The work is bounded, and its result is optional: what cannot be
found is left out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from resync_argo.attempt.carry.included import Included
from resync_argo.attempt.conflict.history import Commit, as_people_know, describe_commits
from resync_argo.attempt.conflict.stop import Stop
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.logical import Marked
from resync_argo.attempt.merge.marked import Hunk, hunks
from resync_argo.attempt.merge.raw import OUR_STAGE
from resync_argo.attempt.repository.clone import fetch_objects
from resync_argo.budget import Budget
from resync_argo.conflicts.authors import Authors
from resync_argo.conflicts.objects import read_blobs
from resync_argo.conflicts.record import ConflictPath, Record
from resync_argo.errors import ResyncError
from resync_argo.git import Git, GitError

MAX_FILES = 50
MAX_HUNKS = 20
"""Places in conflict, of one file."""

MAX_OBJECTS = 5_000
"""Contents to fetch for it."""

BLAME = Budget(seconds=20.0, output_bytes=64 << 20)
"""Limits for git: the cost and the output for one file."""

_LINE = re.compile(rb"([0-9a-f]{40,64}) \d+ \d+")


@dataclass(frozen=True, kw_only=True)
class Ends:
    """The two sides.

    Attributes:
        base: their merge base.
        downstream: downstream's tip.
        upstream: upstream's tip.
        picked: the downstream commit being picked; None in a merge, where any commit of the branch
            may collide.
    """

    base: str
    downstream: str
    upstream: str
    picked: str | None = None


@dataclass(frozen=True, kw_only=True)
class Collision:
    """One place in conflict.

    Attributes:
        line: number of its first marker line.
        downstream: commits of downstream that made it.
        upstream: commits of upstream.
    """

    line: int
    downstream: tuple[Commit, ...]
    upstream: tuple[Commit, ...]


def authors_of(collisions: Mapping[bytes, Sequence[Collision]]) -> Authors:
    """Return the authors of the commits of some places, by path, most places first."""
    places = [it for found in collisions.values() for it in found]
    downstream, upstream = (
        Counter(name for it in places for name in {commit.author for commit in getattr(it, side)})
        for side in ("downstream", "upstream")
    )
    return Authors.of(*([name for name, _ in it.most_common()] for it in (downstream, upstream)))


def collisions_of(
    attempt: Attempt, stop: Stop, record: Record, included: Included | None
) -> dict[bytes, list[Collision]]:
    """Return the places in conflict at a stop; commits of included pull requests have their public ids.

    Args:
        attempt: whose clone.
        stop: where the step stopped.
        record: of the conflict.
        included: the pull requests on top of downstream's commit; None: there are none.
    """
    replay = attempt.replay_input()
    if not replay.merge_bases:
        return {}
    picks = record.conflict.operation in ("rebase", "cherry-pick")
    ends = Ends(
        base=replay.merge_bases[0],
        downstream=included.tip if included else replay.head,
        upstream=replay.tag_commit,
        picked=stop.picked if picks else None,
    )
    found = find_collisions(attempt, ends, record.conflict.paths, stop.marked)
    return {
        path: [replace(it, downstream=as_people_know(it.downstream, included)) for it in places]
        for path, places in found.items()
    }


def find_collisions(
    attempt: Attempt,
    ends: Ends,
    paths: Sequence[ConflictPath],
    marked: Mapping[bytes, Marked],
) -> dict[bytes, list[Collision]]:
    """Return the places in conflict of the first files that have marker lines, with their commits."""
    git = attempt.repository
    texts = [path for path in paths if path.path in marked][:MAX_FILES]
    with suppress(ResyncError):
        _fetch(attempt, ends, texts)
    found: dict[bytes, list[tuple[int, list[str], list[str]]]] = {}
    for path in texts:
        it = marked[path.path]
        with suppress(ResyncError):
            ((_, content),) = read_blobs(git, [it.entry.id])
            places = hunks(content, sides=it.labels)[:MAX_HUNKS]
            found[path.path] = _blamed(git, ends, path, [_turned(hunk, it) for hunk in places])
    wanted = {oid for places in found.values() for _, down, up in places for oid in (*down, *up)}
    commits = describe_commits(git, sorted(wanted))
    return {
        path: [
            Collision(
                line=line,
                downstream=tuple(commits[oid] for oid in down if oid in commits),
                upstream=tuple(commits[oid] for oid in up if oid in commits),
            )
            for line, down, up in places
        ]
        for path, places in found.items()
    }


def _turned(hunk: Hunk, marked: Marked) -> Hunk:
    """Return a place with the sides swapped, if needed, so that ours is downstream's."""
    if marked.upstream != OUR_STAGE:
        return hunk
    return Hunk(line=hunk.line, ours=hunk.theirs, ancestor=hunk.ancestor, theirs=hunk.ours)


def _blamed(
    git: Git, ends: Ends, path: ConflictPath, places: Sequence[Hunk]
) -> list[tuple[int, list[str], list[str]]]:
    downstream = _Side(git=git, base=ends.base, tip=ends.downstream, path=path.path)
    upstream = _Side(git=git, base=ends.base, tip=ends.upstream, path=path.path)
    return [
        (
            hunk.line,
            [ends.picked] if ends.picked else downstream.made(hunk.ours, hunk.ancestor),
            upstream.made(hunk.theirs, hunk.ancestor),
        )
        for hunk in places
    ]


@dataclass(kw_only=True)
class _Side:
    """A file on one side, with the commit of each line."""

    git: Git
    base: str
    tip: str
    path: bytes
    _at: int = 0
    _lines: tuple[list[str | None], list[bytes]] | None = field(default=None)

    def made(self, lines: Sequence[bytes], ancestor: Sequence[bytes]) -> list[str]:
        """Return the commits that wrote lines in place of the earlier ones."""
        try:
            return self._wrote(lines) or self._took_out(ancestor)
        except GitError:
            return []

    def _wrote(self, lines: Sequence[bytes]) -> list[str]:
        if not lines:
            return []
        if self._lines is None:
            self._lines = self._blame()
        owners, text = self._lines
        at = _position(text, lines, self._at)
        if at is None:
            return []
        self._at = at + len(lines)
        return _distinct(owners[at : self._at])

    def _took_out(self, lines: Sequence[bytes]) -> list[str]:
        """Return the first commits that no longer have the lines."""
        if not lines:
            return []
        owners, text = self._blame("--reverse")
        at = _position(text, lines, 0)
        last = _distinct(owners[at : at + len(lines)]) if at is not None else []
        return _distinct(self._next(commit) for commit in last)

    def _next(self, commit: str) -> str | None:
        span = f"{commit}..{self.tip}"
        argv = ("--literal-pathspecs", "log", "--reverse", "--no-merges", "--format=%H", span, "--")
        return next(iter(self.git.run(*argv, self.path).decode().split()), None)

    def _blame(self, *options: str) -> tuple[list[str | None], list[bytes]]:
        argv = ("blame", "-s", "--porcelain", *options, f"{self.base}..{self.tip}", "--")
        output = self.git.within(BLAME).run(*argv, self.path)
        return _read_blame(output)


def _read_blame(output: bytes) -> tuple[list[str | None], list[bytes]]:
    """Return the lines with the commit of each; None for lines from before the merge base."""
    owners: list[str | None] = []
    text: list[bytes] = []
    boundary: set[str] = set()
    current = ""
    for line in output.split(b"\n"):
        if line.startswith(b"\t"):
            owners.append(None if current in boundary else current)
            text.append(line[1:])
        elif line == b"boundary":
            boundary.add(current)
        elif found := _LINE.match(line):
            current = found[1].decode()
    return owners, text


def _position(text: Sequence[bytes], lines: Sequence[bytes], start: int) -> int | None:
    size, wanted = len(lines), list(lines)
    places = (at for at in range(start, len(text) - size + 1) if text[at] == lines[0])
    return next((at for at in places if text[at : at + size] == wanted), None)


def _distinct(commits: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(commit for commit in commits if commit))


def _fetch(attempt: Attempt, ends: Ends, paths: Sequence[ConflictPath]) -> None:
    """Fetch the contents that the files had in each commit of a side."""
    if attempt.contract.config.clone == "Full" or not paths:
        return
    sides = (("downstream", ends.downstream), ("upstream", ends.upstream))
    for name, tip in sides:
        options = ("--objects", "--missing=print", "--quiet", f"{ends.base}..{tip}", "--")
        names = (path.path for path in paths)
        listing = attempt.repository.run("--literal-pathspecs", "rev-list", *options, *names)
        missing = [line[1:] for line in listing.decode().split() if line.startswith("?")]
        fetch_objects(attempt, name, missing[:MAX_OBJECTS])
