"""The last look before a push: nothing that only a conflict leaves behind may be published.

Leftovers can come from steps that run another git than ours or commit blindly. Marker lines count
unless the branch or the release has the same conflict, such as an example in a manual.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.attempt.markdown import code
from resync_argo.attempt.steps.control import Untrustworthy
from resync_argo.conflicts.markers import PATTERN, is_stub, shown_conflicts
from resync_argo.conflicts.objects import list_tree, read_blobs
from resync_argo.errors import Stalled
from resync_argo.git import Git
from resync_argo.reasons.attempt import CONFLICT_MARKERS

_ANY_MARKER = r"^<{7,}( |$)"
_AT_ONCE = 100
_LONGEST = 200
"""How many bytes of a line to search for."""


def refuse_leftovers(attempt: Attempt, commit: str) -> None:
    """Refuse a commit with marker lines, stubs, or files that git put aside in a conflict.

    Raises:
        Stalled: reason `ConflictMarkers`.
        Untrustworthy: the commit's files cannot be read.
    """
    replay = attempt.replay_input()
    check = _Check(git=attempt.repository, attempt=attempt, replay=replay, commit=commit)
    left = next(check.leftovers(), None)
    if left is not None:
        raise Stalled(
            CONFLICT_MARKERS, f"The steps committed a conflict that nobody resolved, in {left}."
        )


@dataclass(frozen=True, kw_only=True)
class _Check:
    """A commit to publish, and what it may share with its parents."""

    git: Git
    attempt: Attempt
    replay: ReplayInput
    commit: str

    @property
    def sides(self) -> tuple[str, str]:
        return self.replay.head, self.replay.tag_commit

    def leftovers(self) -> Iterator[str]:
        """Yield the files that must not be published."""
        yield from map(_shown, self._marked())
        yield from map(_shown, self._added())

    def _added(self) -> Iterator[bytes]:
        """Yield stubs and put-aside files that neither side has."""
        new = self._differing("A")
        for path in sorted(new[0] & new[1]):
            if is_stub(path) or self._is_aside(path):
                yield path

    def _is_aside(self, path: bytes) -> bool:
        """Return whether it is `NAME~LABEL`, git's name for a file that cannot have its own name."""
        names = ("HEAD", self.replay.tag, self.attempt.contract.config.downstream.branch)
        flat = (re.escape(name.replace("/", "_")) for name in names)
        tail = rf"~(?:{'|'.join(flat)}|[0-9a-f]{{7,64}}|resync-side-\w+)(?:_\d+)?"
        if re.search(tail.encode() + rb"\Z", path):
            return True
        # Any other label, of a pick, a stash or a patch, says what was applied.
        first = path.rfind(b"/") + 2  # A name has at least one byte, and so has a label.
        stems = [path[:n] for n in range(first, len(path) - 1) if path[n : n + 1] == b"~"]
        return any(list_tree(self.git, side, *stems) for side in self.sides if stems)

    def _marked(self) -> Iterator[bytes]:
        changed = self._differing("d", "-G", f"{_ANY_MARKER}|{PATTERN}")
        paths = sorted(changed[0] & changed[1])
        for start in range(0, len(paths), _AT_ONCE):
            group = paths[start : start + _AT_ONCE]
            yield from self._marked_among(group)

    def _marked_among(self, paths: list[bytes]) -> Iterator[bytes]:
        there = list_tree(self.git, self.commit, *paths)
        files = {path: entry.id for path, entry in there.items() if entry.is_file}
        contents = dict(read_blobs(self.git, list(files.values())))
        for path, oid in files.items():
            text = contents[oid]
            if re.search(PATTERN.encode(), text, re.M) or not self._are_known(path, text):
                yield path

    def _are_known(self, path: bytes, text: bytes) -> bool:
        """Return whether a side has each conflict that a file shows, perhaps with other lines in it."""
        shown = list(shown_conflicts(text))
        count = Counter(map(_ends, shown))
        own = [Counter(map(_ends, self._conflicts(side, path))) for side in self.sides]
        return all(
            any(side[_ends(it)] >= count[_ends(it)] for side in own) or self._has(it)
            for it in shown
        )

    def _has(self, conflict: tuple[bytes, ...]) -> bool:
        """Return whether a side has the exact conflict, in any file."""
        first, *_ = conflict
        # As much of it as an argument can hold: no NUL, and bounded lines.
        opening = re.sub(rb"[^ -~].*", b"", first)[:_LONGEST]
        for side in self.sides:
            found = self.git.attempt("grep", "-F", "-l", "-z", opening, side, "--").stdout
            paths = (it.removeprefix(f"{side}:".encode()) for it in found.split(b"\0")[:-1])
            if any(conflict in self._conflicts(side, path) for path in paths):
                return True
        return False

    def _conflicts(self, side: str, path: bytes) -> list[tuple[bytes, ...]]:
        """Return the conflicts that a side's own file shows."""
        entry = list_tree(self.git, side, path).get(path)
        if entry is None or not entry.is_file:
            return []
        ((_, text),) = read_blobs(self.git, [entry.id])
        return list(shown_conflicts(text))

    def _differing(self, which: str, *options: str) -> list[set[bytes]]:
        """Return the paths that differ from each side."""
        argv = ("diff", "--no-renames", f"--diff-filter={which}", "--text", "--name-only", "-z")
        found = []
        for side in self.sides:
            done = self.git.attempt(*argv, *options, side, self.commit)
            if done.returncode:
                raise Untrustworthy("The files of the commit that the steps left cannot be read.")
            found.append(set(done.stdout.split(b"\0")[:-1]))
        return found


def _ends(conflict: tuple[bytes, ...]) -> tuple[bytes, bytes]:
    return conflict[0], conflict[-1]


def _shown(path: bytes) -> str:
    return code(os.fsdecode(path))
