"""The phases of a sync, each with only the fields that it needs, and their transitions; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeGuard

from resync_argo.api.conditions import shorten
from resync_argo.conflicts.authors import Authors
from resync_argo.reasons.sync import SUBMITTED


@dataclass(frozen=True, kw_only=True)
class Why:
    """The reason for a phase: one CamelCase word, and a sentence."""

    reason: str
    message: str = ""

    def __post_init__(self) -> None:
        """Truncate the sentence to a status's limit."""
        object.__setattr__(self, "message", shorten(self.message))


@dataclass(frozen=True, kw_only=True)
class Tries:
    """The number of a try, and the requests that led to it.

    Attributes:
        number: how many earlier Workflows there were; it is part of the Workflow's name.
        retry: the last executed request for another try; `rebuild` and `refresh` likewise.
        failures: how many tries in a row ended with a temporary problem.
    """

    number: int = 0
    retry: int = 0
    rebuild: int = 0
    refresh: int = 0
    failures: int = 0


@dataclass(frozen=True, kw_only=True)
class Run:
    """A Workflow of the sync: its name, its attempts counted from 1, its template, and its values."""

    workflow: str
    attempt: int | None = None
    template_hash: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Question:
    """The newest conflict pull request, resolved or not."""

    url: str
    number: int | None = None
    files: tuple[str, ...] = ()
    authors: Authors = field(default_factory=Authors)


@dataclass(frozen=True, kw_only=True)
class Review:
    """The final pull request, merged or not."""

    url: str
    number: int
    merged: bool = False


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """The state of refreshing the open final pull request.

    Attributes:
        base: tip of the downstream branch at the last refresh; None: there was none.
        why: what prevents it, or what it waits for; None: there is nothing to do.
        next_try: after a temporary problem, the earliest time of the next try, RFC 3339 in UTC.
    """

    base: str | None = None
    why: Why | None = None
    next_try: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Phase:
    why: Why
    tries: Tries = Tries()
    question: Question | None = None


@dataclass(frozen=True, kw_only=True)
class Queued(_Phase):
    """The sync needs a Workflow and has none under way.

    Attributes:
        template_hash: of the template that the last Workflow ran.
        started: when that one was submitted.
        review: the final pull request of an earlier try.
        next_try: the earliest time, RFC 3339 in UTC; None: as soon as it is due.
    """

    template_hash: str | None = None
    started: str | None = None
    review: Review | None = None
    next_try: str | None = None


@dataclass(frozen=True, kw_only=True)
class _UnderWay(_Phase):
    """A Workflow has existed since `started`.

    Attributes:
        review: the open final pull request that it refreshes; None: it opens one.
        freshness: of that pull request.
    """

    run: Run
    started: str
    review: Review | None = None
    freshness: Freshness = Freshness()


@dataclass(frozen=True, kw_only=True)
class Running(_UnderWay):
    """The Workflow runs."""


@dataclass(frozen=True, kw_only=True)
class InConflict(_UnderWay):
    """The Workflow is suspended until people have resolved a conflict."""


@dataclass(frozen=True, kw_only=True)
class _AtRest(_Phase):
    ended: str
    run: Run | None = None
    started: str | None = None
    review: Review | None = None
    contains: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finished(_AtRest):
    """Every step succeeded, or the branch contained the release; the pull request may wait for review."""

    freshness: Freshness = Freshness()


@dataclass(frozen=True, kw_only=True)
class Failed(_AtRest):
    """A person must look at it.

    Attributes:
        next_try: when to retry automatically, RFC 3339 in UTC; None: not by time alone.
        secrets: the version of the Plan's Secrets with which it failed; "" if that does not matter.
    """

    next_try: str | None = None
    secrets: str = ""


@dataclass(frozen=True, kw_only=True)
class Skipped(_AtRest):
    """The release is skipped: by a person, or because a newer one makes it needless."""


UnderWay: TypeAlias = Running | InConflict
AtRest: TypeAlias = Finished | Failed | Skipped
Phase: TypeAlias = Queued | UnderWay | AtRest


def queue_again(phase: Phase, why: Why) -> Queued:
    """Return the sync, waiting for its own Workflow."""
    if isinstance(phase, Queued):
        return replace(phase, why=why)
    return Queued(
        why=why,
        tries=next_tries(phase),
        question=phase.question,
        template_hash=phase.run.template_hash if phase.run else None,
        started=phase.started,
        review=phase.review,
    )


def next_tries(phase: Phase) -> Tries:
    """Return the next try, never that of a Workflow that ended or was stopped."""
    has_workflow = not isinstance(phase, Queued) and phase.run is not None
    return replace(phase.tries, number=phase.tries.number + has_workflow)


def run_of(phase: Phase) -> Run | None:
    """Return the Workflow that a phase names."""
    return None if isinstance(phase, Queued) else phase.run


def review_of(phase: Phase) -> Review | None:
    """Return the final pull request, if known."""
    return phase.review


def is_in_review(phase: Phase) -> TypeGuard[Finished]:
    """Return whether the final pull request waits for people, as far as is known."""
    return isinstance(phase, Finished) and phase.review is not None and not phase.review.merged


def freshness_of(phase: Phase) -> Freshness:
    """Return the state of refreshing the final pull request."""
    return phase.freshness if isinstance(phase, _UnderWay | Finished) else Freshness()


def template_of(phase: Phase) -> str | None:
    """Return the template hash of the newest Workflow; None without a Workflow."""
    if isinstance(phase, Queued):
        return phase.template_hash
    return phase.run.template_hash if phase.run else None


JUST_SUBMITTED = Why(reason=SUBMITTED, message="The Workflow was submitted.")
"""The message until Argo has one: then the Workflow's arrival in the cache needs no second write."""


def start(
    tries: Tries, run: Run, now: str, *, review: Review | None = None, base: str | None = None
) -> Running:
    """Return the sync as one whose Workflow was just submitted; earlier tries are forgotten.

    Args:
        tries: the try.
        run: the Workflow.
        now: RFC 3339 in UTC.
        review: the open final pull request that it refreshes; None: there is none.
        base: the tip of the downstream branch for the refresh.
    """
    freshness = Freshness(base=base)
    return Running(
        why=JUST_SUBMITTED, tries=tries, run=run, started=now, review=review, freshness=freshness
    )


def with_why(phase: UnderWay, why: Why) -> Running:
    """Return the sync as running."""
    return Running(
        why=why,
        tries=phase.tries,
        question=phase.question,
        run=phase.run,
        started=phase.started,
        review=phase.review,
        freshness=phase.freshness,
    )


def in_conflict(phase: UnderWay, why: Why, question: Question | None) -> InConflict:
    """Return the sync as waiting for people to resolve a conflict."""
    return InConflict(
        why=why,
        tries=phase.tries,
        question=question or phase.question,
        run=phase.run,
        started=phase.started,
        review=phase.review,
        freshness=phase.freshness,
    )


def finish(phase: Phase, why: Why, now: str, *, review: Review | None = None) -> Finished:
    """Return the sync as succeeded; it keeps the time when it ended."""
    return Finished(
        why=why,
        tries=phase.tries,
        question=phase.question,
        ended=_ended(phase, Finished, now),
        run=run_of(phase),
        started=phase.started,
        review=review or review_of(phase),
        contains=_contains(phase),
        freshness=freshness_of(phase),
    )


def fail(
    phase: Phase,
    why: Why,
    now: str,
    *,
    review: Review | None = None,
    secrets: str = "",
) -> Failed:
    """Return the sync as failed, for a person to look at; `secrets` is the version that it failed with."""
    return Failed(
        why=why,
        tries=phase.tries,
        question=phase.question,
        ended=_ended(phase, Failed, now),
        run=run_of(phase),
        started=phase.started,
        review=review or review_of(phase),
        contains=_contains(phase),
        secrets=secrets or (phase.secrets if isinstance(phase, Failed) else ""),
    )


def skip(
    phase: Phase,
    why: Why,
    now: str,
    *,
    review: Review | None = None,
    contains: str | None = None,
) -> Skipped:
    """Return the sync as skipped; `contains` is the newer release in the branch."""
    return Skipped(
        why=why,
        tries=phase.tries,
        question=phase.question,
        ended=_ended(phase, Skipped, now),
        run=run_of(phase),
        started=phase.started,
        review=review or review_of(phase),
        contains=contains or _contains(phase),
    )


def _ended(phase: Phase, kind: type[_AtRest], now: str) -> str:
    return phase.ended if isinstance(phase, _AtRest) and isinstance(phase, kind) else now


def _contains(phase: Phase) -> str | None:
    return phase.contains if isinstance(phase, _AtRest) else None
