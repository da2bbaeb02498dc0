"""Admits a sync's run when there is room for it, and counts the runs that are under way."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan, RepositoryName
from resync_argo.controller.forge.access import access_of
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.controller.order.fair_queue import Claim
from resync_argo.controller.order.limits import Limits
from resync_argo.controller.state.objects import Caches
from resync_argo.controller.sync.decision.phases import (
    Finished,
    InConflict,
    Phase,
    Queued,
    Running,
    Why,
    freshness_of,
    queue_again,
)
from resync_argo.controller.sync.decision.trouble import seconds_to_next_try
from resync_argo.controller.sync.observe import Subject
from resync_argo.errors import ResyncError
from resync_argo.forge.gate import Gate, token_identity
from resync_argo.reasons.forge import RATE_LIMITED
from resync_argo.reasons.sync import THROTTLED


@dataclass(kw_only=True)
class Admission:
    """Asks for all Syncs."""

    caches: Caches
    secrets: Secrets
    limits: Limits
    gate: Gate
    _is_counted: bool = False
    _lock: Lock = field(default_factory=Lock)

    def held(self, subject: Subject, before: Queued) -> Queued | None:
        """Return a due sync as one that must wait for room; None: it may begin."""
        self._count()
        key = subject.sync.metadata.key
        refusal = self.limits.admit(key, claim_of(subject.plan, self.secrets))
        return queue_again(before, Why(reason=THROTTLED, message=refusal)) if refusal else None

    def held_aside(self, subject: Subject) -> str | None:
        """Return why a refresh must wait, since releases go first; None: it may begin."""
        self._count()
        key = subject.sync.metadata.key
        return self.limits.admit_aside(key, claim_of(subject.plan, self.secrets))

    def follow(self, subject: Subject, before: Phase, phase: Phase, now: str) -> None:
        """Update the count with a sync's run."""
        key = subject.sync.metadata.key
        if isinstance(phase, Running):
            self.limits.began(key, claim_of(subject.plan, self.secrets))
        elif phase.why.reason != THROTTLED and self.limits.knows(key):
            if RATE_LIMITED in _reasons(phase) and not isinstance(before, Queued):
                token = claim_of(subject.plan, self.secrets).token
                self.gate.close_for(token, seconds_to_next_try(phase, now) or 0.0)
            known = isinstance(phase, InConflict | Finished)
            self.limits.ended(key, in_conflict=isinstance(phase, InConflict) if known else None)

    def forget(self, key: ObjectKey) -> None:
        """Remove a deleted Sync from the count."""
        self.limits.ended(key)

    def _count(self) -> None:
        """Count the runs that began before this process, before any other may begin."""
        with self._lock:
            if self._is_counted:
                return
            for key, plan in self._running():
                self.limits.began(key, claim_of(plan, self.secrets))
            self._is_counted = True

    def _running(self) -> Iterator[tuple[ObjectKey, Plan]]:
        for sync in self.caches.syncs.all():
            meta = sync.metadata
            plan = self.caches.plans.get(ObjectKey(meta.namespace, sync.spec.plan))
            if sync.status.phase == "Running" and plan is not None:
                yield meta.key, plan


def _reasons(phase: Phase) -> set[str]:
    """Return why a sync is in its state, and why its open pull request was not rebuilt."""
    stale = freshness_of(phase).why
    return {phase.why.reason, *([stale.reason] if stale else [])}


def claim_of(plan: Plan, secrets: Secrets) -> Claim:
    """Return the needs of a Plan's run; without a token if the Secret cannot be read."""
    namespace, github = plan.metadata.namespace, plan.spec.config.github
    if github is None:
        return Claim(namespace=namespace)
    access = access_of(plan)
    repository = RepositoryName.of(access.downstream)
    try:
        token = token_identity(
            repository.host, secrets.credentials(access.secret), owner=repository.owner
        )
    except ResyncError:
        return Claim(namespace=namespace)
    writes = 1 + bool(github.labels) + bool(github.reviewers or github.team_reviewers)
    # A conflict's pull request also has a commit status.
    return Claim(namespace=namespace, token=token, writes=writes, conflict_writes=writes + 1)
