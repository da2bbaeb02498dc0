"""What a page says, as plain facts: every form of it is written from these."""

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

Who = Literal["upstream", "machine", "people"]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Whose facts are wanted; "" means everybody's."""

    namespace: str = ""
    upstream: str = ""
    plan: str = ""

    def __bool__(self) -> bool:
        """Return whether anything is left out."""
        return bool(self.namespace or self.upstream or self.plan)


@dataclass(frozen=True, kw_only=True)
class Portion(Generic[T]):
    """A part of a list: which page of how many, and how many there are in all."""

    items: tuple[T, ...] = ()
    page: int = 1
    pages: int = 1
    total: int = 0

    @property
    def left(self) -> int:
        """Return how many are not here."""
        return self.total - len(self.items)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a fact is about: a release for a Plan; of a Plan itself, tag and version are ""."""

    namespace: str
    plan: str
    tag: str = ""
    version: str = ""
    upstream: str = ""
    downstream: str = ""
    branch: str = ""


@dataclass(frozen=True, kw_only=True)
class Need:
    """What waits for a person.

    Attributes:
        state: "Conflict", "Review", "Failed", "Held" (a release that has not begun) or "Plan".
        since: RFC 3339 in UTC, as all times.
        action: what a person does about it.
        files: the first of those that conflict; `file_count` says how many there are.
        downstream_authors: who wrote downstream's commits that collide; `upstream_authors` wrote upstream's.
        pull_request: the address that a person opens; `run` is that of the run in the Argo UI.
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
    """What goes on without anybody: a run, or what is tried again by itself."""

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
    """What is over, how long machines were at work, and how long people took."""

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
    """Where a release stands on a branch; `due_time` is when its turn comes, where that is known."""

    phase: str
    reason: str
    state: str
    pull_request: str | None = None
    number: int | None = None
    due_time: str | None = None


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The release that comes next, what it waits for, and how many come after it."""

    version: str
    reason: str
    message: str
    due_time: str | None = None
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Read:
    """When an upstream was read last; None: not yet, or `elsewhere`, by another replica.

    `reason` and `message` are of the Plan's condition `UpstreamReachable` where that is not True.
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
        behind_by: how many releases the Plan wants that are not in the branch; None: not counted yet.
        behind_since: when the oldest of them was first seen.
        held: why the Plan itself does not go on: the reason that its condition `Ready` gives.
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
    """A release of an upstream, and where it stands in each column; None: not wanted there."""

    tag: str
    version: str
    seen: str | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """An upstream: its releases, newest first, and the branches that follow it.

    `read` is of the branch whose Plan knows least of it: Plans may read it with several Secrets.
    """

    namespace: str
    upstream: str
    read: Read
    columns: tuple[Column, ...]
    lines: Portion[Line]
    more_columns: int = 0


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Something that happened to a release, and whose doing it was."""

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
        cluster_seconds: how long ago the API server last proved that what we know is all there is.
        stale: the kinds of objects of which that cannot be said.
        reads: whether this process reads the upstreams itself; else another replica does.
    """

    as_of: str
    cluster_seconds: int = 0
    stale: tuple[str, ...] = ()
    reads: bool = True


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What the first page says."""

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
    """What the page of a Plan says."""

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
    """How a release fares for a Plan: where it stands, and how long machines and people took."""

    subject: Subject
    cell: Cell
    message: str = ""
    times: Past | None = None


@dataclass(frozen=True, kw_only=True)
class TagFacts:
    """What the page of a Tag says."""

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
