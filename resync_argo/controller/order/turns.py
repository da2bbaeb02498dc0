"""Who may go next on each downstream branch, decided once and kept until something that counts changes.

Reads the caches, asks `upstream.graph.decide`, and remembers the answer per branch. A changed Plan,
Tag or Workflow marks its branches; when a branch is decided anew, the Tags whose standing changed
are told. No I/O. Used by `tag`, `plan`, and the change handlers of `world`.
"""

import functools
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable

from semver import Version

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Phase, Sync, Tag
from resync_argo.controller.requests import retry_wanted, skip_wanted
from resync_argo.controller.state.keys import BranchKey, branch_key
from resync_argo.controller.state.objects import Caches, sync_of
from resync_argo.controller.state.workflow import Run
from resync_argo.errors import Stalled
from resync_argo.names import label_value
from resync_argo.upstream.eligibility import Policy, follows
from resync_argo.upstream.graph import Candidate, CandidateKey, Standing, decide
from resync_argo.upstream.versions import parse_version

UPSTREAM_UNCHANGED = "UpstreamUnchanged"

Decision = dict[CandidateKey, Standing]


@functools.lru_cache(maxsize=100_000)
def _version(text: str) -> Version | None:
    version = parse_version(text)
    return version if isinstance(version, Version) else None


class _Wishes:
    """What a Plan's ranges admit; every answer is kept, for there are many Tags and many passes."""

    def __init__(self, plan: Plan) -> None:
        try:
            self._policy: Policy | None = Policy.of(plan.spec.config)
        except Stalled:  # the Plan's own condition says so
            self._policy = None
        self._known: dict[str, bool] = {}

    def admit(self, text: str) -> bool:
        known = self._known.get(text)
        if known is None:
            version, policy = _version(text), self._policy
            known = policy is not None and version is not None and policy.refusal(version) is None
            self._known[text] = known
        return known


_WISHES: OrderedDict[tuple[str, int], _Wishes] = OrderedDict()
_MAX_WISHES = 10_000


def admits(plan: Plan, version: str) -> bool:
    """Tell whether a version is in a Plan's ranges; never where one of them cannot be read."""
    key = plan.metadata.uid, plan.metadata.generation
    wishes = _WISHES.get(key)
    if wishes is None:
        wishes = _WISHES.setdefault(key, _Wishes(plan))
        while len(_WISHES) > _MAX_WISHES:
            _WISHES.popitem(last=False)
    return wishes.admit(version)


def wants(plan: Plan, tag: Tag) -> bool:
    """Tell whether a Plan wants a Tag, by the Tag's identity; never of another namespace."""
    upstream = plan.spec.config.upstream
    return (
        admits(plan, tag.version)
        and plan.metadata.namespace == tag.metadata.namespace
        and follows(upstream, repository=tag.spec.repository, tag_prefix=tag.spec.tag_prefix)
    )


def concerns(plan: Plan, tag: Tag) -> bool:
    """Tell whether a Plan wants a Tag, or did and has something under way or on record."""
    if wants(plan, tag):
        return True
    sync = sync_of(tag, plan)
    return sync is not None and sync.start_time is not None


def is_ready(plan: Plan) -> bool:
    """Tell whether a Plan can be run, by its own status for its present generation."""
    return any(
        condition.type == "Ready"
        and condition.status == "True"
        and condition.observed_generation == plan.metadata.generation
        for condition in plan.status.conditions
    )


class Board:
    """The standings of all branches; safe to use from many threads."""

    def __init__(self, caches: Caches, tell: Callable[[ObjectKey, Standing], None]) -> None:
        """Begin with nothing decided; `tell` hears of each Tag whose standing changed."""
        self._caches = caches
        self._tell = tell
        self._decisions: dict[BranchKey, Decision] = {}
        self._stale: set[BranchKey] = set()
        self._locks: dict[BranchKey, threading.RLock] = defaultdict(threading.RLock)
        self._guard = threading.Lock()

    def lock(self, branch: BranchKey) -> threading.RLock:
        """Return the lock under which a branch is decided and a Workflow for it submitted."""
        with self._guard:
            return self._locks[branch]

    def mark(self, branch: BranchKey) -> None:
        """Say that something of a branch changed."""
        with self._guard:
            self._stale.add(branch)

    def standing(self, plan: Plan, tag: Tag) -> Standing:
        """Return what is to be done now with a Tag that a Plan wants."""
        branch = branch_key(plan)
        decision = self.decide(branch)
        key = CandidateKey(plan.metadata.key, tag.metadata.key)
        if key not in decision:  # the caches moved on since the decision
            self.mark(branch)
            decision = self.decide(branch)
        wait = Standing(action="Keep", reason="", message="")
        return decision.get(key, wait)

    def decide(self, branch: BranchKey) -> Decision:
        """Return the standings of a branch, deciding anew only if something of it changed."""
        with self.lock(branch):
            with self._guard:
                before = self._decisions.get(branch, {})
                if branch in self._decisions and branch not in self._stale:
                    return before
                self._stale.discard(branch)
            concerned = self._concerned(branch)
            candidates = (self._candidate(plan, tag) for plan, tag in concerned)
            decision = decide(
                (candidate for candidate in candidates if candidate is not None),
                stray=self._stray(branch, concerned),
            )
            with self._guard:
                self._decisions[branch] = decision
        for key, standing in decision.items():
            if before.get(key) != standing:
                self._tell(key.tag, standing)
        return decision

    def _concerned(self, branch: BranchKey) -> list[tuple[Plan, Tag]]:
        return [
            (plan, tag)
            for plan in self._caches.plans.by("branch", branch)
            for tag in self._caches.tags_of(plan)
            if concerns(plan, tag)
        ]

    def _stray(self, branch: BranchKey, concerned: Iterable[tuple[Plan, Tag]]) -> str:
        """Return the name of a Workflow under way that belongs to none of them; "" for none."""
        known = {(plan.metadata.uid, label_value(tag.version)) for plan, tag in concerned}
        strays = (
            run.metadata.name
            for plan in self._caches.plans.by("branch", branch)
            for run in self._caches.runs.by("plan", plan.metadata.key)
            if run.is_active
            and run.plan_uid == plan.metadata.uid
            and (run.plan_uid, run.version) not in known
        )
        return min(strays, default="")

    def _candidate(self, plan: Plan, tag: Tag) -> Candidate | None:
        version = _version(tag.version)
        if version is None:
            return None
        sync = sync_of(tag, plan)
        return Candidate(
            key=CandidateKey(plan.metadata.key, tag.metadata.key),
            source=(tag.spec.repository, tag.spec.tag_prefix),
            version=version,
            order=plan.spec.config.order,
            phase=_phase(sync, self._caches.runs_of(plan, tag)),
            reason=sync.reason if sync else "",
            open_pull_request=bool(
                sync and sync.phase == "Finished" and sync.number and not sync.merged
            ),
            merged=bool(sync and sync.merged),
            retry=retry_wanted(tag, sync),
            skip=skip_wanted(tag, plan.metadata.name),
            suspended=plan.spec.suspend,
            ready=is_ready(plan),
            available=is_available(tag),
            wanted=wants(plan, tag),
        )


def is_available(tag: Tag) -> bool:
    """Tell whether upstream still has the tag where it was first seen, as last observed."""
    return not any(
        condition.type == UPSTREAM_UNCHANGED and condition.status == "False"
        for condition in tag.status.conditions
    )


def _phase(sync: Sync | None, runs: list[Run]) -> Phase | None:
    """Return the phase, Running also when the status does not tell of the Workflow yet."""
    phase = sync.phase if sync else None
    active = any(run.is_active for run in runs)
    return "Running" if active and phase != "Conflict" else phase
