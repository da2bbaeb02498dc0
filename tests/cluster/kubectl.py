"""kubectl, with JSON in and out: what tests say to a cluster and ask of it."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resync_argo.errors import ResyncError
from tests.cluster.errors import ClusterRefused
from tests.cluster.reading import place_of
from tests.cluster.toolchain import binary

_TIMEOUT_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Kubectl:
    """kubectl on one cluster and, if given, in one namespace."""

    kubeconfig: Path
    namespace: str = ""

    def within(self, namespace: str) -> "Kubectl":
        """The same cluster, another namespace."""
        return Kubectl(kubeconfig=self.kubeconfig, namespace=namespace)

    def run(
        self, *arguments: str | Path, stdin: str = "", timeout_seconds: float = _TIMEOUT_SECONDS
    ) -> str:
        """Run kubectl and return what it prints.

        Raises:
            ClusterRefused: kubectl failed, and the message is kubectl's; or it took too long.
        """
        place = ["--namespace", self.namespace] if self.namespace else []
        try:
            result = subprocess.run(
                [binary("kubectl"), "--kubeconfig", self.kubeconfig, *place, *arguments],
                input=stdin,
                env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
                capture_output=True,
                text=True,
                check=False,
                timeout=timeout_seconds,
            )
        except subprocess.TimeoutExpired:
            message = f"kubectl {arguments[0]} was not done after {timeout_seconds} s"
            raise ClusterRefused(message) from None
        if result.returncode != 0:
            raise ClusterRefused(f"kubectl {arguments[0]}: {result.stderr.strip()}")
        return result.stdout

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """One object."""
        place = place_of(kind, self.namespace)
        if place is not None:
            # A server that was restarted has closed the connection; and kubectl has the words for an error.
            with suppress(ResyncError, OSError):
                return place.read(self.kubeconfig, name)
        found: dict[str, Any] = json.loads(self.run("get", kind, "--output=json", "--", name))
        return found

    def list(self, kind: str, *, selector: str = "") -> list[dict[str, Any]]:
        """All objects of a kind, or those that a label selector picks."""
        place = place_of(kind, self.namespace)
        if place is not None:
            with suppress(ResyncError, OSError):
                return place.read_all(self.kubeconfig, selector)
        output = self.run("get", kind, "--output=json", f"--selector={selector}")
        items: list[dict[str, Any]] = json.loads(output)["items"]
        return items

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """Apply objects on the server's side, under the field manager `tests`."""
        self.run(
            *("apply", "--server-side", "--field-manager=tests", "--filename=-"),
            stdin=_list_of(objects),
        )

    def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Create one object, which may have a `generateName`, and return it."""
        output = self.run("create", "--filename=-", "--output=json", stdin=json.dumps(manifest))
        created: dict[str, Any] = json.loads(output)
        return created

    def replace(self, manifest: Mapping[str, Any]) -> None:
        """Replace one object; its resourceVersion, if it has one, must still be the current one."""
        self.run("replace", "--filename=-", stdin=json.dumps(manifest))


def _list_of(objects: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
