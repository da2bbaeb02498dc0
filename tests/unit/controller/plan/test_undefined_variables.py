"""Undefined variables in texts are found."""

from resync_argo.api.plan import Plan
from resync_argo.controller.plan.undefined_variables import undefined_variables


def test_names_the_undefined_variables_of_a_title_or_message() -> None:
    action = {
        "type": "pull-request",
        "title": "Bug $BUG: ${SET:+${SET}} ${SET:+$IN} $UPSTREAM_TAG",
        "body": "$5 ${LINK}",
    }
    slack = {"type": "slack-notification", "channel": "c", "message": "$WHO"}
    config = {
        "upstream": {"name": "forge.test/up/project", "matchedVersions": ["*"]},
        "downstream": {"name": "forge.test/down/project", "branch": "main"},
        "image": "registry.test/steps:1",
        "env": [{"name": "SET", "value": "x"}],
    }
    steps = [{"run": "echo $SHELL_AFFAIR"}, {"action": action}, {"action": slack}]
    plan = Plan.parse({"metadata": {"name": "p"}, "spec": {"config": config, "steps": steps}})

    assert undefined_variables(plan) == ["BUG", "IN", "LINK", "WHO"]
