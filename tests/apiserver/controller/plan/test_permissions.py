"""The permissions of a Plan's credentials, and of its fork's, are checked before a sync needs them."""

from dataclasses import replace

import pytest

from resync_argo.controller.state.keys import PlanKey
from resync_argo.errors import Transient
from resync_argo.forge.credentials import Token
from resync_argo.forge.interface import CredentialsRefused
from tests.apiserver.conditions import condition
from tests.apiserver.lab import DOWNSTREAM, Lab

pytestmark = pytest.mark.apiserver

FORKED = {"name": DOWNSTREAM, "branch": "main", "fork": "forge.test/bot/project"}


def test_a_missing_permission_is_named_with_its_repository_and_stops_nothing(lab: Lab) -> None:
    lab.forge.granted = replace(lab.forge.granted, push=False, workflows=None)
    lab.add_plan()
    with lab.running():
        message = condition(lab, "PermissionsGranted", "PermissionMissing")
        condition(lab, "Ready", "Ready")
        lab.wait_until("1.0.0", "Running")

    assert message == (
        "The credentials lack: Contents (write) in forge.test/down/project, to push branches."
    )


def test_an_unknown_permission_is_not_held_against_the_plan(lab: Lab) -> None:
    lab.forge.granted = replace(lab.forge.granted, pull_requests=None, workflows=None)
    lab.add_plan()
    with lab.running() as controller:
        message = condition(lab, "PermissionsGranted", "NotTold")
        lab.wait_until("1.0.0", "Running")
        lab.wait_until_idle(controller)

    assert "Pull requests (write)" in message
    assert lab.forge.requests.count("access") == 1


def test_a_forks_permissions_are_checked_too(lab: Lab) -> None:
    fork = lab.forges.at("forge.test/bot/project")
    fork.granted = replace(fork.granted, push=False, issues=False)
    lab.forge.granted = replace(lab.forge.granted, push=False, issues=False)
    lab.add_plan(downstream=FORKED)
    with lab.running():
        message = condition(lab, "PermissionsGranted", "PermissionMissing")

    assert message == (
        "The credentials lack: Contents (write) in forge.test/bot/project, to push branches; "
        "Issues (write) in forge.test/bot/project, for labels."
    )


def test_labels_need_a_permission_in_the_pull_requests_repository(lab: Lab) -> None:
    lab.make_repository("bot/project")
    lab.forge.granted = replace(lab.forge.granted, issues=False)
    github = {"credentials": {"secretSelector": "github"}, "labels": ["rebase"]}
    lab.add_plan(downstream=FORKED, github=github)
    with lab.running():
        message = condition(lab, "PermissionsGranted", "PermissionMissing")

    assert message == f"The credentials lack: Issues (write) in {DOWNSTREAM}, for labels."


def test_reviewers_of_conflicts_in_a_fork_need_write_permission(lab: Lab) -> None:
    lab.make_repository("bot/project")
    lab.forges.at("forge.test/bot/project").writers.add("ann")
    github = {"credentials": {"secretSelector": "github"}, "reviewers": ["ann", "bob"]}
    lab.add_plan(downstream=FORKED, github=github)
    with lab.running():
        message = condition(lab, "PermissionsGranted", "PermissionMissing")

    assert message == (
        "bob may not write to forge.test/bot/project, where conflicts are resolved: add them there."
    )


def test_a_fork_is_accessed_with_its_own_credentials(lab: Lab) -> None:
    lab.make_repository("bot/project")
    lab.add_secret("other", token="token-of-the-fork")
    github = {
        "credentials": {"secretSelector": "github"},
        "forkCredentials": {"secretSelector": "other"},
    }
    lab.add_plan(downstream=FORKED, github=github)
    with lab.running():
        condition(lab, "PermissionsGranted", "Granted")

    assert lab.forges.credentials == {
        DOWNSTREAM: {Token(value="token-of-a-test")},
        "forge.test/bot/project": {Token(value="token-of-the-fork")},
    }


def test_a_missing_secret_of_the_fork_is_reported(lab: Lab) -> None:
    github = {
        "credentials": {"secretSelector": "github"},
        "forkCredentials": {"secretSelector": "later"},
    }
    lab.add_plan(downstream=FORKED, github=github)
    with lab.running():
        message = condition(lab, "CredentialsFound", "SecretNotFound")

    assert "later" in message
    assert lab.workflows() == []


def test_a_push_is_rehearsed_and_leaves_nothing(lab: Lab) -> None:
    before = lab.refs("down/project")
    lab.add_plan()
    with lab.running():
        condition(lab, "PermissionsGranted", "Granted")

    assert lab.refs("down/project") == before


def test_a_repository_that_git_does_not_find_is_reported(lab: Lab) -> None:
    """The forge's API and its git host are two things."""
    lab.add_plan(downstream={"name": "forge.test/down/other", "branch": "main"}, suspend=True)
    with lab.running():
        condition(lab, "PermissionsGranted", "RepositoryNotFound")


def test_the_permission_for_workflows_is_reported_once_a_release_needs_it(lab: Lab) -> None:
    lab.forge.granted = replace(lab.forge.granted, workflows=False)
    lab.add_plan(suspend=True)
    with lab.running() as controller:
        lab.wait_until_next("1.0.0", "PlanSuspended")
        condition(lab, "PermissionsGranted", "Granted")
        lab.change_workflows("v1.0.1")
        lab.wait_for_tag("1.0.1")
        key = PlanKey(lab.plan().metadata.key)
        controller.parts.pollers.permissions.look_again(key)  # the ten minutes are over
        lab.wait_until_idle(controller)
        message = condition(lab, "PermissionsGranted", "PermissionMissing")

    assert message == (
        "The credentials lack: Workflows (write) in forge.test/down/project, for changes of "
        ".github/workflows."
    )


def test_refused_credentials_are_reported(lab: Lab) -> None:
    lab.forge.failure = CredentialsRefused("CredentialsRefused", "The token is not valid.")
    lab.add_plan(suspend=True)
    with lab.running():
        message = condition(lab, "PermissionsGranted", "CredentialsRefused")

    assert message == "The token is not valid."


def test_an_archived_repository_is_reported_while_it_is_archived(lab: Lab) -> None:
    lab.forge.granted = replace(lab.forge.granted, archived=True)
    lab.add_plan()
    with lab.running():
        message = condition(lab, "PermissionsGranted", "RepositoryArchived")

    assert message == f"{DOWNSTREAM} is archived: unarchive it, or suspend the Plan."


def test_a_branch_without_merge_commits_is_a_warning_and_stops_nothing(lab: Lab) -> None:
    lab.forge.linear = True
    lab.add_plan()
    with lab.running() as controller:
        message = condition(lab, "MergeCommitsAllowed", "LinearHistoryRequired")
        condition(lab, "PermissionsGranted", "Granted")
        condition(lab, "Ready", "Ready")
        lab.wait_until("1.0.0", "Running")
        lab.wait_until_idle(controller)

    assert message.startswith(
        f"A rule keeps merge commits out of main in {DOWNSTREAM}, so a sync's"
    )
    assert lab.forge.requests.count("rules main") == 1


@pytest.mark.parametrize(
    ("downstream", "reason"),
    [
        ({}, "CIRunsUnreviewedCode"),
        ({"trustUpstream": True}, "UpstreamTrusted"),
        ({"fork": "forge.test/bot/project"}, "PushedToFork"),
    ],
)
def test_a_plan_says_whether_ci_runs_unreviewed_code(
    lab: Lab, downstream: dict[str, object], reason: str
) -> None:
    lab.make_repository("bot/project")
    lab.add_plan(downstream={"name": DOWNSTREAM, "branch": "main", **downstream})
    with lab.running():
        condition(lab, "CIProtected", reason)
        condition(lab, "Ready", "Ready")


@pytest.mark.parametrize("pushes", [True, False], ids=["granted", "lacking"])
def test_a_restart_does_not_repeat_a_valid_check(lab: Lab, *, pushes: bool) -> None:
    lab.forge.granted = replace(lab.forge.granted, push=pushes)
    lab.add_plan(suspend=True)
    reason = "Granted" if pushes else "PermissionMissing"
    with lab.running() as controller:
        message = condition(lab, "PermissionsGranted", reason)
        lab.wait_until_idle(controller)
    asked, before = len(lab.forges.requests()), lab.versions()
    with lab.running() as controller:
        lab.wait_until_idle(controller)
    again = len(lab.forges.requests())

    assert asked > 0
    assert again == asked
    assert condition(lab, "PermissionsGranted", reason) == message
    assert lab.versions() == before


def test_a_restart_checks_again_after_a_secret_changed(lab: Lab) -> None:
    lab.add_plan(suspend=True)
    with lab.running() as controller:
        condition(lab, "PermissionsGranted", "Granted")
        lab.wait_until_idle(controller)
    lab.forge.granted = replace(lab.forge.granted, push=False, workflows=None)
    lab.kubectl.run("delete", "secret", "github")
    lab.add_secret(token="another-token")
    with lab.running():
        condition(lab, "PermissionsGranted", "PermissionMissing")


def test_a_restart_repeats_a_check_without_an_answer(lab: Lab) -> None:
    lab.forge.failure = Transient("The forge does not answer.")
    lab.add_plan(suspend=True)
    with lab.running() as controller:
        condition(lab, "PermissionsGranted", "Unreachable")
        lab.wait_until_idle(controller)
    lab.forge.failure = None
    with lab.running():
        condition(lab, "PermissionsGranted", "Granted")
