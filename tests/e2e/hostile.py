"""Helpers for tests of hostile releases: a spy, a Plan of scripts, and the checks after every attack.

A step's planted program prints `TAKEN` in the log of the container that runs it, if that container
has something that steps lack.
"""

import base64

import pytest

from tests.cluster.kubectl import Kubectl
from tests.forge.launcher import BOT
from tests.world.world import Manifest, World

RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"
OURS = ("refs/heads/resync/", "refs/resync-argo/", "refs/pull/")
"""Where a sync may leave something; the forge itself makes the last."""
SPY = (
    "#!/bin/sh\n"
    "for place in /secrets /trusted; do\n"
    '  [ -e "$place" ] && { echo "TAKEN $place"; find /secrets -type f -exec cat {} +; } > /proc/1/fd/1\n'
    "done\n"
)
EXECUTOR_TOKEN = "resync-argo-executor.service-account-token"
KEPT = "pods,events,workflows,workflowtaskresults,workflowtemplates,plans.resync.openshift.io,tags.resync.openshift.io,syncs.resync.openshift.io"
"""The kinds in which a run leaves something."""


@pytest.fixture
def restricted(world: World) -> World:
    """A world whose namespace Pod Security restricts."""
    Kubectl(kubeconfig=world.cluster.kubeconfig).run("label", "namespace", world.name, RESTRICTED)
    return world


def plan_of(world: World, *scripts: str) -> Manifest:
    """Return a Plan of scripts, a pull request and a message."""
    plan = world.plan()
    pull_request = {"type": "pull-request", "title": "Update to $UPSTREAM_VERSION", "body": ""}
    message = {"type": "slack-notification", "channel": "chan-1", "message": "New version"}
    plan["spec"]["steps"] = [
        *({"name": f"Step {number}", "run": script} for number, script in enumerate(scripts, 1)),
        {"name": "Create PR", "action": pull_request},
        {"name": "Tell", "action": message},
    ]
    return plan


def sync_release(world: World, plan: Manifest, files: dict[str, str | None]) -> Manifest:
    """Sync one hostile release, and check that its attacks failed."""
    before = refs(world)
    world.apply(plan)
    world.release("1.21.1", files)

    sync = world.wait_for_phase("1.21.1", "Finished", "Failed")

    assert_nothing_leaked(world)
    new = {name for name, commit in refs(world).items() if before.get(name) != commit}
    assert all(name.startswith(OURS) for name in new), new
    assert sync["message"]
    return sync


def assert_nothing_leaked(world: World, *more: str) -> None:
    """Search for every secret, and for `more`, in the pods' logs and in all objects of the run."""
    logs = [
        world.kubectl.run("logs", "--all-containers", "--tail=-1", "--limit-bytes=2000000", name)
        for name in (pod["metadata"]["name"] for pod in world.kubectl.list("pods"))
    ]
    assert logs
    executor = world.kubectl.get("secret", EXECUTOR_TOKEN)["data"]["token"]
    secrets = [world.forge.tokens[BOT], "xoxb-good", base64.b64decode(executor).decode(), *more]
    assert not [log for log in logs if "TAKEN" in log]
    for text in (*logs, world.kubectl.run("get", "--output=json", KEPT)):
        assert not [secret for secret in secrets if secret in text]


def refs(world: World, repository: str = "") -> dict[str, str]:
    """Return the refs of downstream, or of its fork, on the forge, by name."""
    url = f"{world.forge.git_url}/{repository or world.downstream_name}"
    lines = world.downstream.git("ls-remote", "--refs", "--", url).splitlines()
    return {name: commit for commit, name in (line.split("\t") for line in lines)}
