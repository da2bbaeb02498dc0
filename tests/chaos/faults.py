"""How each thing is broken, and how it comes back: one context manager for each kind of fault.

Nothing but what the tests started is killed, each process by its recorded id.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.apiserver.proxy import Proxy
from tests.chaos.schedule import Planned
from tests.chaos.unreliable import Unreliable
from tests.cluster.cluster import revive, without_api, without_argo
from tests.cluster.errors import ClusterError
from tests.world.world import World

DRAIN_SECONDS = 1.0
"""Between the cut of the forge's network and its end: what git has begun on its disk comes to its end."""


@dataclass(kw_only=True)
class Faults:
    """The things that can be broken.

    Attributes:
        proxy: between all of our programs and the forge.
        api_proxy: between the controller and kube-apiserver.
        state: of the local cluster; None: the cluster is another one, whose processes are let alone.
        counts: how often each kind was done.
        own_ends: how often the controller ended by itself and was started again, as a Deployment does.
    """

    world: World
    proxy: Unreliable
    api_proxy: Proxy
    state: Path | None
    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    own_ends: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - for tests
        self._cluster, self._controller, self._forge = (threading.Lock() for _ in range(3))

    def do(self, planned: Planned) -> None:
        """Break something for as long as was planned, and repair it."""
        kinds = self._kinds()
        if planned.kind not in kinds:
            return
        with kinds[planned.kind]():
            self.counts[planned.kind] += 1
            self.over.wait(planned.lasts)

    def keep(self) -> None:
        """Start again what ended by itself and should run."""
        if self._controller.acquire(blocking=False):
            try:
                if not self.world.controller.is_running:
                    self.own_ends += 1
                    self.world.controller.launch()
            finally:
                self._controller.release()
        if self.state is not None and self._cluster.acquire(blocking=False):
            try:
                revive(self.state)
            except (ClusterError, TimeoutError):
                pass  # it is looked at again
            finally:
                self._cluster.release()

    def _kinds(self) -> dict[str, Callable[[], AbstractContextManager[None]]]:
        of_cluster = {"argo": without_argo, "apiserver": without_api}
        return {
            **{
                kind: partial(self._down, break_it, self.state)
                for kind, break_it in of_cluster.items()
                if self.state is not None
            },
            "controller": self._controller_killed,
            "attempt": self._attempt_deleted,
            "api silence": self._api_silent,
            "forge": self._forge_killed,
            "network": self.proxy.cut,
            "storm": self.proxy.storm,
        }

    @contextmanager
    def _controller_killed(self) -> Iterator[None]:
        with self._controller:
            self.world.controller.kill()
            try:
                yield
            finally:
                self.world.controller.launch()

    @contextmanager
    def _down(
        self, break_it: Callable[[Path], AbstractContextManager[None]], state: Path
    ) -> Iterator[None]:
        with self._cluster, break_it(state):
            yield

    @contextmanager
    def _attempt_deleted(self) -> Iterator[None]:
        """Delete a pod that runs, as a lost node does: at once, and nobody waits for its end."""
        with self._cluster:
            found = self.world.kubectl.list("pods")
            running = [p["metadata"]["name"] for p in found if p["status"]["phase"] == "Running"]
            if running:
                pod = self._random.choice(sorted(running))
                self.world.kubectl.run("delete", "pod", "--force", "--grace-period=0", "--", pod)
            else:
                self.counts["attempt: none ran"] += 1
                self.counts["attempt"] -= 1
        yield

    @contextmanager
    def _api_silent(self) -> Iterator[None]:
        self.api_proxy.silence()
        yield

    @contextmanager
    def _forge_killed(self) -> Iterator[None]:
        with self._forge, self.proxy.cut():
            self.over.wait(DRAIN_SECONDS)
            self.world.forge.gitea.kill()
            try:
                yield
            finally:
                self.world.forge.gitea.start()
