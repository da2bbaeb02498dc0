"""A volume of mirrors on the node saves checkout traffic, and no step finds it.

The pods are a compiled Plan's attempts without the barrier: checkout simply runs before the step's
container. So neither Argo nor a forge is needed.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from resync_argo.api.plan import Plan
from resync_argo.compile import compile_plan
from resync_argo.settings import HostSettings, Settings
from tests.cluster.coordinates import Coordinates
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for
from tests.e2e.hostile import RESTRICTED
from tests.git.builders import BRANCH, HOST, make_world
from tests.git.http_server import PrivateServer, serve

pytestmark = pytest.mark.cluster

CLAIM = "mirrors"
CHECKOUT = "checkout"
STEP = "step"
LOOK_AROUND = """
for place in /mirror /trusted /secrets /proc/[0-9]*/root/mirror; do
  if [ -e $place ]; then echo "TAKEN $place"; fi
done
if grep ' /mirror ' /proc/self/mounts; then echo "TAKEN a mount"; fi
cd /workspace/repository
if grep -rs mirror .git/config .git/objects/info; then echo "TAKEN a way there"; fi
git fsck --no-dangling && git merge -q v1.1.0 && test "$(wc -c < data/1)" = 4000 && echo "all is there"
"""


@dataclass(frozen=True, kw_only=True)
class Site:
    """A namespace with a volume, and the host that its attempts fetch from.

    Attributes:
        kubectl: in the namespace.
        template: the `spec` of the compiled Plan.
        volume: the node's folder.
        server: the host.
    """

    kubectl: Kubectl
    template: dict[str, Any]
    volume: Path
    server: PrivateServer

    def attempt(self, name: str) -> tuple[int, str, str]:
        """Run an attempt's checkout and a step; return the bytes from the host, and both logs."""
        before = self.server.sent_bytes
        self.kubectl.apply(self._pod(name))
        wait_for(lambda: self._phase(name) == "Succeeded", deadline_seconds=300, describe=name)
        said = [self.kubectl.run("logs", name, "--container", it) for it in (CHECKOUT, STEP)]
        return self.server.sent_bytes - before, said[0], said[1]

    def _phase(self, name: str) -> str:
        phase: str = self.kubectl.get("pod", name)["status"].get("phase", "")
        assert phase != "Failed", self.kubectl.run("logs", name, "--all-containers")
        return phase

    def _pod(self, name: str) -> dict[str, Any]:
        (attempt,) = (it for it in self.template["templates"] if it["name"] == "attempt")
        text = json.dumps(attempt).replace("{{workflow.parameters.tag}}", "1.1.0")
        text = text.replace("{{inputs.parameters.attempt}}", "1")
        attempt = json.loads(text)
        containers = {it["name"]: it for it in attempt["containerSet"]["containers"]}
        checkout, step = containers[CHECKOUT], containers[STEP]
        for container in (checkout, step):
            container.pop("dependencies", None)
        checkout["env"] = [it for it in checkout["env"] if not it["value"].startswith("{{")]
        step |= {"command": ["sh", "-c", LOOK_AROUND], "args": []}
        spec = {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "securityContext": self.template["securityContext"],
            "volumes": attempt["volumes"],
            "initContainers": [checkout],
            "containers": [step],
        }
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


@pytest.fixture
def site(cluster: Coordinates, kubectl: Kubectl, tmp_path: Path) -> Iterator[Site]:
    """A restricted namespace with a folder of the node as its volume, and a pair of repositories."""
    everywhere = Kubectl(kubeconfig=cluster.kubeconfig)
    everywhere.run("label", "namespace", kubectl.namespace, RESTRICTED)
    world = make_world(tmp_path / "hosts")
    data = {f"data/{number}": os.urandom(2_000).hex() for number in range(30)}
    world.downstream.commit(BRANCH, data)
    volume = tmp_path / "volume"
    volume.mkdir()
    name = f"{kubectl.namespace}-mirrors"
    add_volume(everywhere, kubectl, name, volume)
    with serve(tmp_path / "hosts", None, address=cluster.host_address) as server:
        yield Site(
            kubectl=kubectl,
            template=compiled(cluster, kubectl.namespace, server.url),
            volume=volume,
            server=server,
        )
    everywhere.run("delete", "--wait=false", "persistentvolume", name)


def add_volume(everywhere: Kubectl, kubectl: Kubectl, name: str, folder: Path) -> None:
    """Give a namespace a volume in a folder of the node, as an administrator does."""
    (node,) = everywhere.list("nodes")
    label = "kubernetes.io/hostname"
    here = {"key": label, "operator": "In", "values": [node["metadata"]["labels"][label]]}
    size = {"storage": "1Gi"}
    common = {"accessModes": ["ReadWriteOnce"], "storageClassName": ""}
    volume = {
        **common,
        "capacity": size,
        "local": {"path": str(folder)},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
        "claimRef": {"namespace": kubectl.namespace, "name": CLAIM},
    }
    kinds = (
        ("PersistentVolume", name, volume),
        ("PersistentVolumeClaim", CLAIM, {**common, "resources": {"requests": size}}),
    )
    for kind, named, spec in kinds:
        made = {"apiVersion": "v1", "kind": kind, "metadata": {"name": named}, "spec": spec}
        (kubectl if kind.endswith("Claim") else everywhere).apply(made)


def compiled(cluster: Coordinates, namespace: str, url: str) -> dict[str, Any]:
    """Return the compiled template of a Plan of the namespace."""
    config = {
        "upstream": {"name": f"{HOST}/upstream/project", "matchedVersions": ["1.x"]},
        "downstream": {"name": f"{HOST}/downstream/project", "branch": BRANCH},
        "image": cluster.step_image,
    }
    plan = Plan.parse(
        {
            "metadata": {"name": "z", "namespace": namespace, "uid": "u"},
            "spec": {"config": config, "steps": [{"run": "true"}]},
        }
    )
    hosts = {HOST: HostSettings(git_url=url)}
    settings = Settings(image=cluster.project_image, mirror_claim=CLAIM, hosts=hosts)
    spec: dict[str, Any] = compile_plan(plan, settings).manifest["spec"]
    return spec


def test_attempts_share_a_volume_that_steps_do_not_find_and_survive_its_damage(site: Site) -> None:
    cold, _, first = site.attempt("cold")
    warm, _, second = site.attempt("warm")
    packs = list(site.volume.glob("*/packs/pack/*.pack"))
    for pack in packs:
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 0xFF
        pack.chmod(0o600)
        pack.write_bytes(data)
    broken, said, third = site.attempt("broken")

    assert packs
    assert warm < cold / 20
    assert broken < 1.5 * cold
    assert "The mirror was broken and is thrown away" in said
    for log in (first, second, third):
        assert "TAKEN" not in log
        assert "all is there" in log
