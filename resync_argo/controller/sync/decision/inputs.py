"""What is known of a sync at one moment, and what can be done about it: the words of `decide`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from resync_argo.api.sync import SyncSpec
from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.decision.phases import Phase, Tries, template_of
from resync_argo.forge.interface import PullRequest
from resync_argo.upstream.graph import Standing

LAG = timedelta(minutes=2)
"""How long a forge is given to show what a run did: lists lag seconds behind what was made."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a Workflow says of the branch: that it contains a release already.

    Attributes:
        version: the release that it names.
        commit: that release's commit; None where it cannot be the reason to leave this one out.
    """

    version: str
    commit: str | None


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that is known of one release for one Plan at one moment.

    Attributes:
        plan: the Plan's name.
        version: the release's version.
        spec: what people ask for.
        skip: people ask to leave it out, for this Plan or for every one.
        template_hash: of the Plan's WorkflowTemplate as it is applied; None while it is not.
        opens_pull_request: the Plan has a step that opens one.
        has_forge: the Plan names credentials for its forge.
        standing: what the branch's order says.
        run: the Workflow that counts, see `lookups.current_run`.
        is_pod_gone: the pod is gone for whose end that Workflow waits.
        claim: what that Workflow says of the branch; None where it says nothing.
        contained: the newest release that any Sync of the Plan found in the branch, if it makes this one
            needless: it is this one, or newer.
        is_cleared: the branch that was to be made again is deleted.
        secrets: which version of the Plan's Secrets is there now; "" where that is not known.
        granted_since: since when the forge grants the credentials all that a sync needs, RFC 3339 in
            UTC; None while it does not, or does not say.
        retry_seconds: how long a sync waits after a trouble that passes, at first.
        now: RFC 3339 in UTC.
    """

    plan: str
    version: str
    spec: SyncSpec
    skip: bool = False
    template_hash: str | None
    opens_pull_request: bool
    has_forge: bool = True
    standing: Standing
    run: Run | None
    is_pod_gone: bool = False
    claim: Claim | None = None
    contained: str | None = None
    is_cleared: bool = False
    secrets: str = ""
    granted_since: str | None = None
    retry_seconds: float = 60.0
    now: str

    def has_other_template(self, phase: Phase) -> bool:
        """Tell whether the Plan compiles to another template than the newest Workflow ran."""
        return self.template_hash is not None and template_of(phase) not in (
            None,
            self.template_hash,
        )

    def may_lag(self, since: str | None) -> bool:
        """Tell whether the forge may not show yet what was done until then (RFC 3339 in UTC)."""
        if since is None:
            return False
        return datetime.fromisoformat(self.now) - datetime.fromisoformat(since) < LAG


@dataclass(frozen=True, kw_only=True)
class Submit:
    """Start a Workflow as this try; `force` syncs what the branch may contain already."""

    tries: Tries
    force: bool


@dataclass(frozen=True, kw_only=True)
class Stop:
    """End a Workflow; `reason` and `message` tell people why, and a pass after a crash."""

    run: Run
    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Resume:
    """Let a suspended Workflow go on, since the pull request was merged."""

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
    """Where the sync stands now, and what to do about it."""

    phase: Phase
    act: Act | None = None


NOTHING_SEEN = ForgeView()
"""Where nothing had to be looked up."""
