"""The entries of the feed: questions to people and finished syncs, newest first; pure."""

from dataclasses import dataclass

from resync_argo.controller.page.facts import Need, Overview, Past, Subject
from resync_argo.controller.page.people import subject_title
from resync_argo.controller.page.words import path_of, safe_address

MAX_ENTRIES = 50


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An event.

    Attributes:
        id: an absolute IRI; a new one if the same happens again.
        link: where a reader goes: a pull request, or the page of the Tag or Plan.
    """

    id: str
    title: str
    updated: str
    link: str
    text: str


def entries(overview: Overview) -> list[Entry]:
    """Return the newest entries."""
    asked = [_asked(it) for it in (*overview.needs.items, *overview.plans.items)]
    found = [*asked, *(_ended(it) for it in overview.history.items)]
    dated = [entry for entry in found if entry.updated]
    return sorted(dated, key=lambda entry: entry.updated, reverse=True)[:MAX_ENTRIES]


def _asked(need: Need) -> Entry:
    files = f" Files: {', '.join(need.files)}." if need.files else ""
    names = need.downstream_authors + need.upstream_authors
    authors = f" Authors: {', '.join(names)}." if names else ""
    return Entry(
        id=_iri(need.subject, need.state, need.since or ""),
        title=f"{need.state}: {subject_title(need.subject)}",
        updated=need.since or "",
        link=safe_address(need.pull_request) or _page(need.subject),
        text=f"{need.reason}: {need.message}{files}{authors} {need.action}".strip(),
    )


def _ended(past: Past) -> Entry:
    return Entry(
        id=_iri(past.subject, past.phase, past.ended or ""),
        title=f"{past.phase}: {subject_title(past.subject)}",
        updated=past.ended or "",
        link=safe_address(past.pull_request) or _page(past.subject),
        text=past.reason,
    )


def _iri(subject: Subject, state: str, time: str) -> str:
    path = path_of(subject.namespace, subject.plan, subject.tag or "-", state, time or "-")
    return f"urn:resync-argo:{path[1:].replace('/', ':')}"


def _page(subject: Subject) -> str:
    kind, name = ("tags", subject.tag) if subject.tag else ("plans", subject.plan)
    return path_of(kind, subject.namespace, name)
