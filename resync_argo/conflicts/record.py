"""A conflict as data, and as text in the base commit of its pull request.

The pod makes a `Conflict` from git's own merge and writes it with `Record.text`; the next attempt
and the controller read it back with `Record.parse`. Nothing else needs to survive: a squashed merge
or a deleted head branch loses nothing. A side always means that side's own file, under that side's
name. It never means a stage of git's index, which may hold another file or a half-merged one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from resync_argo.conflicts.quoting import quote, unquote
from resync_argo.names import short_hash

_HEADER = "resync-conflict 2"
_FIELDS = ("key", "operation", "stop", "step", "head", "tag", "run")
_ENTRY = re.compile(r"(100644|100755|120000|160000):([0-9a-f]{40}|[0-9a-f]{64})")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_WORD = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._]{0,99}|-")
OPERATIONS = ("merge", "rebase", "cherry-pick", "revert", "am", "index", "carry", "regenerate")
"""What git was doing; `index` is any command that leaves unmerged paths and nothing to continue, the last two are ours."""


class Kind(StrEnum):
    """What both sides did to a path, in words for the pull request."""

    BOTH_MODIFIED = "both modified"
    BOTH_ADDED = "both added"
    DELETED_UPSTREAM = "deleted upstream, modified downstream"
    DELETED_DOWNSTREAM = "deleted downstream, modified upstream"
    RENAME_DELETE = "renamed on one side, deleted on the other"
    RENAME_RENAME = "renamed on both sides"
    COLLISION = "renamed to a name that the other side has, too"
    MOVED = "in a directory that the other side moved"
    FILE_DIRECTORY = "a file on one side, a directory on the other"
    BINARY = "binary"
    MODE = "file mode"
    SYMLINK = "symbolic link"
    SUBMODULE = "submodule"
    UNDECIDED = "left to you by the step's git"
    RAISED = "has a version that nobody chose"
    TOO_LARGE = "too large for markers"
    OTHER = "no text in conflict"


@dataclass(frozen=True)
class Entry:
    """An entry of a tree or an index: mode in octal digits, and object id."""

    mode: str
    id: str

    def __str__(self) -> str:
        """Return `mode:id`."""
        return f"{self.mode}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Entry | None":
        """Read `mode:id`, or `-` for nothing.

        Raises:
            ValueError: the text is neither.
        """
        if text == "-":
            return None
        found = _ENTRY.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not an entry of a tree.")
        return cls(found[1], found[2])

    @property
    def is_file(self) -> bool:
        """Return whether it is a regular file."""
        return self.mode.startswith("100")


Entries = Mapping[bytes, Entry | None]
"""Entries by path; None if a path is absent."""


def entry_text(entry: Entry | None) -> str:
    """Return `mode:id`, or `-` for nothing."""
    return str(entry) if entry else "-"


@dataclass(frozen=True, kw_only=True)
class ConflictPath:
    """One decision: about one file, which may have several names.

    Attributes:
        path: the path shown to people, from the top of the tree.
        ancestor: the common ancestor, whatever its name was; None without one.
        downstream: downstream's own files, by the names to decide; without names that it lacks.
        upstream: upstream's, likewise.
        names: all names to decide, sorted.
        kind: what both sides did.
    """

    path: bytes
    ancestor: Entry | None = None
    downstream: Mapping[bytes, Entry] = field(default_factory=dict)
    upstream: Mapping[bytes, Entry] = field(default_factory=dict)
    names: tuple[bytes, ...]
    kind: Kind = Kind.OTHER

    @property
    def key(self) -> str:
        """Return the lines of ASCII that identify it across attempts."""
        head = f"{entry_text(self.ancestor)}\t{quote(self.path)}"
        return "\n".join([head, *self._sides()])

    @property
    def text(self) -> str:
        """Return it as lines of a record."""
        return f"path {self.kind.name} {self.key}"

    @property
    def both(self) -> tuple[Entry, Entry] | None:
        """Return both sides' entries if they have the same single name."""
        if len(self.names) != 1 or not self.downstream or not self.upstream:
            return None
        (name,) = self.names
        return self.downstream[name], self.upstream[name]

    def side(self, own: Mapping[bytes, Entry]) -> Entries:
        """Return the outcome for every name if one side is taken."""
        return {name: own.get(name) for name in self.names}

    def _sides(self) -> Iterator[str]:
        for name in self.names:
            downstream, upstream = (
                entry_text(side.get(name)) for side in (self.downstream, self.upstream)
            )
            yield f"side {downstream} {upstream}\t{quote(name)}"


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A conflict at which a step stopped.

    Attributes:
        operation: one of `OPERATIONS`.
        stop: identifies the operation's stop: the patch-id of the picked commit; `-` for a merge.
        step: container of the step.
        paths: the decisions to make, sorted by path.
    """

    operation: str
    stop: str
    step: str
    paths: tuple[ConflictPath, ...]

    @property
    def where(self) -> str:
        """Return operation and stop."""
        return f"{self.operation} {self.stop}"

    def key(self, occurrence: int = 0) -> str:
        """Return the short name of the conflict: eight hex digits.

        Args:
            occurrence: how many pull requests for this conflict were merged without resolving it.
        """
        again = [str(occurrence)] if occurrence else []
        return short_hash(self.where, *(path.key for path in self.paths), *again)


@dataclass(frozen=True, kw_only=True)
class Record:
    """The record in the base commit of a conflict pull request.

    Attributes:
        key: the conflict's short name, as in the branch names and in the markers.
        conflict: the conflict.
        head: commit of the downstream branch when it arose.
        tag: commit of the tag.
        run: the Workflow; `-` outside of one.
    """

    key: str
    conflict: Conflict
    head: str
    tag: str
    run: str = "-"

    def text(self) -> str:
        """Return the record as lines of ASCII."""
        conflict = self.conflict
        values = (
            *(self.key, conflict.operation, conflict.stop),
            *(conflict.step or "-", self.head, self.tag, self.run),
        )
        lines = [f"{name} {value}" for name, value in zip(_FIELDS, values, strict=True)]
        return "\n".join([_HEADER, *lines, *(path.text for path in conflict.paths), ""])

    @classmethod
    def parse(cls, message: str) -> Self | None:
        """Find the record in a commit's message; None if there is no valid one."""
        _, _, text = f"\n{message}".partition(f"\n{_HEADER}\n")
        try:
            return cls._parse(text.splitlines())
        except (ValueError, KeyError):
            return None

    @classmethod
    def _parse(cls, lines: list[str]) -> Self:
        first = next((n for n, line in enumerate(lines) if line.startswith("path ")), len(lines))
        fields = dict(line.split(" ") for line in lines[:first] if line)
        if not all(_WORD.fullmatch(value) for value in fields.values()):
            raise ValueError("A field holds more than a word.")
        if fields["operation"] not in OPERATIONS:
            raise ValueError("There is no such operation.")
        if not all(_COMMIT.fullmatch(fields[name]) for name in ("head", "tag")):
            raise ValueError("There is no such commit.")
        conflict = Conflict(
            operation=fields["operation"],
            stop=fields["stop"],
            step=fields["step"],
            paths=parse_paths(lines[first:]),
        )
        return cls(
            key=fields["key"],
            conflict=conflict,
            head=fields["head"],
            tag=fields["tag"],
            run=fields["run"],
        )


def parse_paths(lines: list[str]) -> tuple[ConflictPath, ...]:
    """Parse the output of `ConflictPath.text` for several paths, up to a line of another kind.

    Raises:
        ValueError, KeyError: it is invalid.
    """
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("path "):
            found.append((line[5:], []))
        elif line.startswith("side ") and found:
            found[-1][1].append(line[5:])
        else:
            break
    return tuple(_parse_path(head, sides) for head, sides in found)


def _parse_path(text: str, sides: list[str]) -> ConflictPath:
    head, _, path = text.partition("\t")
    kind, ancestor = head.split(" ")
    downstream: dict[bytes, Entry] = {}
    upstream: dict[bytes, Entry] = {}
    names = []
    for side in sides:
        entries, _, name = side.partition("\t")
        names.append(unquote(name))
        for own, entry in zip((downstream, upstream), entries.split(" "), strict=True):
            parsed = Entry.parse(entry)
            if parsed is not None:
                own[names[-1]] = parsed
    return ConflictPath(
        path=unquote(path),
        ancestor=Entry.parse(ancestor),
        downstream=downstream,
        upstream=upstream,
        names=tuple(names),
        kind=Kind[kind],
    )
