"""What `status` and `graph` show, drawn from Plans and Tags. Pure but for `read_view`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from semver import Version

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Sync, Tag
from resync_argo.controller.kube import PLANS, TAGS, Kube
from resync_argo.upstream.versions import Precedence, Refusal, parse_version, precedence

PENDING = Sync(plan="", phase="Pending")


@dataclass(frozen=True, kw_only=True)
class View:
    """The Plans and Tags of a namespace, or of all."""

    plans: tuple[Plan, ...]
    tags: tuple[Tag, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Where one Tag stands for one Plan.

    Attributes:
        namespace: of both.
        tag: the Tag's name.
        version: its version.
        plan: the Plan's name; "" where no Plan wants the Tag.
        phase: as the Tag's status has it.
        age: since when, for example `3h`; "" where nothing has begun.
        pull_request: the address that a person opens next.
        waits_for: what happens next, or why nothing does.
    """

    namespace: str
    tag: str
    version: str
    plan: str
    phase: str
    age: str
    pull_request: str
    waits_for: str


def read_view(kube: Kube, namespace: str) -> View:
    """Read all Plans and Tags of a namespace; "" means everywhere.

    Raises:
        ResyncError: the API server does not answer, or forbids it.
    """
    plans = [Plan.parse(it) for page, _ in kube.pages(PLANS, namespace) for it in page]
    tags = [Tag.parse(it) for page, _ in kube.pages(TAGS, namespace) for it in page]
    return View(plans=tuple(plans), tags=tuple(tags))


def rows(view: View, now: datetime) -> list[Row]:
    """Return a row for each Tag and Plan, releases of one upstream oldest first."""
    return [
        _row(tag, sync, now)
        for tag in sorted(view.tags, key=_place)
        for sync in (tag.status.syncs or (PENDING,))
    ]


def chains(view: View) -> dict[str, list[Tag]]:
    """Return the Tags of each upstream, oldest first: the re-sync graph."""
    found: dict[str, list[Tag]] = {}
    for tag in sorted(view.tags, key=_place):
        prefix = f" {tag.spec.tag_prefix}" if tag.spec.tag_prefix else ""
        found.setdefault(f"{tag.spec.repository}{prefix}", []).append(tag)
    return found


def label(tag: Tag) -> str:
    """Return a Tag's version and where it stands, in a few words."""
    syncs = [f"{sync.plan}: {sync.phase}" for sync in tag.status.syncs]
    return f"{tag.version} ({', '.join(syncs) or 'no Plan'})"


def phase_of(tag: Tag) -> str:
    """Return the phase that a Tag is coloured by."""
    return tag.status.phase or "Pending"


def age(since: str | None, now: datetime) -> str:
    """Return how long ago a time of the API was, as kubectl says it; "" for none."""
    if since is None:
        return ""
    seconds = int((now - datetime.fromisoformat(since).astimezone(UTC)).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{max(seconds, 0)}s"


def _row(tag: Tag, sync: Sync, now: datetime) -> Row:
    conflict = sync.conflict.pull_request if sync.phase == "Conflict" and sync.conflict else None
    return Row(
        namespace=tag.metadata.namespace,
        tag=tag.metadata.name,
        version=tag.version,
        plan=sync.plan,
        phase=sync.phase if sync.plan else "",
        age=age(sync.finish_time or sync.start_time, now),
        pull_request=conflict or sync.pull_request or "",
        waits_for=_waits_for(sync, conflict),
    )


def _waits_for(sync: Sync, conflict: str | None) -> str:
    if not sync.plan:
        return "no Plan wants it"
    if conflict and sync.conflict:
        return f"a person to resolve {len(sync.conflict.files)} file(s)"
    if sync.phase == "Finished" and sync.pull_request and not sync.merged:
        return "its pull request to be merged"
    return sync.message


def _place(tag: Tag) -> tuple[str, str, str, Precedence]:
    version = parse_version(tag.version)
    order = precedence(Version(0) if isinstance(version, Refusal) else version)
    return tag.metadata.namespace, tag.spec.repository, tag.spec.tag_prefix or "", order


def find_tag(tags: Sequence[Tag], name: str) -> list[Tag]:
    """Return the Tags that a person means: by name, else by version."""
    by_name = [tag for tag in tags if tag.metadata.name == name]
    return by_name or [tag for tag in tags if tag.version == name.removeprefix("v")]
