"""The content of a page as plain facts; every format is rendered from these."""

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

Who = Literal["upstream", "machine", "people"]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Selects facts; "" means everybody's."""

    namespace: str = ""
    upstream: str = ""
    plan: str = ""

    def __bool__(self) -> bool:
        """Return whether it excludes anything."""
        return bool(self.namespace or self.upstream or self.plan)


@dataclass(frozen=True, kw_only=True)
class Portion(Generic[T]):
    """A part of a list: the page number, the number of pages, and the total."""

    items: tuple[T, ...] = ()
    page: int = 1
    pages: int = 1
    total: int = 0

    @property
    def left(self) -> int:
        """Return how many are on other pages."""
        return self.total - len(self.items)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The subject of a fact: a release for a Plan, or a Plan, in which case tag and version are ""."""

    namespace: str
    plan: str
    tag: str = ""
    version: str = ""
    upstream: str = ""
    downstream: str = ""
    branch: str = ""


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something that waits for a person.

    Attributes:
        state: "Conflict", "Review", "Failed", "Held" (a release that has not begun) or "Plan".
        since: RFC 3339 in UTC, as all times.
        action: what the person should do.
        files: the first conflicting ones; `file_count` is the total.
        downstream_authors: authors of downstream's colliding commits; `upstream_authors` wrote
            upstream's.
        pull_request: the address to open; `run` is the run's in the Argo UI.
    """

    subject: Subject
    state: str
    since: str | None
    reason: str
    message: str = ""
    action: str = ""
    files: tuple[str, ...] = ()
    file_count: int = 0
    downstream_authors: tuple[str, ...] = ()
    upstream_authors: tuple[str, ...] = ()
    pull_request: str | None = None
    number: int | None = None
    run: str | None = None


@dataclass(frozen=True, kw_only=True)
class Work:
    """Something in progress that needs nobody: a run, or an automatic retry."""

    subject: Subject
    phase: str
    reason: str
    message: str = ""
    since: str | None = None
    attempt: int | None = None
    next_try_time: str | None = None
    run: str | None = None


@dataclass(frozen=True, kw_only=True)
class Past:
    """A finished sync, and how long machines and people took."""

    subject: Subject
    phase: str
    reason: str
    ended: str | None = None
    rounds: int | None = None
    machine_seconds: int | None = None
    conflict_seconds: int | None = None
    review_seconds: int | None = None
    pull_request: str | None = None
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A release's state on a branch; `due_time` is when it is due, if known."""

    phase: str
    reason: str
    state: str
    pull_request: str | None = None
    number: int | None = None
    due_time: str | None = None


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The next release, what it waits for, and how many come after it."""

    version: str
    reason: str
    message: str
    due_time: str | None = None
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Read:
    """The last read of an upstream; None: not yet, or, with `elsewhere`, by another replica.

    `reason` and `message` come from the Plan's condition `UpstreamReachable` if that is not True.
    """

    age_seconds: int | None = None
    elsewhere: bool = False
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A branch that follows an upstream, by its Plan.

    Attributes:
        current: the newest release that the branch contains.
        behind_by: how many releases the Plan wants that are not in the branch; None: not counted
            yet.
        behind_since: when the oldest of them was first seen.
        held: why the Plan itself is stopped: the reason of its condition `Ready`.
    """

    subject: Subject
    read: Read
    current: str | None = None
    behind_by: int | None = None
    behind_since: str | None = None
    coming: Forecast | None = None
    held: str = ""
    suspended: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """A release of an upstream, and its state in each column; None: not wanted there."""

    tag: str
    version: str
    seen: str | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """An upstream: its releases, newest first, and the branches that follow it.

    `read` is the worst of its Plans' reads, since they may use several Secrets.
    """

    namespace: str
    upstream: str
    read: Read
    columns: tuple[Column, ...]
    lines: Portion[Line]
    more_columns: int = 0


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An event of a release, and who caused it."""

    time: str
    who: Who
    what: str
    detail: str = ""
    link: str | None = None
    subject: Subject | None = None


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How old the data is.

    Attributes:
        as_of: when the page was made.
        cluster_seconds: how long ago the API server last proved that the caches are complete.
        stale: the kinds of objects without that proof.
        reads: whether this process reads the upstreams itself; else another replica does.
    """

    as_of: str
    cluster_seconds: int = 0
    stale: tuple[str, ...] = ()
    reads: bool = True


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The content of the first page."""

    fresh: Freshness
    wanted: Filter
    needs: Portion[Need]
    plans: Portion[Need]
    work: Portion[Work]
    matrices: Portion[Matrix]
    history: Portion[Past]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A condition of an object."""

    type: str
    status: str
    reason: str
    message: str = ""
    since: str | None = None


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """The content of a Plan's page."""

    fresh: Freshness
    column: Column
    image: str
    order: str
    versions: tuple[str, ...]
    suspend_reason: str = ""
    conditions: tuple[Statement, ...] = ()
    needs: Portion[Need] = field(default_factory=Portion)
    work: Portion[Work] = field(default_factory=Portion)
    history: Portion[Past] = field(default_factory=Portion)
    moments: tuple[Moment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A release's state for a Plan, and how long machines and people took."""

    subject: Subject
    cell: Cell
    message: str = ""
    times: Past | None = None


@dataclass(frozen=True, kw_only=True)
class TagFacts:
    """The content of a Tag's page."""

    fresh: Freshness
    namespace: str
    name: str
    version: str
    upstream: str
    ref: str
    commit: str
    following: str
    seen: str | None
    conditions: tuple[Statement, ...] = ()
    needs: tuple[Need, ...] = ()
    progress: tuple[Progress, ...] = ()
    moments: tuple[Moment, ...] = ()
