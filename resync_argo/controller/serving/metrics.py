"""Prometheus metrics that count events, for each namespace.

Every name begins with `resync_`, and its help text is its documentation.
"""

from datetime import datetime

from prometheus_client import Counter, Histogram

from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync, Times
from resync_argo.contract import CHECKOUT, step_contracts
from resync_argo.controller.state.workflow import Run

HOUR, DAY = 3600, 86_400
PEOPLE_SECONDS = (60, 600, HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY)
"""Buckets for waiting times of people."""

RECONCILE_SECONDS = Histogram(
    "resync_reconcile_seconds",
    "Reconcile duration in seconds.",
    ["namespace", "kind"],
    buckets=(0.01, 0.05, 0.25, 1, 5, 30),
)
RECONCILE_ERRORS = Counter(
    "resync_reconcile_errors", "Reconciles that ended with an error.", ["namespace", "kind"]
)
WEBHOOKS = Counter("resync_webhooks", "Webhook deliveries by result.", ["namespace", "result"])
STEP_SECONDS = Histogram(
    "resync_step_seconds",
    "Seconds from the end of the previous step to the end of a step, as precise as Argo's polling.",
    ["namespace", "plan", "step"],
    buckets=(1, 5, 15, 60, 300, 900, 3600, 21600),
)
CONFLICT_SECONDS = Histogram(
    "resync_conflict_seconds",
    "Seconds that a conflict waited for people.",
    ["namespace", "plan"],
    buckets=PEOPLE_SECONDS,
)
OPEN_SECONDS = Histogram(
    "resync_open_seconds",
    "Seconds from a release's turn, when its Sync was made, until its pull request was open.",
    ["namespace", "plan"],
    buckets=PEOPLE_SECONDS,
)
MERGE_SECONDS = Histogram(
    "resync_merge_seconds",
    "Seconds from when a release's pull request was open until it was merged.",
    ["namespace", "plan"],
    buckets=PEOPLE_SECONDS,
)
ROUNDS = Histogram(
    "resync_rounds",
    "Conflicts that people were asked about before a release's pull request was open.",
    ["namespace", "plan"],
    buckets=(0, 1, 2, 3, 5, 10),
)
MESSAGES = Counter("resync_slack_messages", "Messages to Slack by result.", ["namespace", "result"])


def observe_steps(old: Run, new: Run, plan: Plan) -> None:
    """Count a Plan's steps that ended between two observations of a Workflow.

    Anybody may write a Workflow with our label, so steps that its Plan does not name create no
    series.
    """
    if new.plan_uid != plan.metadata.uid:
        return
    known = {CHECKOUT, *(step.container for step in step_contracts(plan.spec.steps))}
    seen = {(step.attempt, step.container) for step in old.steps}
    for step in new.steps:
        if (step.attempt, step.container) not in seen and step.container in known:
            labels = new.metadata.namespace, new.plan.name, step.container
            STEP_SECONDS.labels(*labels).observe(step.seconds)


def observe_times(old: Sync, new: Sync) -> None:
    """Count the events of a sync between two observations."""
    before, after = old.status.times or Times(), new.status.times or Times()
    labels = new.metadata.namespace, new.spec.plan
    if after.conflict_seconds > before.conflict_seconds:
        CONFLICT_SECONDS.labels(*labels).observe(after.conflict_seconds - before.conflict_seconds)
    if after.opened_time and after.opened_time != before.opened_time:
        ROUNDS.labels(*labels).observe(after.rounds)
        _observe_between(OPEN_SECONDS, labels, new.metadata.creation_timestamp, after.opened_time)
    if after.merged_time and after.merged_time != before.merged_time:
        _observe_between(MERGE_SECONDS, labels, after.opened_time, after.merged_time)


def _observe_between(
    histogram: Histogram, labels: tuple[str, str], since: str | None, until: str
) -> None:
    if since is not None:
        passed = datetime.fromisoformat(until) - datetime.fromisoformat(since)
        histogram.labels(*labels).observe(max(passed.total_seconds(), 0.0))


def forget_plan(namespace: str, plan: str) -> None:
    """Drop the series of a Plan that was deleted."""
    for histogram in (STEP_SECONDS, CONFLICT_SECONDS, OPEN_SECONDS, MERGE_SECONDS, ROUNDS):
        histogram.remove_by_labels({"namespace": namespace, "plan": plan})


def forget_namespace(namespace: str) -> None:
    """Drop the series of a namespace whose last Plan was deleted."""
    for metric in (RECONCILE_SECONDS, RECONCILE_ERRORS, WEBHOOKS, MESSAGES):
        metric.remove_by_labels({"namespace": namespace})
