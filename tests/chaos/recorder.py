"""What could be seen of Syncs, Workflows, pods and Events while things broke."""

import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from tests.cluster.errors import ClusterError
from tests.cluster.kubectl import Kubectl
from tests.world.world import Manifest

LOOK_SECONDS = 2.0
_KINDS = "syncs.resync.openshift.io,workflows.argoproj.io,pods,events.events.k8s.io"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A Sync as it stood once."""

    at: str
    plan: str
    phase: str
    reason: str
    message: str


@dataclass(kw_only=True)
class Recorder:
    """Looks every few seconds, where the API server answers."""

    kubectl: Kubectl
    over: threading.Event = field(default_factory=threading.Event)
    seen: list[Seen] = field(default_factory=list)
    syncs: dict[str, Manifest] = field(default_factory=dict)
    workflows: dict[str, Manifest] = field(default_factory=dict)
    pods: dict[str, Manifest] = field(default_factory=dict)
    events: dict[str, Manifest] = field(default_factory=dict)
    looks: Counter[str] = field(default_factory=Counter)
    present: set[str] = field(default_factory=set)

    def start(self) -> threading.Thread:
        """Begin to look, until it is over."""
        thread = threading.Thread(target=self._live, name="recorder", daemon=True)
        thread.start()
        return thread

    def _live(self) -> None:
        while not self.over.wait(LOOK_SECONDS):
            try:
                self.look()
            except (ClusterError, subprocess.TimeoutExpired):
                self.looks["the API server was away"] += 1

    def look(self) -> None:
        """Take down what is there now.

        Raises:
            ClusterError: the API server does not answer.
        """
        found = self.kubectl.list(_KINDS)
        places = {
            "Sync": self.syncs,
            "Workflow": self.workflows,
            "Pod": self.pods,
            "Event": self.events,
        }
        for item in found:
            if item["kind"] == "Sync":
                self._note(item)
            places[item["kind"]][item["metadata"]["name"]] = item
        self.present = {item["metadata"]["name"] for item in found}
        self.looks["answered"] += 1

    def active(self) -> list[str]:
        """Return the Workflows and pods that were there at the last look and had not ended."""
        ended = ("Succeeded", "Failed", "Error")
        return [
            name
            for items in (self.workflows, self.pods)
            for name, item in items.items()
            if name in self.present and item.get("status", {}).get("phase") not in ended
        ]

    def _note(self, sync: Manifest) -> None:
        status, old = sync.get("status", {}), self.syncs.get(sync["metadata"]["name"], {})
        before = old.get("status", {})
        if (status.get("phase"), status.get("reason")) != (
            before.get("phase"),
            before.get("reason"),
        ):
            self.seen.append(
                Seen(
                    at=datetime.fromtimestamp(time.time()).strftime("%H:%M:%S"),  # noqa: DTZ006 - read by people here
                    plan=sync["spec"]["plan"],
                    phase=status.get("phase", ""),
                    reason=status.get("reason", ""),
                    message=status.get("message", ""),
                )
            )
