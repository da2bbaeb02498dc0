"""What Prometheus counts where things happen; every name begins with `resync_`, and its help text is its documentation."""

from prometheus_client import Counter, Histogram

from resync_argo.controller.state.workflow import Run

RECONCILE_SECONDS = Histogram("resync_reconcile_seconds", "Seconds that a pass took.", ["kind"])
RECONCILE_ERRORS = Counter("resync_reconcile_errors", "Passes that ended with an error.", ["kind"])
WEBHOOKS = Counter("resync_webhooks", "Webhook deliveries by what became of them.", ["result"])
STEP_SECONDS = Histogram(
    "resync_step_seconds",
    "Seconds from the end of the step before to the end of a step, as exact as Argo looked.",
    ["namespace", "plan", "step"],
    buckets=(1, 5, 15, 60, 300, 900, 3600, 21600),
)
MESSAGES = Counter("resync_slack_messages", "Messages to Slack by what became of them.", ["result"])


def observe_steps(old: Run, new: Run) -> None:
    """Count the steps that ended between two looks at a Workflow."""
    seen = {(step.attempt, step.container) for step in old.steps}
    for step in new.steps:
        if (step.attempt, step.container) not in seen:
            labels = new.metadata.namespace, new.plan.name, step.container
            STEP_SECONDS.labels(*labels).observe(step.seconds)


def forget_steps(namespace: str, plan: str) -> None:
    """Drop the series of a Plan that was deleted."""
    STEP_SECONDS.remove_by_labels({"namespace": namespace, "plan": plan})
