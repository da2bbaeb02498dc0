"""The inputs and outputs of `decide`: the facts about a sync at one moment, and the possible actions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from resync_argo.api.plan import Refresh
from resync_argo.api.sync import SyncSpec
from resync_argo.controller.forge.view import BaseView, ForgeView
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.decision.chosen import NOTHING_SET, Chosen
from resync_argo.controller.sync.decision.phases import Phase, Review, Tries, Why, template_of
from resync_argo.forge.interface import PullRequest
from resync_argo.reasons.parameters import VALUES_CHANGED
from resync_argo.reasons.sync import PLAN_CHANGED
from resync_argo.upstream.graph import Standing

LAG_SECONDS = 120.0
"""How long to wait for the forge to show a run's result: lists lag behind by seconds."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A Workflow's claim that the branch already contains a release.

    Attributes:
        version: the release that it names.
        commit: that release's commit; None if it cannot make this release needless.
    """

    version: str
    commit: str | None


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All facts about one release for one Plan at one moment.

    Attributes:
        plan: the Plan's name.
        version: the release's version.
        line: names its branches.
        is_of_branch: it is a commit of an upstream branch; one pull request moves from commit to
            commit.
        settled: pull requests of the branch's earlier commits that were merged or closed.
        spec: people's requests.
        skip: people ask to skip it, for this Plan or for every one.
        template_hash: of the Plan's applied WorkflowTemplate; None while there is none.
        opens_pull_request: the Plan has a step that opens one.
        has_forge: the Plan names credentials for its forge.
        standing: its place in the branch's order.
        run: the Workflow that counts, see `lookups.current_run`.
        seen_seconds: how long, by our clock, that Workflow has been ended, or suspended at its
            node.
        is_pod_gone: the pod that the Workflow waits for is gone.
        claim: that Workflow's claim about the branch; None without one.
        contained: the newest release that any Sync of the Plan found in the branch, if that is this
            release or a newer one, which makes this one needless.
        is_cleared: the branch to rebuild is deleted.
        chosen: the values of the Plan's parameters.
        secrets: the present version of the Plan's Secrets; "" if unknown.
        granted_since: since when the credentials have had all permissions for a sync, RFC 3339 in
            UTC;
            None if they lack one, or the forge does not say.
        retry_seconds: the first wait after a temporary problem.
        refresh: when to refresh an open pull request automatically.
        refresh_seconds: the least time between a run and an automatic refresh.
        base: its branch's state relative to the downstream branch; None: not read yet.
        now: RFC 3339 in UTC.
    """

    plan: str
    version: str
    line: str
    is_of_branch: bool = False
    settled: frozenset[int] = frozenset()
    spec: SyncSpec
    skip: bool = False
    template_hash: str | None
    opens_pull_request: bool
    has_forge: bool = True
    standing: Standing
    run: Run | None
    seen_seconds: float = 0.0
    is_pod_gone: bool = False
    claim: Claim | None = None
    contained: str | None = None
    is_cleared: bool = False
    chosen: Chosen = NOTHING_SET
    secrets: str = ""
    granted_since: str | None = None
    retry_seconds: float = 60.0
    refresh: Refresh = "Conflicts"
    refresh_seconds: float = 3600.0
    base: BaseView | None = None
    now: str

    def has_other_template(self, phase: Phase) -> bool:
        """Return whether the Plan now compiles to another template than the newest Workflow's."""
        return self.template_hash is not None and template_of(phase) not in (
            None,
            self.template_hash,
        )

    def what_changed(self, phase: Phase) -> Why | None:
        """Return why a sync must start over, with the message as a clause; None: it need not."""
        if self.has_other_template(phase):
            return Why(reason=PLAN_CHANGED, message="The Plan changed")
        names = self.chosen.changed(phase)
        return (
            Why(reason=VALUES_CHANGED, message=f"Another value of {names} was set")
            if names
            else None
        )

    @property
    def may_lag(self) -> bool:
        """Return whether the forge may not show the Workflow's result yet."""
        return self.seen_seconds < LAG_SECONDS


@dataclass(frozen=True, kw_only=True)
class Submit:
    """Start a Workflow.

    Attributes:
        tries: which try it is.
        force: sync even if the branch may already contain it.
        values: of the Plan's parameters.
        refreshed: the open final pull request that it refreshes; None: it opens one.
        base: the tip of the downstream branch for the refresh; None: unknown.
    """

    tries: Tries
    force: bool
    values: Mapping[str, str] = field(default_factory=dict)
    refreshed: Review | None = None
    base: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stop:
    """End a Workflow; `reason` and `message` are for people, and for a reconcile after a crash."""

    run: Run
    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Resume:
    """Resume a suspended Workflow, since the pull request was merged."""

    run: Run
    pull_request: PullRequest


@dataclass(frozen=True, kw_only=True)
class Explain:
    """Show in the Workflow what it waits for."""

    run: Run
    message: str
    description: str


Act: TypeAlias = Submit | Stop | Resume | Explain


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The sync's current phase, and the action."""

    phase: Phase
    act: Act | None = None


NOTHING_SEEN = ForgeView()
"""The answer when nothing had to be looked up."""
