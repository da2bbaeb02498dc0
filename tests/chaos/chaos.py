"""All of it together: the faults run, then everything rests, then it is judged."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.apiserver.proxy import Proxy
from tests.chaos.faults import Faults
from tests.chaos.person import Person
from tests.chaos.recorder import Recorder, Seen
from tests.chaos.schedule import Planned, Schedule, schedule
from tests.chaos.site import Case, plan_of, prepare, route
from tests.chaos.unreliable import CALM, Unreliable
from tests.chaos.verdict import Judge
from tests.cluster.cluster import revive
from tests.cluster.errors import ClusterError
from tests.world.world import World

REST_SECONDS = 600.0
TICK_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Report:
    """How it ended.

    Attributes:
        wrong: sentences; empty if all is well.
        counts: section → what → how often.
        rest_seconds: from the last fault's repair until every sync had ended.
        seen: where the syncs stood, one after another.
    """

    wrong: list[str]
    counts: dict[str, dict[str, int]]
    rest_seconds: float
    seen: list[Seen]


@dataclass(kw_only=True)
class Chaos:
    """One run in one world, whose controller runs already.

    Attributes:
        state: of the local cluster, whose processes are killed; None: the cluster is another one.
        seed: decides what is broken when, and what becomes of each request in turn.
        seconds: how long things break.
    """

    world: World
    state: Path | None
    seed: int
    seconds: float
    syncs: int
    troubles: list[str] = field(default_factory=list)

    def run(self) -> Report:
        """Run, rest, judge; whatever happens, the cluster is whole and nothing runs on afterwards."""
        cases = tuple(Case(number=number) for number in range(self.syncs))
        prepare(self.world, cases)
        with self._proxies() as (proxy, api_proxy):
            route(self.world, proxy, api_proxy, self.world.folder)
            faults = Faults(
                world=self.world, proxy=proxy, api_proxy=api_proxy, state=self.state, seed=self.seed
            )
            return self._story(cases, proxy, faults)

    def _story(self, cases: tuple[Case, ...], proxy: Unreliable, faults: Faults) -> Report:
        plan = schedule(self.seed, seconds=self.seconds, syncs=self.syncs)
        due = dict(zip((it.plan for it in cases), plan.answered, strict=True))
        person = Person(world=self.world, cases=cases, due=due)
        recorder = Recorder(kubectl=self.world.kubectl)
        with _living(person, recorder):
            proxy.share = CALM
            self._break(plan, faults, cases)
            proxy.share = 0.0
            person.hurries.set()
            crashes = faults.counts["controller"] + faults.own_ends
            judge = Judge(world=self.world, cases=cases, recorder=recorder, crashes=crashes)
            seconds = self._rest(faults, recorder, judge)
        recorder.look()
        return Report(
            wrong=[*self.troubles, *judge.wrong()],
            counts=_counts(faults, proxy, person, recorder, judge),
            rest_seconds=seconds,
            seen=recorder.seen,
        )

    @contextmanager
    def _proxies(self) -> Iterator[tuple[Unreliable, Proxy]]:
        address, forge = self.world.cluster.host_address, self.world.forge
        with ExitStack() as stack:
            target = (forge.host, forge.port)
            proxy = Unreliable(listen=address, target=target, seed=self.seed)
            stack.callback(proxy.stop)
            api_proxy = Proxy(self.world.cluster.kubeconfig)
            stack.callback(api_proxy.close)
            if self.state is not None:
                stack.callback(revive, self.state)
            stack.callback(self.world.controller.stop)
            yield proxy, api_proxy

    def _break(self, plan: Schedule, faults: Faults, cases: tuple[Case, ...]) -> None:
        """Let the faults come at their times, and the Plans; return when all are repaired."""
        begun = time.monotonic()
        to_come, to_apply = list(plan.faults), list(zip(plan.applied, cases, strict=True))
        threads: list[threading.Thread] = []
        try:
            while (passed := time.monotonic() - begun) < self.seconds:
                while to_come and to_come[0].at <= passed:
                    fault = to_come.pop(0)
                    threads.append(threading.Thread(target=self._guarded, args=(faults, fault)))
                    threads[-1].start()
                if to_apply and to_apply[0][0] <= passed and self._apply(to_apply[0][1]):
                    to_apply.pop(0)
                faults.keep()
                faults.over.wait(TICK_SECONDS)
        finally:
            faults.over.set()
            for thread in threads:
                thread.join()
        for _, case in to_apply:
            self.world.apply(plan_of(self.world, case))

    def _guarded(self, faults: Faults, planned: Planned) -> None:
        try:
            faults.do(planned)
        except Exception as error:
            self.troubles.append(f"chaos itself: {planned}: {error!r}")

    def _apply(self, case: Case) -> bool:
        try:
            self.world.apply(plan_of(self.world, case))
        except ClusterError:
            return False
        return True

    def _rest(self, faults: Faults, recorder: Recorder, judge: Judge) -> float:
        """Wait until every sync has ended and nothing runs; return how long that took."""
        begun, looks = time.monotonic(), recorder.looks["answered"]
        while (passed := time.monotonic() - begun) < REST_SECONDS:
            is_fresh = recorder.looks["answered"] > looks + 1
            if is_fresh and not recorder.active() and not judge.under_way():
                return passed
            faults.keep()
            time.sleep(TICK_SECONDS)
        self.troubles.append(f"nothing rested within {REST_SECONDS:.0f} s")
        return passed


@contextmanager
def _living(person: Person, recorder: Recorder) -> Iterator[None]:
    threads = (person.start(), recorder.start())
    try:
        yield
    finally:
        person.over.set()
        recorder.over.set()
        for thread in threads:
            thread.join()


def _counts(
    faults: Faults, proxy: Unreliable, person: Person, recorder: Recorder, judge: Judge
) -> dict[str, dict[str, int]]:
    tries = [it.get("status", {}).get("tries", 0) for it in recorder.syncs.values()]
    waited = Counter(it.reason for it in recorder.seen if it.phase == "Pending")
    return {
        "faults": dict(sorted(faults.counts.items())),
        "answers of the forge": dict(sorted(proxy.answers.items())),
        "syncs waited": dict(sorted(waited.items())),
        "the person": dict(sorted(person.tries.items())),
        "work": {
            "syncs": len(recorder.syncs),
            "tries again": sum(tries),
            "Workflows": len(recorder.workflows),
            "pods": len(recorder.pods),
            "controller ended by itself": faults.own_ends,
            "Slack messages": len(judge.world.slack.workspace.messages),
            "Slack messages doubled": judge.doubled_messages(),
            "departures of the forge from GitHub": len(judge.world.forge.violations()),
            "looks at the cluster": recorder.looks["answered"],
            "looks without an answer": recorder.looks["the API server was away"],
        },
    }
