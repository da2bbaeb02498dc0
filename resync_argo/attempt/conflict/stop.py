"""Reads what our `git` recorded where a step stopped: from the steps' side, so all of it is checked.

The record file is a handful of words; paths and stages are read from the trees of one commit that
git wrote (`record.sh`), taken through the one door of `objects`. `main` calls `read_conflict` and
hands what it finds to `conflict_pull_request`.
"""

import re
from dataclasses import dataclass

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.step_objects import take_commits
from resync_argo.attempt.steps.control import Control, Untrustworthy, read
from resync_argo.conflicts.objects import list_tree
from resync_argo.conflicts.record import OPERATIONS, Conflict, ConflictPath, Entry
from resync_argo.git import Git, GitError

_OID = r"(?:[0-9a-f]{40}|[0-9a-f]{64})"
_RECORD = re.compile(
    rf"operation (?P<operation>{'|'.join(OPERATIONS)})\n"
    rf"stop (?P<stop>{_OID}|-)\n"
    r"upstream (?P<upstream>[23])\n"
    r"step (?P<step>[a-z0-9-]{1,63})\n"
    rf"picked (?P<picked>{_OID}|-)\n"
    rf"commit (?P<commit>{_OID})\n"
)
MAX_PATHS = 50_000


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A conflict that nobody has decided, with what git could merge by itself.

    Attributes:
        conflict: what is in conflict; the kinds of its paths are not known yet.
        merged: tree with everything that is not.
        picked: the commit that was being brought in; None where there is none, as in `git am`.
    """

    conflict: Conflict
    merged: str
    picked: str | None


def read_conflict(attempt: Attempt) -> Stop | None:
    """Return the conflict at which a step stopped; None where none did.

    Raises:
        Untrustworthy: what the steps left is no record of a conflict.
    """
    text = read(Control(directory=attempt.layout.control).conflict, limit=4096)
    if text is None:
        return None
    found = _RECORD.fullmatch(text.decode(errors="replace"))
    if found is None:
        raise Untrustworthy("The record of the conflict that the step left makes no sense.")
    take_commits(attempt, [found["commit"]])
    conflict = Conflict(
        operation=found["operation"],
        stop=found["stop"],
        upstream=int(found["upstream"]),
        step=found["step"],
        paths=_read_paths(attempt.repository, found["commit"]),
    )
    merged = attempt.repository.text("rev-parse", "--verify", f"{found['commit']}:merged")
    picked = None if found["picked"] == "-" else found["picked"]
    return Stop(conflict=conflict, merged=merged, picked=picked)


def _read_paths(git: Git, commit: str) -> tuple[ConflictPath, ...]:
    stages: dict[bytes, dict[int, Entry]] = {}
    for number in (1, 2, 3):
        try:
            entries = list_tree(git, f"{commit}:stage{number}")
        except GitError as error:
            raise Untrustworthy("The commit of the conflict lacks a stage.") from error
        for path, entry in entries.items():
            stages.setdefault(path, {})[number] = entry
    if not 0 < len(stages) <= MAX_PATHS:
        raise Untrustworthy(f"The conflict has {len(stages)} paths.")
    return tuple(ConflictPath(path=path, stages=stages[path]) for path in sorted(stages))
