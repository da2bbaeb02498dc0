"""A release for a Plan, as input to the decision which sync comes next; pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from resync_argo.api.meta import ObjectKey
from resync_argo.api.naming import Naming
from resync_argo.api.plan import Order
from resync_argo.api.sync import Phase
from resync_argo.reasons.turn import ALREADY_SYNCED, NOT_WANTED, SKIP_REQUESTED
from resync_argo.upstream.versions import Precedence, Version, precedence

Source = tuple[str, Naming]
"""An upstream and how it names its releases; versions compare only within one."""

TAKEN_BACK = (SKIP_REQUESTED, NOT_WANTED)
"""Reasons of a skip that a person may take back, so that the release is due again."""


class CandidateKey(NamedTuple):
    """A Tag that a Plan wants."""

    plan: ObjectKey
    tag: ObjectKey


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One Tag for one Plan, with everything that decides when it is synced.

    Attributes:
        key: the Tag and the Plan.
        source: the upstream and how it names releases; versions are comparable only within one
            source.
        version: the release's version.
        order: the order in which the Plan takes releases.
        is_of_branch: it is a commit of an upstream branch; one pull request moves from commit to
            commit.
        phase: of the sync; None or Pending: it did not start, or starts over because its Plan
            changed.
        reason: of the phase, for example `AlreadySynced`.
        contains: the newest release that its attempt found in the downstream branch.
        open_pull_request: the sync's final pull request is open.
        merged: the sync's final pull request was merged.
        retry: a person requested another try, which has not begun yet.
        skip: a person requested to skip this Tag.
        suspended: the Plan's `suspend`; `suspend_reason` says why.
        matures: when the release will be as old as the Plan requires; None: it is old enough.
        ready: the Plan can be run.
        complete: every release of upstream has its Tag, so the order is known.
        available: upstream's tag still names the commit at which it was first seen.
        wanted: the Plan's ranges admit it; a sync may still be under way when they no longer do.
    """

    key: CandidateKey
    source: Source
    version: Version
    order: Order = "Sequential"
    is_of_branch: bool = False
    phase: Phase | None = None
    reason: str = ""
    contains: Version | None = None
    open_pull_request: bool = False
    merged: bool = False
    retry: bool = False
    skip: bool = False
    suspended: bool = False
    suspend_reason: str = ""
    matures: datetime | None = None
    ready: bool = True
    complete: bool = True
    available: bool = True
    wanted: bool = True

    @property
    def title(self) -> str:
        """Return its display name."""
        return f"{self.version} (Plan {self.key.plan.name})"

    @property
    def place(self) -> tuple[Precedence, str, CandidateKey]:
        """Return a sort key: by version, and deterministic for equal versions."""
        return precedence(self.version), f"{self.source[0]} {self.source[1]}", self.key

    @property
    def is_running(self) -> bool:
        """Return whether it has a Workflow under way, including one that waits for people."""
        return self.phase in ("Running", "Conflict")

    @property
    def is_contained(self) -> bool:
        """Return whether the branch contains it."""
        return self.phase == "Finished" and (self.merged or self.reason == ALREADY_SYNCED)

    @property
    def is_retried(self) -> bool:
        """Return whether a person's request for another try applies to it."""
        startable = (None, "Pending", "Failed", "Skipped")
        return self.retry and not self.skip and self.phase in startable

    @property
    def is_due(self) -> bool:
        """Return whether to sync it when its turn comes."""
        if self.skip or self.open_pull_request or not self.wanted:
            return False
        was_taken_back = self.phase == "Skipped" and self.reason in TAKEN_BACK
        return self.phase in (None, "Pending") or was_taken_back or self.is_retried

    @property
    def is_too_young(self) -> bool:
        """Return whether it is too young; a person's request overrides that."""
        return self.matures is not None and self.is_due and not self.is_retried
