"""The result of `sync`, and who has to act: as data, and as text. Pure."""

import enum
import json
from collections.abc import Iterator
from typing import Literal

from resync_argo.api.meta import Model
from resync_argo.attempt.markdown import code, count, literal
from resync_argo.local.run.outcome import Exit

State = Literal["Done", "Waiting", "Failed"]


class What(enum.StrEnum):
    """The state of a release when a call of `sync` is over."""

    REVIEW = "Review"
    CONFLICT = "Conflict"
    FOREIGN_COMMIT = "ForeignCommit"
    SYNCED = "Synced"
    ALREADY_SYNCED = "AlreadySynced"
    SKIPPED = "Skipped"
    WAITS = "Waits"
    FAILED = "Failed"


FOR_PEOPLE = (What.REVIEW, What.CONFLICT, What.FOREIGN_COMMIT)
"""States that only people can advance."""

_MEANING = {
    What.REVIEW: "waits for review",
    What.CONFLICT: "conflict",
    What.FOREIGN_COMMIT: "has a person's commit",
    What.SYNCED: "synced",
    What.ALREADY_SYNCED: "is in the branch",
    What.SKIPPED: "skipped",
    What.WAITS: "waits",
    What.FAILED: "failed",
}


class ReleaseReport(Model):
    """One release of a Plan.

    Attributes:
        version: its version.
        outcome: see `What`.
        message: why, as a sentence; "" if there is nothing to add.
        pull_request: address of the pull request; of the conflict pull request if there is one.
        files: the conflicted ones, if this call met the conflict.
        ran: this call ran the Plan for it.
    """

    version: str
    outcome: What
    message: str = ""
    pull_request: str | None = None
    files: tuple[str, ...] = ()
    ran: bool = False


class PlanReport(Model):
    """One Plan.

    Attributes:
        plan: its name; the file's name if that cannot be read.
        file: where it was read.
        into: the downstream branch, `host/owner/name branch`; "" if the file cannot be read.
        releases: oldest first.
        error: why the Plan could not be synced, as a sentence; "" if it could.
        notes: what else was done, as sentences.
    """

    plan: str
    file: str
    into: str = ""
    releases: tuple[ReleaseReport, ...] = ()
    error: str = ""
    notes: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Return what the Plan needs next: nothing, a person's decision, or somebody to look at a failure."""
        outcomes = {it.outcome for it in self.releases}
        if self.error or What.FAILED in outcomes:
            return "Failed"
        return "Waiting" if outcomes.intersection(FOR_PEOPLE) else "Done"


class SyncReport(Model):
    """All Plans of one call, in the order in which they were given."""

    plans: tuple[PlanReport, ...]

    @property
    def exit(self) -> Exit:
        """Return the exit code: a failure outranks waiting."""
        states = {it.state for it in self.plans}
        if "Failed" in states:
            return Exit.FAILED
        return Exit.CONFLICT if "Waiting" in states else Exit.DONE

    def to_json(self) -> str:
        """Return all fields, and each Plan's state."""
        plans = [
            {"state": it.state, **it.model_dump(mode="json", by_alias=True)} for it in self.plans
        ]
        return json.dumps({"plans": plans}, indent=2)


def as_text(report: SyncReport) -> str:
    """Return the report as a terminal shows it."""
    return "\n".join(line for plan in report.plans for line in _lines(plan))


def _lines(plan: PlanReport) -> Iterator[str]:
    yield f"{plan.plan}: {plan.error or _headline(plan)}"
    for it in plan.releases:
        said = f": {it.message}" if it.message else ""
        yield f"  {it.version} {_MEANING[it.outcome]}{said}"
        if it.pull_request:
            yield f"    {it.pull_request}"
    yield from (f"  {note}" for note in plan.notes)


def _headline(plan: PlanReport) -> str:
    match plan.state:
        case "Failed":
            return "failed."
        case "Waiting":
            waiting = sum(it.outcome in FOR_PEOPLE for it in plan.releases)
            return f"{count(waiting, 'release')} {'waits' if waiting == 1 else 'wait'} for you."
        case "Done":
            return "nothing is left to do now."


def as_markdown(report: SyncReport) -> str:
    """Return the report for a job's page: a table, with what waits for people first."""
    ordered = sorted(report.plans, key=lambda it: ("Failed", "Waiting", "Done").index(it.state))
    rows = [row for plan in ordered for row in _rows(plan)]
    head = ("### resync-argo", "", "| Plan | Release | Now | |", "|---|---|---|---|")
    return "\n".join((*head, *rows)) + "\n"


def _rows(plan: PlanReport) -> Iterator[str]:
    name = code(plan.plan)
    if plan.error:
        yield f"| {name} | | **failed** | {literal(_one_line(plan.error))} |"
    for it in plan.releases:
        meaning = _MEANING[it.outcome]
        shown = f"**{meaning}**" if it.outcome in (*FOR_PEOPLE, What.FAILED) else meaning
        yield f"| {name} | {code(it.version)} | {shown} | {_details(it)} |"
    if not plan.releases and not plan.error:
        yield f"| {name} | | nothing to do | |"
    for note in plan.notes:
        yield f"| {name} | | | {literal(_one_line(note))} |"


def _details(release: ReleaseReport) -> str:
    address = release.pull_request or ""
    linked = f"[pull request]({address})" if address.startswith("https://") else literal(address)
    said = literal(_one_line(release.message))
    files = ", ".join(code(it) for it in release.files)
    return "; ".join(part for part in (linked, said, files) if part)


def _one_line(text: str) -> str:
    return " ".join(text.split())
