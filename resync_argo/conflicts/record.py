"""A conflict as data, and as the text that the base commit of its pull request carries.

The pod makes a `Conflict` from what our `git` recorded and writes it with `Record.text`; the next
attempt and the controller read it back with `Record.parse`. Nothing else has to survive: a squashed
merge or a deleted head branch loses nothing. Stages are git's (git-ls-files, "-u"): 1 is the common
ancestor, and which of 2 and 3 is upstream's depends on what git was doing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from resync_argo.conflicts.quoting import quote, unquote
from resync_argo.names import short_hash

_HEADER = "resync-conflict 1"
_FIELDS = ("key", "operation", "stop", "upstream", "step", "head", "tag", "run")
_ENTRY = re.compile(r"(100644|100755|120000|160000):([0-9a-f]{40}|[0-9a-f]{64})")
_WORD = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._]{0,99}|-")
OPERATIONS = ("merge", "rebase", "cherry-pick", "revert", "am", "index")
"""What git was doing; `index` is any command that leaves unmerged paths and nothing to continue."""


class Kind(StrEnum):
    """What both sides did to a path, in words for the pull request."""

    BOTH_MODIFIED = "both modified"
    BOTH_ADDED = "both added"
    DELETED_UPSTREAM = "deleted upstream, modified downstream"
    DELETED_DOWNSTREAM = "deleted downstream, modified upstream"
    RENAME_DELETE = "renamed on one side, deleted on the other"
    RENAME_RENAME = "renamed on both sides"
    MOVED = "in a directory that the other side moved"
    FILE_DIRECTORY = "a file on one side, a directory on the other"
    BINARY = "binary"
    MODE = "file mode"
    SYMLINK = "symbolic link"
    SUBMODULE = "submodule"
    TOO_LARGE = "too large for markers"
    OTHER = "no text in conflict"


@dataclass(frozen=True)
class Entry:
    """What a tree or an index holds at a path: mode in octal digits, and object id."""

    mode: str
    id: str

    def __str__(self) -> str:
        """Return `mode:id`."""
        return f"{self.mode}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Entry | None":
        """Read `mode:id`, or `-` for nothing.

        Raises:
            ValueError: it is neither.
        """
        if text == "-":
            return None
        found = _ENTRY.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no entry of an index.")
        return cls(found[1], found[2])

    @property
    def is_file(self) -> bool:
        """Tell whether it is a regular file."""
        return self.mode.startswith("100")


def entry_text(entry: Entry | None) -> str:
    """Return `mode:id`, or `-` for nothing."""
    return str(entry) if entry else "-"


@dataclass(frozen=True, kw_only=True)
class ConflictPath:
    """An unmerged path.

    Attributes:
        path: its bytes, from the top of the tree.
        stages: the entry of each stage that is present.
        kind: what both sides did.
    """

    path: bytes
    stages: Mapping[int, Entry]
    kind: Kind = Kind.OTHER

    @property
    def key(self) -> str:
        """Return the path and its stages as one line, as our `git` writes them."""
        stages = " ".join(entry_text(self.stages.get(number)) for number in (1, 2, 3))
        return f"{stages}\t{quote(self.path)}"


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Where a step stopped.

    Attributes:
        operation: one of `OPERATIONS`.
        stop: which of an operation's stops: the patch-id of the picked commit; `-` for a merge.
        upstream: the stage that holds upstream's side, 2 or 3.
        step: container of the step.
        paths: in git's order.
    """

    operation: str
    stop: str
    upstream: int
    step: str
    paths: tuple[ConflictPath, ...]

    @property
    def where(self) -> str:
        """Return operation and stop as our `git` writes them."""
        return f"{self.operation} {self.stop}"

    @property
    def downstream(self) -> int:
        """Return the stage that holds downstream's side."""
        return 5 - self.upstream

    def key(self, occurrence: int = 0) -> str:
        """Return the short name of the conflict: eight hex digits.

        Args:
            occurrence: how often a pull request for the very same conflict was merged before
                without resolving it.
        """
        again = [str(occurrence)] if occurrence else []
        return short_hash(self.where, *(path.key for path in self.paths), *again)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What the base commit of a conflict pull request says.

    Attributes:
        key: the conflict's short name, as in the branch names and in the markers.
        conflict: the conflict.
        head: commit of the downstream branch when it arose.
        tag: commit of the tag.
        run: the Workflow in which it arose; `-` outside of one.
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
            *(self.key, conflict.operation, conflict.stop, str(conflict.upstream)),
            *(conflict.step or "-", self.head, self.tag, self.run),
        )
        lines = [f"{name} {value}" for name, value in zip(_FIELDS, values, strict=True)]
        paths = [f"path {path.kind.name} {path.key}" for path in conflict.paths]
        return "\n".join([_HEADER, *lines, *paths, ""])

    @classmethod
    def parse(cls, message: str) -> Self | None:
        """Find the record in a commit's message; None where there is none that makes sense."""
        _, found, text = f"\n{message}".partition(f"\n{_HEADER}\n")
        try:
            return cls._parse(text.splitlines()) if found else None
        except (ValueError, KeyError):
            return None

    @classmethod
    def _parse(cls, lines: list[str]) -> Self:
        fields = dict(line.split(" ", 1) for line in lines if line and not line.startswith("path "))
        if not all(_WORD.fullmatch(value) for value in fields.values()):
            raise ValueError("A field holds more than a word.")
        paths = tuple(_parse_path(line[5:]) for line in lines if line.startswith("path "))
        if fields["operation"] not in OPERATIONS or fields["upstream"] not in ("2", "3"):
            raise ValueError("There is no such operation or side.")
        conflict = Conflict(
            operation=fields["operation"],
            stop=fields["stop"],
            upstream=int(fields["upstream"]),
            step=fields["step"],
            paths=paths,
        )
        return cls(
            key=fields["key"],
            conflict=conflict,
            head=fields["head"],
            tag=fields["tag"],
            run=fields["run"],
        )


def _parse_path(text: str) -> ConflictPath:
    head, _, path = text.partition("\t")
    kind, *stages = head.split(" ")
    entries = {number: Entry.parse(text) for number, text in zip((1, 2, 3), stages, strict=True)}
    return ConflictPath(
        path=unquote(path),
        stages={number: entry for number, entry in entries.items() if entry},
        kind=Kind[kind],
    )
