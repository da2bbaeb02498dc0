"""The data of `status` and `graph`, from Plans, Tags and Syncs. Pure, except `read_view`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from resync_argo.api.conditions import shorten
from resync_argo.api.meta import Json, ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import PLANS, SYNCS, TAGS, Kube, Resource
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.order.turns import Turns
from resync_argo.controller.state.cluster import utc_now
from resync_argo.controller.state.objects import Caches
from resync_argo.reasons.turn import PLAN_SUSPENDED
from resync_argo.upstream.graph import Standing
from resync_argo.upstream.versions import FIRST, Precedence, Refusal, parse_version, precedence

T = TypeVar("T")

PHASES = {"Submit": "Pending", "Record": "Pending", "Wait": "Pending", "Skip": "Skipped"}
"""The displayed phase of a release without a Sync, by its standing."""

MAX_WHY = 40
"""Characters of a person's words in a drawing."""


@dataclass(frozen=True, kw_only=True)
class View:
    """The Plans, Tags and Syncs of a namespace, or of all."""

    plans: tuple[Plan, ...]
    tags: tuple[Tag, ...]
    syncs: tuple[Sync, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """The state of one Tag for one Plan.

    Attributes:
        namespace: of the Tag and the Plan.
        tag: the Tag's name.
        version: its version.
        plan: the Plan's name; "" where no Plan wants the Tag.
        phase: from the Sync's status; Pending if it is queued.
        age: time since it ended, or since it began, for example `3h`; "" if it has not begun.
        pull_request: the next address for a person to open.
        waits_for: what happens next, or why nothing does.
    """

    namespace: str
    tag: str
    version: str
    plan: str = ""
    phase: str = ""
    age: str = ""
    pull_request: str = ""
    waits_for: str = "no Plan wants it"


def read_view(kube: Kube, namespace: str) -> View:
    """Read all Plans, Tags and Syncs of a namespace; "" means everywhere.

    Raises:
        ResyncError: the API server does not answer, or forbids it.
    """

    def read(resource: Resource, parse: Callable[[Json], T]) -> tuple[T, ...]:
        return tuple(parse(it) for page, _ in kube.pages(resource, namespace) for it in page)

    return View(
        plans=read(PLANS, Plan.parse), tags=read(TAGS, Tag.parse), syncs=read(SYNCS, Sync.parse)
    )


def caches_of(view: View) -> Caches:
    """Return a view as the controller keeps it."""
    caches = Caches()
    for plan in view.plans:
        caches.plans.put(plan)
    for tag in view.tags:
        caches.tags.put(tag)
    for sync in view.syncs:
        caches.syncs.put(sync)
    return caches


class Standings:
    """The state of every release in a view, including queued ones."""

    def __init__(self, view: View) -> None:
        """Decide from the same objects as the controller, by the same code."""
        self._caches = caches_of(view)
        self._turns = Turns(
            self._caches,
            Ranges(),
            is_complete=lambda _plan: True,
            tell=lambda _key, _standing: None,
            now=utc_now,
        )

    def of(self, tag: Tag) -> Iterator[tuple[Plan, Sync | None, Standing]]:
        """Yield each Plan that a Tag concerns, its Sync if there is one, and the release's standing for it."""
        for plan in sorted(self._caches.plans_of(tag), key=lambda plan: plan.metadata.key):
            if tag in self._turns.concerned(plan):
                sync = self._caches.sync_of(plan, tag)
                yield plan, sync, self._turns.standing(plan, tag)


def rows(view: View, now: datetime) -> list[Row]:
    """Return a row for each Tag and Plan, releases of one upstream oldest first."""
    standings = Standings(view)
    return [row for tag in sorted(view.tags, key=_place) for row in _rows_of(tag, standings, now)]


def chains(view: View) -> dict[str, list[Tag]]:
    """Return the Tags of each upstream, oldest first: the re-sync graph."""
    found: dict[str, list[Tag]] = {}
    for tag in sorted(view.tags, key=_place):
        found.setdefault(f"{tag.spec.repository} {tag.spec.naming}".strip(), []).append(tag)
    return found


def labels(view: View) -> dict[ObjectKey, str]:
    """Return a short label for each Tag: its version and phase."""
    standings = Standings(view)
    return {tag.metadata.key: f"{tag.version} ({_stands(tag, standings)})" for tag in view.tags}


def phase_of(tag: Tag) -> str:
    """Return the phase that a Tag is coloured by."""
    return tag.status.phase or "Pending"


def age(since: str | None, now: datetime) -> str:
    """Return how long ago an API time was, in kubectl's form; "" for none."""
    if since is None:
        return ""
    seconds = int((now - datetime.fromisoformat(since).astimezone(UTC)).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{max(seconds, 0)}s"


def find_tag(tags: Sequence[Tag], name: str) -> list[Tag]:
    """Return the Tags that match what a person typed: by name, else by version."""
    by_name = [tag for tag in tags if tag.metadata.name == name]
    return by_name or [tag for tag in tags if tag.version == name.removeprefix("v")]


def _rows_of(tag: Tag, standings: Standings, now: datetime) -> list[Row]:
    meta = tag.metadata
    found = [
        Row(
            namespace=meta.namespace,
            tag=meta.name,
            version=tag.version,
            plan=plan.metadata.name,
            phase=_phase(sync, standing),
            age=age(_since(sync), now),
            pull_request=_pull_request(sync),
            waits_for=_waits_for(sync, standing),
        )
        for plan, sync, standing in standings.of(tag)
    ]
    return found or [Row(namespace=meta.namespace, tag=meta.name, version=tag.version)]


def _stands(tag: Tag, standings: Standings) -> str:
    words = [
        f"{plan.metadata.name}: {_phase(sync, standing)}{_held(plan, standing)}"
        for plan, sync, standing in standings.of(tag)
    ]
    return ", ".join(words) or "no Plan"


def _held(plan: Plan, standing: Standing) -> str:
    """Return how long a release waits, or why a person holds it back; "" for neither."""
    if standing.due_time:
        return f" until {standing.due_time}"
    if standing.reason != PLAN_SUSPENDED:
        return ""
    why = plan.spec.suspend_reason
    return f", suspended: {shorten(why, MAX_WHY)}" if why else ", suspended"


def _phase(sync: Sync | None, standing: Standing) -> str:
    if sync is not None and sync.status.phase is not None:
        return sync.status.phase
    return PHASES.get(standing.action, "")


def _since(sync: Sync | None) -> str | None:
    return (sync.status.finish_time or sync.status.start_time) if sync is not None else None


def _pull_request(sync: Sync | None) -> str:
    if sync is None:
        return ""
    asked = sync.status.conflict if sync.status.phase == "Conflict" else None
    return (asked.pull_request if asked else None) or sync.status.pull_request or ""


def _waits_for(sync: Sync | None, standing: Standing) -> str:
    if sync is None:
        return standing.message
    asked = sync.status.conflict
    if sync.status.phase == "Conflict" and asked is not None:
        return f"a person to resolve {len(asked.files)} file(s)"
    return "its pull request to be merged" if sync.is_in_review else sync.status.message


def _place(tag: Tag) -> tuple[str, str, str, Precedence]:
    version = parse_version(tag.version)
    order = FIRST if isinstance(version, Refusal) else precedence(version)
    return tag.metadata.namespace, tag.spec.repository, str(tag.spec.naming), order
