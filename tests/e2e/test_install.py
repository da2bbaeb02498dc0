"""An administrator installs with kubectl only, and everything runs inside the cluster."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.coordinates import Coordinates
from tests.cluster.kubectl import Kubectl
from tests.cluster.namespaces import temporary_namespace
from tests.cluster.waiting import wait_for
from tests.e2e.conflict import POLICY
from tests.e2e.installation import ARBITRARY_USER, DEPLOYMENT, PART_OF, Installation
from tests.forge.launcher import BOT, TestForge
from tests.slack.receiver import SlackReceiver
from tests.world.deliveries import deliver, news_of
from tests.world.repositories import BRANCH
from tests.world.world import ROOT, SYNC_SECONDS, Manifest, World

pytestmark = pytest.mark.cluster

RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"


@pytest.fixture(scope="module")
def installation(
    cluster: Coordinates, world_forge: TestForge, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """A world whose controller is installed by the manifests, under Pod Security `restricted`."""
    slack = SlackReceiver(listen="0.0.0.0")  # noqa: S104 - for pods
    kubectl = Kubectl(kubeconfig=cluster.kubeconfig)
    kubectl.run("apply", "--server-side", "--kustomize", ROOT / "crds")
    with temporary_namespace(kubectl) as name:
        kubectl.run("label", "namespace", name, RESTRICTED)
        world = World(
            name=name,
            cluster=cluster,
            kubectl=kubectl.within(name),
            forge=world_forge,
            slack=slack,
            folder=tmp_path_factory.mktemp("world"),
            upstream_name=f"{name}-kubernetes/kubernetes",
            downstream_name=f"{name}-openshift/kubernetes",
        )
        world.build()
        world.controller.log.touch()
        made = Installation(
            kubectl=kubectl.within(f"{name}-system"),
            folder=tmp_path_factory.mktemp("overlays"),
            world=world,
        )
        try:
            made.install()
            yield made
        finally:
            if _named(made, "namespaces", made.kubectl.namespace):
                made.remove()
    slack.stop()


def test_a_release_becomes_a_pull_request_from_inside_the_cluster(
    installation: Installation,
) -> None:
    world = installation.world
    world.apply(world.plan())
    world.wait_for_condition("plans.resync.openshift.io", "z-release-4.8", "Ready=True")
    _release_first(world)

    wait_for(
        lambda: _ended_unseen(world, "1.21.1", (world.forge.tokens[BOT], "xoxb-good")),
        deadline_seconds=SYNC_SECONDS,
        describe=installation.logs,
    )

    sync = world.sync("1.21.1")
    assert sync["phase"] == "Finished", sync
    (opened,) = world.pull_requests("open")
    selector = f"workflows.argoproj.io/workflow={sync['workflow']}"
    (pod,) = world.kubectl.list("pods", selector=selector)
    policy = world.kubectl.get("networkpolicy", "resync-argo-attempts")
    (selected,) = policy["spec"]["podSelector"]["matchExpressions"]
    assert selected["key"] in pod["metadata"]["labels"]
    containers = {each["name"]: each for each in pod["spec"]["containers"]}
    assert containers["main"]["image"] == world.cluster.project_image
    assert pod["spec"]["securityContext"]["runAsUser"] == ARBITRARY_USER
    assert "resync_syncs" in installation.page("/metrics")
    world.merge(opened)


def test_no_remaining_object_shows_a_token(installation: Installation) -> None:
    world = installation.world
    kinds = "plans.resync.openshift.io,tags.resync.openshift.io,syncs.resync.openshift.io,workflows,workflowtemplates,pods"
    left = [
        world.kubectl.run("get", f"{kinds},events,configmaps", "--output=json"),
        installation.kubectl.run("get", "all,events,leases", "--output=json"),
        installation.logs(),
        *(_log(world, pod) for pod in world.kubectl.list("pods")),
        *(f"{found.title}\n{found.body}" for found in world.pull_requests()),
        json.dumps([message.text for message in world.slack.messages("chan-1")]),
    ]

    for secret in (world.forge.tokens[BOT], "xoxb-good"):
        assert not [text for text in left if secret in text]


def _suspended_at_conflict(world: World, version: str) -> Manifest:
    """Change the same line in a release and in the fork; return the status of the suspended sync."""
    world.apply(world.plan())
    _release_first(world)
    world.wait_for_phase("1.21.1", "Finished")
    for found in world.pull_requests("open"):
        world.merge(found)
    world.fetch_downstream(BRANCH)
    world.downstream.git("checkout", "--quiet", "-B", BRANCH, "FETCH_HEAD")
    world.downstream.commit("Pack", {POLICY: _policy(f"pack since {version}")})
    world.push_downstream(BRANCH)
    world.release(version, {POLICY: _policy(f"spread since {version}")})
    return world.wait_for_phase(version, "Conflict")


def _policy(text: str) -> str:
    return f'package scheduler\n\nconst Policy = "{text}"\n'


def test_a_suspended_run_outlasts_an_upgrade(installation: Installation) -> None:
    world = installation.world
    sync = _suspended_at_conflict(world, "1.21.2")

    installation.install(RESYNC_WORKERS="3")

    conflict = world.repository().get_pull(sync["conflict"]["number"])
    world.resolve(conflict, {POLICY: _policy("pack evenly")})
    world.merge(conflict)
    finished = world.wait_for_phase("1.21.2", "Finished", "Failed")
    assert finished["phase"] == "Finished", finished
    assert finished["workflow"] == sync["workflow"]
    world.fetch_downstream("resync/z-release-4.8/1.21.2")
    assert "pack evenly" in world.downstream.git("show", f"FETCH_HEAD:{POLICY}")


def test_a_suspended_run_outlasts_an_upgrade_that_compiles_another_template(
    installation: Installation,
) -> None:
    """The sync starts over with the new template, and takes the answer of the same question."""
    world = installation.world
    sync = _suspended_at_conflict(world, "1.21.3")
    conflict = world.repository().get_pull(sync["conflict"]["number"])
    world.resolve(conflict, {POLICY: _policy("pack more evenly")})

    installation.install(RESYNC_WORKSPACE_SIZE="19Gi")
    again = wait_for(
        lambda: (now := world.sync("1.21.3")).get("templateHash") != sync["templateHash"] and now,
        deadline_seconds=SYNC_SECONDS,
        describe="the sync to start over with the new template",
    )
    world.wait_for_phase("1.21.3", "Conflict")
    world.merge(conflict)
    finished = world.wait_for_phase("1.21.3", "Finished", "Failed")

    assert again["workflow"] != sync["workflow"]
    assert finished["phase"] == "Finished", finished
    assert len([it for it in world.pull_requests() if "/conflicts/1.21.3/" in it.head.ref]) == 1
    world.fetch_downstream("resync/z-release-4.8/1.21.3")
    assert "pack more evenly" in world.downstream.git("show", f"FETCH_HEAD:{POLICY}")


def test_a_webhook_has_its_effect_whichever_replica_it_reaches(installation: Installation) -> None:
    """A follower forwards it to the leader, so it takes effect once."""
    world = installation.world
    world.apply(world.plan())
    world.wait_for_condition("plans.resync.openshift.io", "z-release-4.8", "Ready=True")
    tries = itertools.count()

    def answers() -> list[int]:
        news = news_of(world.downstream_name, 999, "some-branch", mark=next(tries))
        there = [pod for pod in installation.pods() if "deletionTimestamp" not in pod["metadata"]]
        assert len(there) == 2
        return sorted(deliver(f"http://{pod['status']['podIP']}:8080", news) for pod in there)

    wait_for(
        lambda: answers() == [200, 202], deadline_seconds=60, describe="one answer of one leader"
    )


def test_another_replica_takes_over_from_a_lost_leader(installation: Installation) -> None:
    def led_by_another() -> bool:
        return installation.leader() not in ("", first)

    first = wait_for(installation.leader, deadline_seconds=60, describe="a leader")
    installation.kubectl.run("delete", "pod", "--wait=false", "--force", first)

    wait_for(led_by_another, deadline_seconds=60, describe="another leader")


def test_removing_it_leaves_what_the_documentation_says(installation: Installation) -> None:
    world = installation.world
    world.apply(world.plan())
    kinds = "plans.resync.openshift.io"
    world.wait_for_condition(kinds, "z-release-4.8", "TemplateApplied=True")

    installation.remove()

    wait_for(
        lambda: not _named(installation, "namespaces", installation.kubectl.namespace),
        deadline_seconds=120,
        describe="the end of the controller's namespace",
    )
    for kind in ("clusterroles", "clusterrolebindings"):
        assert installation.kubectl.list(kind, selector=PART_OF) == []
    assert _named(installation, "customresourcedefinitions", "plans.resync.openshift.io")
    assert not _named(installation, "rolebindings", DEPLOYMENT)
    assert world.kubectl.list(kinds)
    assert world.kubectl.list("workflowtemplates")
    assert world.kubectl.get("secret", "github-secret")


def _ended_unseen(world: World, version: str, secrets: tuple[str, ...]) -> bool:
    """Return whether a sync has ended; fail if any process of this machine shows a secret meanwhile."""
    for part in ("cmdline", "environ"):
        for file in Path("/proc").glob(f"[0-9]*/{part}"):
            try:
                shown = file.read_bytes()
            except OSError:
                continue  # the process is gone
            assert not [secret for secret in secrets if secret.encode() in shown], file
    return world.sync(version).get("phase") in ("Finished", "Failed")


def _log(world: World, pod: Manifest) -> str:
    return world.kubectl.run("logs", "--all-containers", "--", pod["metadata"]["name"])


def _release_first(world: World) -> None:
    """Release 1.21.1 unless an earlier test did, since each test may also run by itself."""
    if not world.upstream.git("tag", "--list", "v1.21.1"):
        world.release("1.21.1")


def _named(installation: Installation, kind: str, name: str) -> bool:
    found = installation.world.kubectl.list(kind)
    return name in {each["metadata"]["name"] for each in found}
