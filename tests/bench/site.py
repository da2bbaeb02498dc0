"""The site for measurements on the cluster: a separate world, and quick reads of its API.

`bench_world` yields a `Site`, which tells `sync`, `steps` and `conflict` when something was first
seen. Times are seconds since the epoch: pods, forge and controller share the machine's clock.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from resync_argo.api.meta import Json
from resync_argo.controller.kube.api import TAGS, WORKFLOWS, Kube, Resource
from tests.cluster.waiting import T, wait_for
from tests.forge.face.world import Entry
from tests.world.standalone import standalone_world
from tests.world.world import World

PODS = Resource("", "v1", "pods")
EVENTS = Resource("", "v1", "events")
DEADLINE_SECONDS = 300.0
ENDED = ("Succeeded", "Failed", "Error")
OUR_AGENT = "resync-argo"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A world, and a client of its API that starts no process for each read."""

    world: World
    kube: Kube

    def objects(self, resource: Resource) -> list[Json]:
        """Return the namespace's objects of a kind."""
        pages = self.kube.pages(resource, self.world.name)
        return [found for items, _ in pages for found in items]

    def seen(self, resource: Resource, has: Callable[[Json], bool]) -> tuple[float, Json]:
        """Wait for an object; return when it was first seen in that state, and the object.

        Raises:
            TimeoutError: there was none within five minutes.
        """

        def found() -> Json | None:
            return next((it for it in self.objects(resource) if has(it)), None)

        first = self.wait(found, f"one of {resource.plural}")
        return time.time(), first

    def wait(self, predicate: Callable[[], T | None], what: str) -> T:
        """Wait for something; if it does not happen, show the controller's log.

        Raises:
            TimeoutError: it did not happen within five minutes.
        """
        return wait_for(
            predicate,
            deadline_seconds=DEADLINE_SECONDS,
            describe=lambda: f"{what}\n{self.world.controller.tail()}",
        )

    def tag(self, version: str) -> tuple[float, Json]:
        """Wait for a release's Tag."""
        return self.seen(TAGS, lambda tag: bool(tag["spec"].get("version") == version))

    def ended_workflow(self, name: str) -> Json:
        """Wait until a Workflow is over, and return it.

        Raises:
            RuntimeError: it did not succeed.
        """

        def is_over(found: Json) -> bool:
            phase = found.get("status", {}).get("phase")
            return found["metadata"]["name"] == name and phase in ENDED

        _, workflow = self.seen(WORKFLOWS, is_over)
        if workflow["status"]["phase"] != "Succeeded":
            raise RuntimeError(f"{name} ended otherwise: {workflow['status'].get('message')}")
        return workflow

    def requests(self, since: float) -> list[Entry]:
        """Return our own REST requests to the forge since a time."""
        journal = self.world.forge.journal()
        return [it for it in journal if it.at >= since and it.agent == OUR_AGENT]


@contextmanager
def bench_world(name: str) -> Iterator[Site]:
    """Run a world in a namespace of that name; delete it afterwards, except after a failure.

    Raises:
        ClusterError: the cluster does not start.
    """
    with (
        tempfile.TemporaryDirectory(prefix="resync-bench-") as folder,
        standalone_world(name, Path(folder)) as world,
    ):
        kube = Kube.connect(connections=2, kubeconfig=world.cluster.kubeconfig)
        yield Site(world=world, kube=kube)
        world.kubectl.run("delete", "namespace", name, "--wait=false")


def seconds_of(status: Json) -> float:
    """Return how long a Workflow or one of its nodes ran; the API has whole seconds."""
    begun, ended = (datetime.fromisoformat(status[key]) for key in ("startedAt", "finishedAt"))
    return (ended - begun).total_seconds()


def pause(seconds: float) -> None:
    """Sleep, as part of the measurement."""
    threading.Event().wait(seconds)
