"""The Plan's rules for conflicts, on their way into the user's image and back as what they decided.

`checkout` writes `config.conflicts` as a plain file that our `git` reads (`rules.sh`): a line
`RESOLVE yes|no` (keepDeleted) for each rule, then one line with a tab and a pathspec for each path.
Pathspecs have glob semantics (gitglossary, "pathspec"). Our `git` appends to the file `decisions`
what it decided; being a step's file it is checked here, and described for the pull request.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from resync_argo.api.plan import ConflictRule
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.steps.control import Control, Untrustworthy, read
from resync_argo.conflicts.quoting import unquote
from resync_argo.conflicts.record import OPERATIONS, ConflictPath, Entry
from resync_argo.errors import Stalled

MAX_BYTES = 32 << 20
_WHERE = re.compile(rf"(?:{'|'.join(OPERATIONS)}) (?:-|[0-9a-f]{{40,64}})")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One path that our `git` decided.

    Attributes:
        kind: by a `rule` of the Plan, by the `resolution` of a person, or a `change` to a path that
            was not in conflict, which a person made beside it.
        by: the rule's number from 1, or the key of the conflict that the person resolved.
        where: operation and stop.
        path: the path with its stages; the sides of a change are before, present and wanted.
        upstream: the stage that held upstream's side.
        result: what the path became; None where it was deleted.
    """

    kind: Literal["rule", "resolution", "change"]
    by: str
    where: str
    path: ConflictPath
    upstream: int
    result: Entry | None


def rules_text(rules: Sequence[ConflictRule]) -> str:
    """Return the rules as our `git` reads them.

    Raises:
        Stalled: a pathspec holds a line end.
    """
    lines = []
    for rule in rules:
        lines.append(f"{rule.resolve} {'yes' if rule.keep_deleted else 'no'}\n")
        for path in rule.paths:
            if "\n" in path or "\0" in path:
                raise Stalled(
                    "InvalidPath", f"`config.conflicts`: {path!r} may not hold a line end."
                )
            lines.append(f"\t{path}\n")
    return "".join(lines)


def read_decisions(attempt: Attempt) -> tuple[Decision, ...]:
    """Return what our `git` decided in this attempt, in order.

    Raises:
        Untrustworthy: a step wrote something else into the file.
    """
    text = read(Control(directory=attempt.layout.control).decisions, limit=MAX_BYTES) or b""
    try:
        return tuple(_parse(line) for line in text.decode("ascii").splitlines())
    except ValueError as error:
        raise Untrustworthy("A step changed the list of decided conflicts.") from error


def _parse(line: str) -> Decision:
    kind, by, key, path, result = line.split("\t")
    operation, stop, *stages, upstream = key.split(" ")
    where = f"{operation} {stop}"
    if kind not in ("rule", "resolution", "change") or not re.fullmatch(r"[0-9a-f]{1,8}", by):
        raise ValueError(f"{line!r} is no decision.")
    if kind == "rule":
        int(by, 10)
    if not _WHERE.fullmatch(where) or upstream not in ("2", "3"):
        raise ValueError(f"{line!r} is no decision.")
    entries = {number: Entry.parse(text) for number, text in zip((1, 2, 3), stages, strict=True)}
    return Decision(
        kind=kind,  # type: ignore[arg-type]  # checked above
        by=by,
        where=where,
        path=ConflictPath(
            path=unquote(path), stages={number: it for number, it in entries.items() if it}
        ),
        upstream=int(upstream),
        result=Entry.parse(result),
    )
