"""What was decided without asking people now: by the Plan's rules, as downstream never changed it, and by people before.

Kept in the volume that steps cannot write to, for the containers that publish.
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
    """One thing that was decided.

    Attributes:
        kind: by a `rule` of the Plan, since downstream left it `untouched`, for a `step` that makes the files again, by the `resolution` of
            a person, or a `change` to a path that was not in conflict, which a person made beside it.
        by: the rule's number from 1, the step's container, or the key of the conflict that the person resolved; `-` for what was
            left untouched.
        text: the conflict, as a record has it; the sides of a change are what was there and what the
            person made of it.
        result: what each name became, quoted.
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
        """Return what each name became; None where it was deleted."""
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
    """Return whether a rule keeps a path deleted that downstream had and deleted."""
    return rule.keep_deleted and not path.downstream and path.ancestor is not None


def rule_name(rule: ConflictRule, path: ConflictPath) -> str:
    """Return the word of a rule that decided about a path."""
    return "keepDeleted" if keeps_deleted(rule, path) else rule.resolve


def save_decisions(attempt: Attempt, decisions: Iterable[Decision]) -> None:
    """Keep what was decided in this attempt, in order."""
    _path(attempt).write_text(_Saved(decisions=tuple(decisions)).model_dump_json())


def load_decisions(attempt: Attempt) -> tuple[Decision, ...]:
    """Return what was decided in this attempt so far, in order."""
    try:
        return _Saved.model_validate_json(_path(attempt).read_text()).decisions
    except FileNotFoundError:
        return ()


def _path(attempt: Attempt) -> Path:
    return attempt.layout.trusted / "decisions.json"
