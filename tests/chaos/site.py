"""The Plans and their repositories: each branch changes the line that the release changes, too."""

from dataclasses import dataclass
from pathlib import Path

from tests.apiserver.proxy import Proxy
from tests.chaos.unreliable import Unreliable
from tests.e2e.conflict import POLICY, VERSION
from tests.world.repositories import BRANCH
from tests.world.world import Manifest, World

GENERATED = "zz_generated.txt"
RETRY_SECONDS = 3
CHANNEL = "chan-1"

STEPS = [
    {"name": "Git merge", "run": "git merge $UPSTREAM_REF"},
    {
        "name": "Re-generate files",
        "run": "make update\ngit add -A\ngit commit -m 'UPSTREAM: <drop>: make update'",
    },
    {
        "name": "Create PR",
        "action": {"type": "pull-request", "title": "Rebase $UPSTREAM_REF $UPSTREAM_TAG"},
    },
]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One of the syncs: its Plan, its branch, and what its maintainer answers."""

    number: int

    @property
    def plan(self) -> str:
        """The Plan's name."""
        return f"chaos-{self.number}"

    @property
    def branch(self) -> str:
        """The downstream branch."""
        return f"release-{self.number}"

    @property
    def final_branch(self) -> str:
        """The branch of the sync's result."""
        return f"resync/{self.plan}/{VERSION}"

    @property
    def question_prefix(self) -> str:
        """What the branches of its conflicts begin with."""
        return f"resync/{self.plan}/conflicts/{VERSION}/"

    @property
    def answer(self) -> str:
        """The resolution, byte for byte."""
        return f'package scheduler\n\nconst Policy = "balance and pack {self.number}"\n'


def prepare(world: World, cases: tuple[Case, ...]) -> None:
    """Push a branch for each sync, and the release that all of them conflict with."""
    for case in cases:
        world.downstream.git("checkout", "--quiet", "-b", case.branch, BRANCH)
        changed = f'package scheduler\n\nconst Policy = "pack {case.number}"\n'
        world.downstream.commit("UPSTREAM: <carry>: pack pods", {POLICY: changed})
        world.push_downstream(case.branch)
    world.release(VERSION, {POLICY: 'package scheduler\n\nconst Policy = "balance"\n'})


def plan_of(world: World, case: Case) -> Manifest:
    """Return the Plan of a sync."""
    plan = world.plan()
    plan["metadata"]["name"] = case.plan
    plan["spec"]["config"]["downstream"]["branch"] = case.branch
    plan["spec"]["config"]["slack"]["channel"] = CHANNEL
    plan["spec"]["steps"] = STEPS
    return plan


def route(world: World, proxy: Unreliable, api_proxy: Proxy, folder: Path) -> None:
    """Let the controller start again, and reach the forge and the API server by the proxies."""
    host = f'{{"github.com": {{"apiUrl": "{proxy.url}/api/v3", "gitUrl": "{proxy.url}"}}}}'
    world.controller.stop()
    world.controller.environment = {
        **world.controller.environment,
        "KUBECONFIG": str(api_proxy.kubeconfig(folder)),
        "RESYNC_HOSTS": host,
        "RESYNC_RETRY_SECONDS": str(RETRY_SECONDS),
    }
    world.controller.start()
