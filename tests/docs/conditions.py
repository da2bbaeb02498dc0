"""Writes docs/conditions.md from the table of reasons: `python -m tests.docs.conditions`."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from resync_argo.reasons import sections
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.reason import Kind, Reason, Section, Shown

PAGE = Path(__file__).parents[2] / "docs" / "conditions.md"

HEAD = """\
<!-- Generated from resync_argo/reasons by `make docs`: change that, not this. -->
# Conditions

`status.conditions` of every Plan, Sync and Tag says where the object stands, and why. Each condition has a status, a reason and a message with the facts.
This page explains the reasons. One that is missing here comes from Argo or from the API server, and its message explains it.

`kubectl describe` shows all conditions of an object, and `kubectl wait --for=condition=Ready rsplan/<name>` waits for one.

"""

KINDS = {
    Kind.STATE: "This is a normal state. There is nothing to fix.",
    Kind.PASSING: "A temporary problem. resync-argo tries again automatically.",
    Kind.PERSON: "Nothing goes on until somebody does what the last column says.",
    Kind.OURS: "A bug in resync-argo. Please report it.",
}

OBJECTS = {
    "Plan": "",
    "Sync": "A Sync is the work of one Plan on one Tag. It is made when the release's turn comes.",
    "Tag": "The status of a Tag repeats `phase`, `pullRequest` and `conditions` of the Tag's newest [Sync](#sync), and names its Plan. "
    "A Tag that waits for its turn, or that no Plan wants, has the schema's default: "
    "`phase: Pending`, `observedGeneration: -1` and [NotBegun](#pending). One condition belongs to the Tag itself:",
    "Every kind": "Two conditions are for programs that do not know these kinds, such as Flux and kstatus. If all is well, neither "
    "is present.",
    "Workflow": "",
    "Preview": "",
}

PHASES = {
    "Pending": "The sync starts, or starts over. While the forge cannot be reached, the reason is that of "
    "[ForgeReachable](#forgereachable).",
    "Running": "The Workflow is at work.",
    "Conflict": "The Workflow is suspended; it uses no pod while it waits.",
    "Finished": "Nothing is left to do, except perhaps the review.",
    "Skipped": "Nothing will be done for this release.",
    "Failed": "Do what the last column says, then [retry](operate.md#what-people-ask-for) or skip the release. Temporary problems "
    "are here too, because an attempt gives up after a few minutes: retry when the problem is over.",
}

EVENTS = """\
## Events

Each change of a Sync's phase is an Event on the Sync: `SyncPending`, `SyncRunning`, `SyncConflict`, `SyncFinished`, `SyncSkipped` or
`SyncFailed`. Each change of a Plan's `Ready` is an Event on the Plan, with the reason of the condition.
"""

STATUSES = ("True", "Unknown", "False", "")

Row = tuple[Reason, Shown]


def page() -> str:
    """Return the whole page."""
    places = [it for it in vars(sections).values() if isinstance(it, Section)]
    parts = [HEAD, _table(("Kind", "Meaning"), ((it.value, KINDS[it]) for it in Kind))]
    for name, group in groupby(places, key=lambda place: place.on):
        parts += [f"## {name}\n\n", _paragraph(OBJECTS[name])]
        parts += [part for place in group for part in _section(place)]
    return "".join((*parts, EVENTS))


def _section(section: Section) -> Iterator[str]:
    yield f"### {section}\n\n{_paragraph(section.about)}"
    rows = [(it, at) for it in REASONS.values() for at in it.shown if at.section is section]
    if section is not sections.SUCCEEDED:
        yield from _reasons(rows)
        return
    for phase, about in PHASES.items():
        of_phase = [(it, at) for it, at in rows if at.phase == phase]
        status = of_phase[0][1].status
        yield f"#### {phase}\n\n{_paragraph(f'Status {status}. {about}')}"
        yield from _reasons(of_phase)


def _reasons(rows: list[Row]) -> Iterator[str]:
    """Yield a table of what is explained here, and a list of what is explained elsewhere."""
    rows = sorted(rows, key=lambda row: STATUSES.index(row[1].status))
    here = [(it, at) for it, at in rows if at == it.shown[0]]
    if here:
        yield _explanations(here)
    rest = sorted((row for row in rows if row not in here), key=lambda row: _link(row[0]))
    if rest:
        groups = groupby(rest, lambda row: (_link(row[0]), _status(row[1])))
        them = ((", ".join(f"`{it}`" for it, _ in group), *place) for place, group in groups)
        yield "These are explained elsewhere:\n\n" if here else ""
        yield _kept_table(("Reasons", "Explained under", "Status"), tuple(them))


def _explanations(rows: list[Row]) -> str:
    cells = [(f"`{it}`", _status(at), it.kind.value, it.meaning, it.action) for it, at in rows]
    return _kept_table(("Reason", "Status", "Kind", "Meaning", "What you do"), cells)


def _kept_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table without the columns that are empty in each row."""
    columns = zip(titles, zip(*rows, strict=True), strict=True)
    kept = {title: cells for title, cells in columns if any(cells)}
    return _table(kept, zip(*kept.values(), strict=True))


def _status(at: Shown) -> str:
    """Return a condition's status; "" where the heading above has it."""
    return "" if at.phase else at.status


def _link(reason: Reason) -> str:
    """Return a link to where a reason is explained."""
    title = reason.shown[0].phase or str(reason.shown[0].section)
    return f"[{title}](#{title.lower().replace(' ', '-')})"


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    titles = tuple(titles)
    head = f"| {' | '.join(titles)} |\n{'|---' * len(titles)}|\n"
    return head + "".join(f"| {' | '.join(cells)} |\n" for cells in rows) + "\n"


def _paragraph(text: str) -> str:
    return f"{text}\n\n" if text else ""


if __name__ == "__main__":
    PAGE.write_text(page())
