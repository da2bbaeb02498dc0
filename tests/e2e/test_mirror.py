"""A namespace with a volume of mirrors: the second attempt finds what the first one fetched, and no step finds the volume."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster.kubectl import Kubectl
from tests.e2e.conflict import answer, asked, assert_one_good_pull_request, conflicting
from tests.e2e.hostile import assert_nothing_leaked
from tests.world.world import World

pytestmark = pytest.mark.cluster

CLAIM = "mirrors"
LOOK_AROUND = """
if [ -e /mirror ]; then echo "TAKEN /mirror"; fi
if grep ' /mirror ' /proc/self/mounts; then echo "TAKEN a mount"; fi
for process in /proc/[0-9]*; do
  if [ -e $process/root/mirror ]; then echo "TAKEN $process/root/mirror"; fi
done
if grep -rs mirror .git/config .git/objects/info; then echo "TAKEN a way there"; fi
git fsck --connectivity-only --no-dangling
echo "looked around"
"""


@pytest.fixture
def volume(restricted: World, tmp_path: Path) -> Iterator[Path]:
    """Give the namespace a folder of the node as a volume, as an administrator does."""
    world, folder = restricted, tmp_path / "mirrors"
    folder.mkdir()
    cluster = Kubectl(kubeconfig=world.cluster.kubeconfig)
    (node,) = cluster.list("nodes")
    name = node["metadata"]["labels"]["kubernetes.io/hostname"]
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [name]}
    size, modes = {"storage": "1Gi"}, ["ReadWriteOnce"]
    persistent = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"{world.name}-mirrors"},
        "spec": {
            "capacity": size,
            "accessModes": modes,
            "storageClassName": "",
            "local": {"path": str(folder)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
            "claimRef": {"namespace": world.name, "name": CLAIM},
        },
    }
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": CLAIM},
        "spec": {"accessModes": modes, "storageClassName": "", "resources": {"requests": size}},
    }
    cluster.apply(persistent)
    world.apply(claim)
    yield folder
    cluster.run("delete", "--wait=false", "persistentvolume", f"{world.name}-mirrors")


def with_mirror(world: World) -> None:
    """Let the controller know the claim's name."""
    settings = {**world.controller.environment, "RESYNC_MIRROR_CLAIM": CLAIM}
    world.controller.stop()
    world.controller = replace(world.controller, environment=settings, _process=None)
    world.controller.start()


def kept_bytes(folder: Path) -> int:
    """Return how much was fetched and kept."""
    return sum(pack.stat().st_size for pack in folder.glob("*/packs/pack/*.pack"))


def test_a_second_attempt_finds_what_the_first_fetched_and_steps_do_not_find_the_volume(
    restricted: World, volume: Path
) -> None:
    world = restricted
    with_mirror(world)
    conflicting(world, last_script=LOOK_AROUND)
    question = asked(world)
    first = kept_bytes(volume)
    assert first > 0

    answer(world, question)
    assert_one_good_pull_request(world)

    assert kept_bytes(volume) - first < first
    assert_nothing_leaked(world)
    pods = world.kubectl.list("pods")
    assert len(pods) > 1
    for pod in pods:
        mounts = {
            container["name"]
            for container in pod["spec"]["containers"]
            if any(it["name"] == "mirror" for it in container["volumeMounts"])
        }
        # Argo's executor mounts what it may have to read outputs from; it runs no step.
        assert mounts - {"wait"} == {"01-checkout"}
    logs = [world.kubectl.run("logs", "--all-containers", pod["metadata"]["name"]) for pod in pods]
    assert any("looked around" in log for log in logs)
