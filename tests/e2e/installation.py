"""resync-argo as an administrator installs it: by kubectl and the manifests, into the cluster.

In: a cluster and a world without a controller. Out: the controller's Deployment in its own
namespace, which watches only the world's namespace, so that it does not disturb other tests of the
cluster.
"""

import json
import os
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for
from tests.world.controller import settings_for
from tests.world.world import ROOT, World

DEPLOYMENT = "resync-argo-controller"
PART_OF = "app.kubernetes.io/part-of=resync-argo"
ARBITRARY_USER = 1_000_620_000
"""A user id as OpenShift chooses one: no image knows it."""

_READY_SECONDS = 180
_HOST_ONLY = {"KUBECONFIG", "RESYNC_IMAGE"}


@dataclass(frozen=True, kw_only=True)
class Installation:
    """The controller in its own namespace.

    Attributes:
        kubectl: in that namespace.
        folder: an empty folder for the overlays.
        world: its namespace opted in.
    """

    kubectl: Kubectl
    folder: Path
    world: World

    def install(self, **variables: str) -> None:
        """Apply the manifests, or apply them again with other variables."""
        self._overlay("site", "cluster-install/controller", self._site(variables))
        self._overlay("opt-in", "namespace", self._opt_in())
        self._apply(self.kubectl, "site")
        self._apply(self.world.kubectl, "opt-in")
        wait_for(self._is_rolled_out, deadline_seconds=_READY_SECONDS, describe=self.logs)

    def remove(self) -> None:
        """Remove everything but the kinds, as the documentation says."""
        self.kubectl.run("delete", "--wait=false", "--kustomize", self.folder / "site")
        # The executor's token disappears with its account, perhaps before we delete it.
        leave = ("delete", "--ignore-not-found", "--kustomize", self.folder / "opt-in")
        self.world.kubectl.run(*leave)

    def pods(self) -> list[dict[str, Any]]:
        """Return the controller's pods."""
        return self.kubectl.list("pods", selector=f"app.kubernetes.io/name={DEPLOYMENT}")

    def leader(self) -> str:
        """Return the name of the pod that holds the Lease; "" if none does."""
        for lease in self.kubectl.list("leases"):
            holder = str(lease["spec"].get("holderIdentity") or "")
            for pod in self.pods():
                if pod["metadata"]["name"] in holder:
                    return str(pod["metadata"]["name"])
        return ""

    def page(self, path: str) -> str:
        """Return a page of the controller's monitoring, read through its Service."""
        address = self.kubectl.get("service", DEPLOYMENT)["spec"]["clusterIP"]
        with urllib.request.urlopen(f"http://{address}:8081{path}", timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def logs(self) -> str:
        """Return the logs of the controller's pods."""
        names = [pod["metadata"]["name"] for pod in self.pods()]
        return "\n".join(self.kubectl.run("logs", "--tail=-1", "--", name) for name in names)

    def _is_rolled_out(self) -> bool:
        found = self.kubectl.get("deployment", DEPLOYMENT)
        status, wanted = found.get("status", {}), found["spec"]["replicas"]
        counts = [status.get(name) for name in ("replicas", "updatedReplicas", "availableReplicas")]
        seen = status.get("observedGeneration") == found["metadata"]["generation"]
        return seen and counts == [wanted] * 3

    def _apply(self, kubectl: Kubectl, overlay: str) -> None:
        kubectl.run(
            *("apply", "--server-side", "--force-conflicts"),
            *("--kustomize", self.folder / overlay),
        )

    def _overlay(self, name: str, base: str, content: dict[str, Any]) -> None:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        resource = os.path.relpath(ROOT / "manifests" / base, folder.resolve())
        (folder / "kustomization.yaml").write_text(json.dumps({"resources": [resource], **content}))

    def _site(self, variables: dict[str, str]) -> dict[str, Any]:
        world = self.world
        settings = settings_for(
            kubeconfig=world.cluster.kubeconfig,
            namespace=world.name,
            forge_address=world.forge.git_url_at(world.cluster.host_address),
            slack_url=world.slack.url_at(world.cluster.host_address),
            image="",
        )
        settings["RESYNC_RUN_AS_USER"] = str(ARBITRARY_USER)
        given = {name: value for name, value in settings.items() if name not in _HOST_ONLY}
        image, _, tag = world.cluster.project_image.rpartition(":")
        return {
            "namespace": self.kubectl.namespace,
            "images": [{"name": "resync-argo", "newName": image, "newTag": tag}],
            "patches": [_patch({**given, **variables}), self._subject("ClusterRoleBinding")],
        }

    def _opt_in(self) -> dict[str, Any]:
        return {"patches": [self._subject("RoleBinding")]}

    def _subject(self, kind: str) -> dict[str, Any]:
        """Bind the account of this namespace: the manifests are for the namespace `resync-argo`."""
        namespace = self.kubectl.namespace
        change = {"op": "replace", "path": "/subjects/0/namespace", "value": namespace}
        return {"target": {"kind": kind, "name": DEPLOYMENT}, "patch": json.dumps([change])}


def _patch(variables: dict[str, str]) -> dict[str, Any]:
    """Set variables, and a user that the image does not know."""
    pod = "/spec/template/spec"
    change: list[dict[str, Any]] = [
        {"op": "add", "path": f"{pod}/containers/0/env/-", "value": {"name": name, "value": value}}
        for name, value in variables.items()
    ]
    user = {"op": "add", "path": f"{pod}/securityContext/runAsUser", "value": ARBITRARY_USER}
    target = {"kind": "Deployment", "name": DEPLOYMENT}
    return {"target": target, "patch": json.dumps([*change, user])}
