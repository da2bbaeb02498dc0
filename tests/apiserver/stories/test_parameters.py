"""A value that people set counts for the next run, restarts begun ones, and harms nobody's work."""

import json

import pytest

from resync_argo.api.sync import SyncStatus
from resync_argo.controller.kube.api import TAGS
from resync_argo.forge.interface import PullRequestState
from tests.apiserver.lab import SECONDS, Lab
from tests.apiserver.stories.test_freshness import FINAL, Story, proposed
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

JIRA = {"name": "JIRA", "pattern": "[A-Z]+-[0-9]+", "description": "the bug"}


def set_on_tag(lab: Lab, **values: str | None) -> None:
    """Set values on the Tag of the release, as a person does."""
    key = lab.wait_for_tag("1.0.0").metadata.key
    lab.kube.patch(TAGS, key, {"spec": {"parameters": values}})


def values_of(lab: Lab, workflow: str) -> dict[str, str]:
    """Return the values with which a Workflow was started."""
    found = next(it for it in lab.workflows() if it["metadata"]["name"] == workflow)
    given = {it["name"]: it["value"] for it in found["spec"]["arguments"]["parameters"]}
    return dict(json.loads(given["values"] or "{}"))


def condition(lab: Lab, kind: str) -> str:
    """Return the message of a condition of the Sync; "" without one."""
    sync = lab.sync("1.0.0") or SyncStatus()
    return next((it.message for it in sync.conditions if it.type == kind), "")


def wait_for_condition(lab: Lab, kind: str, *, there: bool = True) -> None:
    wait_for(
        lambda: bool(condition(lab, kind)) is there,
        deadline_seconds=SECONDS,
        describe=lambda: f"the condition {kind} to come or go; it is {lab.sync('1.0.0')}",
    )


def answers(story: Story, number: int) -> list[str]:
    """Return our comments on a pull request."""
    return [it.body for it in story.lab.forge.comments[number] if it.author != "ann"]


@pytest.fixture(autouse=True)
def writer(lab: Lab) -> None:
    lab.forge.writers = {"ann"}


def test_a_sync_waits_without_a_pod_for_a_required_value_and_accepts_no_invalid_one(
    lab: Lab,
) -> None:
    with lab.running() as controller:
        lab.add_plan(parameters=[JIRA | {"required": True}])
        missing = lab.wait_until("1.0.0", "Pending", "ValueMissing")
        set_on_tag(lab, JIRA="ocpbugs-1")
        wrong = lab.wait_until("1.0.0", "Pending", "InvalidValue")
        lab.wait_until_idle(controller)
        before = len(lab.workflows())
        set_on_tag(lab, JIRA="OCPBUGS-1", OTHER="of another Plan")
        run = lab.wait_for_run("1.0.0")
        status = lab.wait_until("1.0.0", "Running")

    assert "JIRA has no value, and the Plan requires one" in missing.message
    assert wrong.message == (
        "JIRA must match `[A-Z]+-[0-9]+` (the bug). Correct it in `spec.parameters` of the Tag."
    )
    assert {it.type for it in wrong.conditions} >= {"Stalled", "ParametersValid"}
    assert before == 0
    assert values_of(lab, run) == status.parameters == {"JIRA": "OCPBUGS-1"}


def test_a_comment_on_the_open_pull_request_rebuilds_it_with_the_value(lab: Lab) -> None:
    with lab.running() as controller:
        story = proposed(lab, parameters=[JIRA], refresh="Never")
        lab.forge.say(story.pull.number, "mallory", "/resync set JIRA=OCPBUGS-6")
        lab.forge.say(story.pull.number, "ann", "Sure.\n/resync set JIRA=OCPBUGS-1")
        run = story.refreshed()
        under_way = lab.wait_until("1.0.0", "Running")
        story.push("again")
        story.ends(run)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.wait_until_idle(controller)

    assert (values_of(lab, story.run), values_of(lab, run)) == ({}, {"JIRA": "OCPBUGS-1"})
    assert under_way.number == story.pull.number
    assert len(lab.workflows()) == 2, "once is enough"
    sync = lab.sync_object("1.0.0")
    assert sync is not None
    assert sync.spec.parameters == sync.status.parameters == {"JIRA": "OCPBUGS-1"}


def test_an_invalid_setting_is_answered_once_and_changes_nothing(lab: Lab) -> None:
    with lab.running() as controller:
        story = proposed(lab, parameters=[JIRA])
        number = story.pull.number
        lab.forge.say(number, "ann", "/resync set JIRA=bug 1\n/resync set JIRRA=OCPBUGS-1")
        wait_for(lambda: answers(story, number), deadline_seconds=SECONDS, describe="an answer")
        wait_for(
            lambda: (found := lab.sync_object("1.0.0")) is not None and found.spec.comment,
            deadline_seconds=SECONDS,
            describe="the comment to be heard",
        )
        lab.wait_until_idle(controller)

    (answer,) = answers(story, number)
    assert "- JIRA must match `[A-Z]+-[0-9]+` (the bug)." in answer
    assert "- JIRRA is not a parameter of the Plan: the Plan has JIRA." in answer
    assert len(lab.workflows()) == 1


def test_a_value_set_during_a_conflict_starts_over_with_the_same_question(
    lab: Lab,
) -> None:
    with lab.running():
        lab.add_plan(parameters=[JIRA])
        first = lab.wait_for_run("1.0.0")
        question = lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("merged",))
        lab.argo_suspends(first, "ab12")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        lab.forge.say(question.number, "ann", "/resync set JIRA=OCPBUGS-1")
        second = lab.wait_for_run("1.0.0", other_than=first)
        lab.argo_suspends(second, "ab12")
        again = lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")

    assert values_of(lab, second) == {"JIRA": "OCPBUGS-1"}
    assert again.conflict is not None
    assert again.conflict.number == question.number
    assert lab.forge.pulls[question.number].state is PullRequestState.OPEN
    stopped = next(it for it in lab.workflows() if it["metadata"]["name"] == first)
    assert stopped["spec"]["shutdown"] == "Terminate"


def test_a_value_set_during_a_run_refreshes_the_pull_request_afterwards(
    lab: Lab,
) -> None:
    with lab.running():
        lab.add_plan(parameters=[JIRA])
        first = lab.wait_for_run("1.0.0")
        lab.argo_runs(first)
        set_on_tag(lab, JIRA="OCPBUGS-1")
        story = Story(lab, first, lab.forge.open(FINAL))
        story.push("first")
        lab.argo_ends(first, 0)
        second = story.refreshed()

    assert (values_of(lab, first), values_of(lab, second)) == ({}, {"JIRA": "OCPBUGS-1"})


def test_a_persons_commit_stays_and_the_pull_request_says_what_it_lacks(lab: Lab) -> None:
    with lab.running() as controller:
        story = proposed(lab, parameters=[JIRA])
        theirs = story.downstream.commit(FINAL, {"fix": "by hand"})
        lab.forge.push(story.pull.number, theirs)
        set_on_tag(lab, JIRA="OCPBUGS-1")
        story.told("ForeignCommit")
        lab.wait_until_idle(controller)
        said = answers(story, story.pull.number)

    assert ["Write the new value of JIRA into it yourself" in it for it in said] == [True]
    assert len(lab.workflows()) == 1
    assert story.downstream.tip(FINAL) == theirs


def test_an_invalid_value_leaves_the_open_pull_request_and_is_shown_until_fixed(lab: Lab) -> None:
    with lab.running() as controller:
        story = proposed(lab, parameters=[JIRA])
        set_on_tag(lab, JIRA="nonsense")
        wait_for_condition(lab, "ParametersValid")
        message = condition(lab, "ParametersValid")
        lab.wait_until_idle(controller)
        runs = len(lab.workflows())
        set_on_tag(lab, JIRA=None)
        wait_for_condition(lab, "ParametersValid", there=False)

    assert message.startswith("JIRA must match `[A-Z]+-[0-9]+` (the bug).")
    assert runs == 1
    assert story.downstream.tip(FINAL)
