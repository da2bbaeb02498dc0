"""What was decided without asking people now: by rules, because downstream never changed it, or by earlier answers.

It is kept in the volume that steps cannot write to, for the containers that publish.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from resync_argo.api.meta import Model
from resync_argo.api.plan import ConflictRule
from resync_argo.attempt.context import Attempt
from resync_argo.conflicts.quoting import quote, unquote
from resync_argo.conflicts.record import ConflictPath, Entries, Entry, entry_text, parse_paths

DecidedBy = Literal["rule", "untouched", "step", "resolution", "change"]
BY_PEOPLE: tuple[DecidedBy, ...] = ("resolution", "change")


class Decision(Model):
    """One decision.

    Attributes:
        kind: by a `rule` of the Plan; because downstream left the file `untouched`; for a `step`
            that regenerates it; by a person's `resolution`; or a person's `change` to a path that
            was not in conflict.
        by: the rule's number from 1, the step's container, or the key of the conflict that the
            person resolved; `-` for what was
            left untouched.
        text: the conflict, as a record has it; the sides of a change are the file before and after
            it.
        result: the outcome for each name, quoted.
    """

    kind: DecidedBy
    by: str
    text: str
    result: dict[str, str]

    @property
    def path(self) -> ConflictPath:
        """Return what was in conflict."""
        (path,) = parse_paths(self.text.splitlines())
        return path

    @property
    def entries(self) -> Entries:
        """Return the outcome for each name; None if it was deleted."""
        return {unquote(name): Entry.parse(text) for name, text in self.result.items()}


class _Saved(Model):
    decisions: tuple[Decision, ...] = ()


def decided(
    kind: DecidedBy, by: str, path: ConflictPath, result: Mapping[bytes, Entry | None]
) -> Decision:
    """Return a decision."""
    names = {quote(name): entry_text(entry) for name, entry in result.items()}
    return Decision(kind=kind, by=by, text=path.text, result=names)


def keeps_deleted(rule: ConflictRule, path: ConflictPath) -> bool:
    """Return whether a rule keeps a path deleted that downstream once had."""
    return rule.keep_deleted and not path.downstream and path.ancestor is not None


def rule_name(rule: ConflictRule, path: ConflictPath) -> str:
    """Return the keyword of the rule that decided a path."""
    return "keepDeleted" if keeps_deleted(rule, path) else rule.resolve


def save_decisions(attempt: Attempt, decisions: Iterable[Decision]) -> None:
    """Save the decisions of this attempt, in order."""
    _path(attempt).write_text(_Saved(decisions=tuple(decisions)).model_dump_json())


def load_decisions(attempt: Attempt) -> tuple[Decision, ...]:
    """Return the decisions of this attempt so far, in order."""
    try:
        return _Saved.model_validate_json(_path(attempt).read_text()).decisions
    except FileNotFoundError:
        return ()


def _path(attempt: Attempt) -> Path:
    return attempt.layout.trusted / "decisions.json"
