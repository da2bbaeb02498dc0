"""A failure says why in one sentence, and breaks nothing else."""

import json

import pytest
from click.testing import CliRunner

from resync_argo.cli import cli
from tests.cluster.waiting import wait_for
from tests.e2e.graph import graph_of
from tests.world.repositories import BRANCH
from tests.world.world import Manifest, World

pytestmark = pytest.mark.cluster


def steps(plan: Manifest, *scripts: str) -> Manifest:
    """Replace a Plan's steps by scripts and a pull request."""
    action = {"type": "pull-request", "title": "Update to $UPSTREAM_VERSION", "body": ""}
    plan["spec"]["steps"] = [
        *({"name": f"Step {number}", "run": script} for number, script in enumerate(scripts, 1)),
        {"name": "Create PR", "action": action},
    ]
    return plan


def assert_only_red(world: World, name: str, message: str) -> None:
    """Check that Argo's graph has one failure with its reason, and that the log of each skipped step says why."""

    def tidied() -> Manifest | None:
        (found,) = world.workflows()
        return found if graph_of(found)["main"]["phase"] == "Succeeded" else None

    workflow = wait_for(tidied, deadline_seconds=30, describe="one red container")
    containers = graph_of(workflow)
    red = [it for it, node in containers.items() if node["phase"] in ("Failed", "Error")]
    assert red == [name]
    assert message in containers[name]["message"]
    skipped = [it for it, node in containers.items() if node["phase"] == "Skipped"]
    assert skipped == list(containers)[list(containers).index(name) + 1 : -1]
    (pod,) = world.kubectl.list("pods")
    for it in skipped:
        log = world.kubectl.run("logs", "--container", it, pod["metadata"]["name"])
        said = [line for line in log.splitlines() if "argo=true" not in line]
        assert said[0].lower().startswith("skipped: "), log


def test_the_founding_documents_plan_fails_at_its_own_sed_and_says_so(world: World) -> None:
    world.apply(world.plan("plan.yaml"))
    world.release("1.21.2")

    sync = world.wait_for_phase("1.21.2", "Failed", "Finished")

    assert sync["phase"] == "Failed"
    assert "Update go.mod" in sync["message"]
    assert "sed" in sync["message"]
    assert world.pull_requests() == []


def test_a_step_that_fails_is_named_with_its_exit_code(world: World) -> None:
    # The first leaves a process behind, and the second is slow: the third must not begin too early.
    scripts = (
        "git merge $UPSTREAM_TAG; (sleep 300 &) >/dev/null 2>&1",
        "sleep 3; echo slept >../slept",
        "cat ../slept; echo reading >&2; echo gone >&2; exit 7",
        "echo ran",
    )
    plan = steps(world.plan(), *scripts)
    plan["spec"]["config"]["slack"]["channel"] = "chan-1"
    world.apply(plan)
    world.release("1.21.1")

    sync = world.wait_for_phase("1.21.1", "Failed", "Finished")

    assert sync["reason"] == "StepFailed"
    assert "Step 3" in sync["message"]
    assert "7" in sync["message"]
    assert_only_red(world, "step-3", "exit code 7: gone")
    world.wait_for_condition("tags.resync.openshift.io", "kubernetes-1.21.1", "Succeeded=False")
    wait_for(
        lambda: len(world.slack.messages("chan-1")) == 2,
        deadline_seconds=30,
        describe=lambda: f"two messages: {world.slack.messages('chan-1')}",
    )
    where = ("--kubeconfig", str(world.cluster.kubeconfig), "-n", world.name)
    logs = CliRunner().invoke(cli, ["logs", "1.21.1", "Step 3", *where])
    assert "slept\nreading" in logs.output
    assert "gone" in logs.output
    assert "Merge made" not in logs.output
    began, failed = world.slack.messages("chan-1")
    assert (failed.thread, failed.loud) == (began.ts, True)
    assert "```\nslept\nreading\ngone\n```" in [block["text"]["text"] for block in failed.blocks]


def test_a_step_that_runs_out_of_memory_is_named_and_nothing_runs_after_it(world: World) -> None:
    plan = steps(world.plan(), "git merge $UPSTREAM_TAG", "tail /dev/zero", "echo ran")
    plan["spec"]["config"]["resources"] = {"limits": {"memory": "64Mi"}}
    world.apply(plan)
    world.release("1.21.1")

    sync = world.wait_for_phase("1.21.1", "Failed", "Finished")

    assert sync["reason"] == "StepFailed"
    assert "config.resources.limits.memory" in sync["message"]
    assert_only_red(world, "step-2", "137")


def test_scripts_arrive_unchanged(world: World) -> None:
    """Neither Argo's braces nor Kubernetes' dollar signs change a script."""
    script = "printf '%s|%s|%s' '{{.Dir}}' \"$(echo sub)\" '$$ $(HOME) {{{x}}}' > said; git add said; git commit -qm said"
    world.apply(steps(world.plan(), "git merge $UPSTREAM_TAG", script))
    world.release("1.21.1")

    world.wait_for_phase("1.21.1", "Finished")

    (opened,) = world.pull_requests()
    world.fetch_downstream(opened.head.ref)
    assert world.downstream.git("show", "FETCH_HEAD:said") == "{{.Dir}}|sub|$$ $(HOME) {{{x}}}"


def test_steps_find_no_credentials_and_no_service_account(world: World) -> None:
    script = (
        "! ls /secrets /trusted /var/run/secrets 2>/dev/null | grep .;"
        " ! env | grep -i -E 'token|secret|contract'; ! grep -r x-access-token .git"
    )
    world.apply(steps(world.plan(), "git merge $UPSTREAM_TAG", script))
    world.release("1.21.1")

    assert world.wait_for_phase("1.21.1", "Finished", "Failed")["phase"] == "Finished"


def test_an_image_that_cannot_be_pulled_is_named(world: World) -> None:
    world.apply(world.plan(image="registry.invalid/absent:1"))
    world.release("1.21.1")

    def told() -> bool:
        return "registry.invalid/absent:1" in json.dumps(world.sync("1.21.1"))

    wait_for(told, deadline_seconds=120, describe="the image's name in the Tag")


def test_a_missing_secret_holds_everything_back_until_it_exists(world: World) -> None:
    world.kubectl.run("delete", "secret", "github-secret")
    world.apply(world.plan())
    condition = world.wait_for_condition(
        "plans.resync.openshift.io", "z-release-4.8", "Ready=False"
    )
    assert "github-secret" in condition["message"]
    assert world.workflows() == []

    world.add_secrets(world.forge.tokens["resync-bot"], "xoxb-good")

    world.release("1.21.1")
    world.wait_for_phase("1.21.1", "Finished")


def test_a_missing_downstream_branch_is_named(world: World) -> None:
    plan = world.plan()
    plan["spec"]["config"]["downstream"]["branch"] = "release-9.9"
    world.apply(plan)
    world.release("1.21.1")

    sync = world.wait_for_phase("1.21.1", "Failed")
    assert "release-9.9" in sync["message"]


def test_a_private_downstream_needs_no_credentials_in_its_steps(world: World) -> None:
    name = f"{world.name}-private/kubernetes"
    world.downstream_name = name
    world.forge.create_repository(name, private=True)
    world.push_downstream(BRANCH)
    world.apply(steps(world.plan(), "git merge $UPSTREAM_TAG", "git log -p --all > /dev/null"))
    world.release("1.21.1")

    assert world.wait_for_phase("1.21.1", "Finished", "Failed")["phase"] == "Finished"
