"""Observes a Plan, one condition at a time; it waits for no network except the API server.

In: the Plan, and the pollers' results. Out: conditions, and the record of a check. `Ready` sums up
the conditions that a sync requires.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from resync_argo.api.conditions import Condition, Finding, Status, find
from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import PermissionCheck, Plan
from resync_argo.controller.forge.access import access_of
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.controller.plan.check_record import hash_of, record_of, seconds_to_check
from resync_argo.controller.plan.permissions import (
    DAY_SECONDS,
    NOT_ASKED,
    PermissionQuestion,
    Permissions,
    question_of,
)
from resync_argo.controller.plan.template import Templates
from resync_argo.controller.plan.undefined_variables import undefined_variables
from resync_argo.controller.polling.poller import Poller, Seen
from resync_argo.controller.slack.channels import NOTHING_POSTED, Channels
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import PlanKey
from resync_argo.controller.upstream.upstreams import Upstreams
from resync_argo.errors import ResyncError, Stalled
from resync_argo.forge.credentials import App
from resync_argo.forge.github.tokens import app_auth
from resync_argo.notify.slack_secret import KEYS
from resync_argo.reasons import sections as at
from resync_argo.reasons.catalogue import kind_of
from resync_argo.reasons.plan import (
    APPLIED,
    CI_RUNS_UNREVIEWED_CODE,
    DEFINED,
    FOUND,
    PUSHED_TO_FORK,
    REACHED,
    READY,
    SECRET_KEY_MISSING,
    SUSPENDED,
    UNDEFINED_VARIABLE,
    UPSTREAM_NOT_READ,
    UPSTREAM_TRUSTED,
)
from resync_argo.reasons.reason import Kind
from resync_argo.upstream.branches import missing


@dataclass(frozen=True, kw_only=True)
class Observed:
    """The observations of a Plan.

    Attributes:
        permission_check: the record of the last one for its status.
    """

    conditions: list[Condition]
    permission_check: PermissionCheck | None = None


@dataclass(frozen=True, kw_only=True)
class PlanObserver:
    """Observes Plans, one at a time."""

    cluster: Cluster
    secrets: Secrets
    templates: Templates
    upstreams: Upstreams
    permissions: Poller[PlanKey, PermissionQuestion, Permissions]
    channels: Channels

    def observe(self, plan: Plan) -> Observed:
        """Return all conditions of a Plan, with the summary `Ready`, and their consequences."""
        needed = [
            self._credentials(plan),
            self._template(plan),
            self._upstream(plan),
        ]
        ready = sum_up(plan, needed)
        of_forge = self._asked_of_forge(plan, is_ready=ready.status == "True")
        warnings = [*of_forge.conditions, _ci(plan), _variables(plan), self._channel(plan)]
        said = [*needed, ready, *progress(ready), *(c for c in warnings if c is not None)]
        return replace(of_forge, conditions=said)

    def forget(self, key: PlanKey) -> None:
        """Stop polling for a Plan."""
        self.permissions.forget(key)

    def _credentials(self, plan: Plan) -> Condition:
        """Check that the Secrets that the Plan names exist, with the necessary keys."""
        try:
            self._read_secrets(plan)
        except ResyncError as error:
            return _failed(at.CREDENTIALS_FOUND, error)
        message = "Every Secret has the keys that are needed."
        return _true(at.CREDENTIALS_FOUND, FOUND, message)

    def _read_secrets(self, plan: Plan) -> None:
        config = plan.spec.config
        if config.github is not None:
            access = access_of(plan)
            for key in dict.fromkeys((access.secret, access.fork_secret)):
                credentials = self.secrets.credentials(key)
                if isinstance(credentials, App):
                    app_auth(credentials, where=f"Secret {key.name}")
        if config.slack is not None:
            name = config.slack.credentials.secret_selector
            held = self.secrets.data(ObjectKey(plan.metadata.namespace, name))
            if not any(held.get(key) for key in KEYS):
                message = f"Secret {name} needs the key `token` or `webhook`, for Slack."
                raise Stalled(SECRET_KEY_MISSING, message)

    def _template(self, plan: Plan) -> Condition:
        """Compile the Plan and apply its WorkflowTemplate, if it is missing or differs."""
        try:
            self.templates.ensure(plan)
        except ResyncError as error:
            return _failed(at.TEMPLATE_APPLIED, error)
        message = f"WorkflowTemplate {plan.metadata.name} is what this Plan compiles to."
        if lacking := self.templates.claims.lacks(plan.metadata.namespace):
            message += f" Attempts have no mirror: {lacking}."
        return _true(at.TEMPLATE_APPLIED, APPLIED, message)

    def _upstream(self, plan: Plan) -> Condition:
        """Report the last look at the upstream; right after a start, repeat the earlier report."""
        seen = self.upstreams.seen(plan)
        if seen is not None and seen.error is not None:
            return _failed(at.UPSTREAM_REACHABLE, seen.error)
        branch = plan.spec.config.upstream.branch
        if seen is not None and seen.value is not None and branch is not None:
            if branch not in seen.value.tips:
                return _failed(at.UPSTREAM_REACHABLE, missing(branch))
            message = f"The upstream's branch {seen.value.tips[branch].branch} can be read."
            return _true(at.UPSTREAM_REACHABLE, REACHED, message)
        if seen is not None:
            message = "The upstream's tags can be read."
            return _true(at.UPSTREAM_REACHABLE, REACHED, message)
        before = find(plan.status.conditions, at.UPSTREAM_REACHABLE)
        if before is not None and before.observed_generation == plan.metadata.generation:
            return before
        finding = Finding(
            status="Unknown",
            reason=UPSTREAM_NOT_READ,
            message="The upstream's tags have not been read yet.",
        )
        return Condition.of(at.UPSTREAM_REACHABLE, finding)

    def _asked_of_forge(self, plan: Plan, *, is_ready: bool) -> Observed:
        """Report the forge's answer about credentials and merges; nothing for a Plan without credentials."""
        if plan.spec.config.github is None:
            return Observed(conditions=[])
        key, record = PlanKey(plan.metadata.key), plan.status.permission_check
        seen = self.permissions.seen(key)
        if is_ready:
            question = question_of(plan, self.secrets)
            access = question.access
            asked = hash_of(question, self.secrets.version((access.secret, access.fork_secret)))
            last = seen.value if seen is not None else None
            every = last.again_seconds if last is not None else DAY_SECONDS
            first = seconds_to_check(plan, asked, self.cluster.now())
            seen = self.permissions.ask(key, question, access.lane, every=every, first=first)
            clock, now = self.cluster.clock(), self.cluster.now()
            record = record_of(plan, asked, seen, clock=clock, now=now)
        conditions = [_permissions(plan, seen), _merges(plan, seen)]
        return Observed(conditions=conditions, permission_check=record)

    def _channel(self, plan: Plan) -> Condition | None:
        """Report the last message to the Plan's channel; None if it names no channel."""
        slack = plan.spec.config.slack
        if slack is None or slack.channel is None:
            return None
        finding = self.channels.last(plan)
        before = find(plan.status.conditions, at.CHANNEL_REACHABLE)
        if finding is None and before is not None:
            return before
        return Condition.of(at.CHANNEL_REACHABLE, finding or NOTHING_POSTED)


def sum_up(plan: Plan, observed: Sequence[Condition]) -> Condition:
    """Return `Ready`: the first condition that is False, or else Unknown; otherwise that everything is fine."""
    for status in ("False", "Unknown"):
        lacking = next((c for c in observed if c.status == status), None)
        if lacking is not None:
            return Condition(
                type=at.READY,
                status=lacking.status,
                reason=lacking.reason,
                message=lacking.message,
            )
    if plan.spec.suspend:
        return _true(at.READY, SUSPENDED, _suspended(plan.spec.suspend_reason))
    return _true(at.READY, READY, "New releases are synced as they appear.")


def _permissions(plan: Plan, seen: Seen[Permissions] | None) -> Condition:
    """Report the state of the credentials; right after a start, repeat the earlier report."""
    if seen is not None and seen.error is not None:
        return _failed(at.PERMISSIONS_GRANTED, seen.error, status="Unknown")
    before = find(plan.status.conditions, at.PERMISSIONS_GRANTED)
    if seen is None and before is not None:
        return before
    known = seen.value.finding if seen is not None and seen.value is not None else NOT_ASKED
    return Condition.of(at.PERMISSIONS_GRANTED, known)


def _merges(plan: Plan, seen: Seen[Permissions] | None) -> Condition:
    """Report whether merge commits are possible; repeat the earlier report while the forge does not answer."""
    if seen is not None and seen.value is not None:
        return Condition.of(at.MERGE_COMMITS_ALLOWED, seen.value.merges)
    before = find(plan.status.conditions, at.MERGE_COMMITS_ALLOWED)
    return before or Condition.of(at.MERGE_COMMITS_ALLOWED, NOT_ASKED)


def progress(ready: Condition) -> Iterator[Condition]:
    """Yield, for a Plan that is not ready, whether somebody must act or it resolves itself."""
    if ready.status != "True":
        is_stalled = ready.status == "False" and kind_of(ready.reason) is Kind.PERSON
        yield ready.repeated_as(at.STALLED if is_stalled else at.RECONCILING)


def _suspended(reason: str) -> str:
    return f"Suspended: {reason}" if reason else "The Plan is suspended: no new sync starts."


def _ci(plan: Plan) -> Condition | None:
    """Warn if CI runs upstream's code before anybody has seen it; None if nothing is pushed."""
    config = plan.spec.config
    downstream = config.downstream
    if config.github is None:
        return None
    if downstream.fork is not None:
        return _true(at.CI_PROTECTED, PUSHED_TO_FORK, f"Branches are pushed to {downstream.fork}.")
    if downstream.trust_upstream:
        message = f"The Plan says that CI of {downstream.name} may run upstream's code."
        return _true(at.CI_PROTECTED, UPSTREAM_TRUSTED, message)
    finding = Finding(
        status="False",
        reason=CI_RUNS_UNREVIEWED_CODE,
        message=f"CI of {downstream.name} runs upstream's code with its secrets before anybody has reviewed"
        " it: set `downstream.fork`, or `downstream.trustUpstream` if that is fine.",
    )
    return Condition.of(at.CI_PROTECTED, finding)


def _variables(plan: Plan) -> Condition:
    """Warn about variables that a title, a body or a message uses and nothing sets."""
    missing = undefined_variables(plan)
    if not missing:
        return _true(at.VARIABLES_DEFINED, DEFINED, "Every variable in the texts is set.")
    finding = Finding(
        status="False",
        reason=UNDEFINED_VARIABLE,
        message=f"`config.env` does not set {', '.join(missing)}: the action that uses it will fail.",
    )
    return Condition.of(at.VARIABLES_DEFINED, finding)


def _true(kind: str, reason: str, message: str) -> Condition:
    return Condition.of(kind, Finding(status="True", reason=reason, message=message))


def _failed(kind: str, error: ResyncError, *, status: Status = "False") -> Condition:
    return Condition.of(kind, Finding(status=status, reason=error.reason, message=str(error)))
