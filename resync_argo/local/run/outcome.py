"""The end of a run on this machine: as data, as JSON, and as lines for a person. Pure."""

import enum
import json
from dataclasses import dataclass
from typing import Any

from resync_argo.api.meta import Model


class Exit(enum.IntEnum):
    """Exit codes of `run`; the other commands know the first three."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CONFLICT = 3


class StepOutcome(Model):
    """One step that ran: its duration in seconds, and its exit code."""

    name: str
    seconds: float
    exit: int


class ConflictOutcome(Model):
    """A conflict that waits for a person.

    Attributes:
        key: its short name.
        branch: the branch to resolve it in.
        base: the branch that the resolution is merged into.
        files: the conflicted paths.
    """

    key: str
    branch: str
    base: str
    files: tuple[str, ...]


class RunOutcome(Model):
    """What `run` prints as JSON.

    Attributes:
        outcome: `Synced`, `AlreadySynced`, `Conflict`, `ForeignCommit`, `Failed`, `Skipped`, `NothingDue` or
            `Stopped`.
        message: why, as a sentence; "" if all went well.
        branch: the branch that carries the result; None if nothing was published.
        commit: the commit that the steps made; None if they made none, or stopped at a conflict.
        pull_request: address of the pull request; of the conflict pull request if there is one.
        conflict: the one that waits for a person.
        steps: those that ran, in order.
        kept: the folder that was left for you to look at.
    """

    outcome: str
    message: str = ""
    branch: str | None = None
    commit: str | None = None
    pull_request: str | None = None
    conflict: ConflictOutcome | None = None
    steps: tuple[StepOutcome, ...] = ()
    kept: str | None = None

    @property
    def exit(self) -> Exit:
        """Return the exit code."""
        match self.outcome:
            case "Synced" | "AlreadySynced" | "Stopped" | "Skipped" | "NothingDue":
                return Exit.DONE
            case "Conflict":
                return Exit.CONFLICT
            case _:
                return Exit.FAILED

    def to_json(self) -> str:
        """Return all fields, absent ones as null."""
        data: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        return json.dumps(data, indent=2)


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What to type next at a conflict, and the sentence before it."""

    sentence: str
    commands: tuple[str, ...]


def describe(outcome: RunOutcome, *, diffstat: str, advice: Advice | None) -> str:
    """Return the end of a run as text for people."""
    lines = [f"{outcome.outcome}{f': {outcome.message}' if outcome.message else ''}"]
    if outcome.branch:
        lines.append(f"Branch: {outcome.branch}")
    if outcome.pull_request:
        lines.append(f"Pull request: {outcome.pull_request}")
    if outcome.conflict:
        lines += ["Files in conflict:", *(f"  {name}" for name in outcome.conflict.files)]
    if diffstat:
        lines += ["", diffstat]
    if advice:
        lines += ["", advice.sentence, *(f"  {command}" for command in advice.commands)]
    if outcome.kept:
        lines += ["", f"Kept: {outcome.kept}"]
    return "\n".join(lines)
