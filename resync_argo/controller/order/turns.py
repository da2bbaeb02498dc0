"""The next release on each downstream branch, cached until a relevant change.

It reads the caches, calls `upstream.graph.decide`, and caches the answer per branch. A changed
Plan, Tag, Sync or Workflow marks its branch as changed; so does time, if a release is too young.
Each new decision calls `tell` for every release whose standing changed.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Phase, Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.order.wanted import Wanted
from resync_argo.controller.state.keys import BranchKey, branch_key
from resync_argo.controller.state.objects import Caches
from resync_argo.controller.state.workflow import Run
from resync_argo.names import label_value
from resync_argo.reasons import sections as at
from resync_argo.upstream.candidate import Candidate, CandidateKey
from resync_argo.upstream.graph import Standing, decide
from resync_argo.upstream.versions import Version, parse_version, precedence

Decision = dict[CandidateKey, Standing]

UNDECIDED = Standing(action="Keep", reason="", message="")


def is_ready(plan: Plan) -> bool:
    """Return whether a Plan can run, by its own status for its current generation."""
    return any(
        condition.type == at.READY
        and condition.status == "True"
        and condition.observed_generation == plan.metadata.generation
        for condition in plan.status.conditions
    )


def is_available(tag: Tag) -> bool:
    """Return whether upstream's tag is still where it was first seen, as last observed."""
    return not any(
        condition.type == at.UPSTREAM_UNCHANGED and condition.status == "False"
        for condition in tag.status.conditions
    )


class Turns:
    """The standings on all branches; safe to use from many threads."""

    def __init__(
        self,
        caches: Caches,
        ranges: Ranges,
        *,
        is_complete: Callable[[Plan], bool],
        tell: Callable[[CandidateKey, Standing], None],
        now: Callable[[], str],
    ) -> None:
        """Start with nothing decided.

        Args:
            caches: the cluster's objects.
            ranges: which releases Plans want.
            is_complete: whether every release of a Plan's upstream has its Tag.
            tell: called for each release whose standing changed.
            now: the time, RFC 3339 in UTC.
        """
        self.ranges = ranges
        self.wanted = Wanted(caches, ranges)
        self._caches = caches
        self._is_complete = is_complete
        self._tell = tell
        self._now = now
        self._decisions: dict[BranchKey, Decision] = {}
        self._due: dict[BranchKey, str | None] = {}
        self._stale: set[BranchKey] = set()
        self._locks: dict[BranchKey, threading.RLock] = defaultdict(threading.RLock)
        self._guard = threading.Lock()

    def lock(self, branch: BranchKey) -> threading.RLock:
        """Return the branch's lock, held while submitting so that two Workflows are never submitted at once."""
        with self._guard:
            return self._locks[branch]

    def mark(self, branch: BranchKey) -> None:
        """Record a change that affects the branch's order."""
        with self._guard:
            self._stale.add(branch)

    def forget(self, branch: BranchKey) -> None:
        """Forget a branch that no Plan has any more."""
        with self._guard:
            self._decisions.pop(branch, None)
            self._due.pop(branch, None)
            self._stale.discard(branch)
            self._locks.pop(branch, None)

    def standing(self, plan: Plan, tag: Tag) -> Standing:
        """Return the current standing of a Tag for a Plan."""
        branch = branch_key(plan)
        key = CandidateKey(plan.metadata.key, tag.metadata.key)
        decision = self.decide(branch)
        if key not in decision:  # The caches have changed since the decision.
            self.mark(branch)
            decision = self.decide(branch)
        return decision.get(key, UNDECIDED)

    def decide(self, branch: BranchKey) -> Decision:
        """Return the standings of a branch; decide again only after a change."""
        with self.lock(branch):
            with self._guard:
                before = self._decisions.get(branch, {})
                is_decided = branch in self._decisions and branch not in self._stale
                if is_decided and not self._is_due(branch):
                    return before
                self._stale.discard(branch)
            decision = self._decide(self._caches.plans.by("branch", branch))
            with self._guard:
                self._decisions[branch] = decision
                self._due[branch] = _first_due(decision)
        for key, standing in decision.items():
            if before.get(key) != standing:
                self._tell(key, standing)
        return decision

    def seconds_to_next(self, branch: BranchKey) -> float | None:
        """Return how long until time alone changes a branch's order; None: never."""
        self.decide(branch)
        with self._guard:
            due = self._due.get(branch)
        if due is None:
            return None
        wait = datetime.fromisoformat(due) - datetime.fromisoformat(self._now())
        return max(wait.total_seconds(), 0.0)

    def _is_due(self, branch: BranchKey) -> bool:
        due = self._due.get(branch)
        return due is not None and due <= self._now()

    def foresee(self, plan: Plan) -> Decision:
        """Return the standings that a Plan's branch will have once the Plan is written."""
        there = self._caches.plans.by("branch", branch_key(plan))
        others = [each for each in there if each.metadata.key != plan.metadata.key]
        return self._decide([plan, *others])

    def _decide(self, plans: list[Plan]) -> Decision:
        # Check this before reading the Tags, and only once for each Plan. If it became true in
        # between, a release would wrongly seem to be the oldest.
        complete = {plan.metadata.key for plan in plans if self._is_complete(plan)}
        pairs = [(plan, tag) for plan in plans for tag in self.concerned(plan)]
        candidates = (
            self._candidate(plan, tag, is_complete=plan.metadata.key in complete)
            for plan, tag in pairs
        )
        return decide((c for c in candidates if c is not None), stray=self._stray(pairs))

    def concerned(self, plan: Plan) -> Iterator[Tag]:
        """Yield the Tags that a Plan wants, and those it wanted and has worked on."""
        wanted = self.wanted.of(plan)
        yield from wanted
        known = {tag.metadata.key for tag in wanted}
        for sync in self._caches.syncs_of(plan):
            tag = self._caches.tags.get(ObjectKey(plan.metadata.namespace, sync.spec.tag))
            if tag is not None and tag.metadata.key not in known and self._was_begun(plan, tag):
                yield tag

    def _was_begun(self, plan: Plan, tag: Tag) -> bool:
        sync = self._caches.sync_of(plan, tag)
        is_of_upstream = tag.spec.repository == plan.spec.config.upstream.name
        return is_of_upstream and sync is not None and sync.status.start_time is not None

    def _stray(self, pairs: Iterable[tuple[Plan, Tag]]) -> str:
        """Return the name of a Workflow under way that belongs to none of them; "" for none."""
        known = {(plan.metadata.uid, label_value(tag.version)) for plan, tag in pairs}
        plans = {plan.metadata.uid: plan for plan, _ in pairs}
        strays = (
            run.metadata.name
            for plan in plans.values()
            for run in self._caches.runs.by("plan", plan.metadata.key)
            if run.is_active and run.plan_uid == plan.metadata.uid
            if (run.plan_uid, run.version) not in known
        )
        return min(strays, default="")

    def _candidate(self, plan: Plan, tag: Tag, *, is_complete: bool) -> Candidate | None:
        version = parse_version(tag.version)
        if not isinstance(version, Version):
            return None
        sync = self._caches.sync_of(plan, tag)
        return Candidate(
            key=CandidateKey(plan.metadata.key, tag.metadata.key),
            source=(tag.spec.repository, tag.spec.naming),
            version=version,
            order=plan.spec.config.effective_order,
            is_of_branch=tag.spec.branch is not None,
            phase=_phase(sync, self._caches.runs_of(plan, tag)),
            reason=sync.status.reason if sync else "",
            contains=_contains(sync),
            open_pull_request=sync is not None and sync.is_in_review,
            merged=bool(sync and sync.status.merged),
            retry=sync is not None and is_retry_asked(sync),
            skip=is_skip_asked(sync, tag),
            suspended=plan.spec.suspend,
            suspend_reason=plan.spec.suspend_reason,
            matures=self._matures(plan, tag),
            ready=is_ready(plan),
            complete=is_complete,
            available=is_available(tag),
            wanted=self.ranges.wants(plan, tag),
        )

    def _matures(self, plan: Plan, tag: Tag) -> datetime | None:
        """Return when a release will be old enough for a Plan; None: it is already."""
        made, upstream = tag.metadata.creation_timestamp, plan.spec.config.upstream
        if made is None or upstream.minimum_age is None:
            return None
        due = datetime.fromisoformat(made) + upstream.cool_down
        return due if due > datetime.fromisoformat(self._now()) else None


def _first_due(decision: Decision) -> str | None:
    """Return the earliest time at which a release is due by its age."""
    return min((it.due_time for it in decision.values() if it.due_time), default=None)


def newest_contained(decided: Iterable[Sync]) -> Version | None:
    """Return the newest release that Syncs found in their branch."""
    found = (version for sync in decided if (version := _contains(sync)) is not None)
    return max(found, key=precedence, default=None)


def is_retry_asked(sync: Sync) -> bool:
    """Return whether people requested a retry that has not been executed yet."""
    return sync.spec.retry > sync.status.retry or sync.spec.rebuild > sync.status.rebuild


def is_skip_asked(sync: Sync | None, tag: Tag) -> bool:
    """Return whether people skipped a release, for this Plan or for every one."""
    return tag.spec.skip or (sync is not None and sync.spec.skip)


def _contains(sync: Sync | None) -> Version | None:
    version = parse_version(sync.status.contains) if sync and sync.status.contains else None
    return version if isinstance(version, Version) else None


def _phase(sync: Sync | None, runs: list[Run]) -> Phase | None:
    """Return the phase; Running even if the status does not show the Workflow yet."""
    phase = sync.status.phase if sync else None
    active = any(run.is_active for run in runs)
    return "Running" if active and phase != "Conflict" else phase
