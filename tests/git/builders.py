"""Small upstream and downstream pairs, and attempts on them, for tests with real git.

A `World` is a folder with two bare repositories, `upstream/project` and `downstream/project`, that
share a history. Tests commit to them, and run an `Attempt` on them like the pod, with folders of
the world in place of the pod's volumes.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from resync_argo.api.plan import Config
from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.attempt.context import Attempt, Parameters, ReplayInput
from resync_argo.attempt.publish.actions import run_action
from resync_argo.attempt.resolve.resolver import Resolver
from resync_argo.attempt.results import RESOLVER, Result, load_result, save_result
from resync_argo.attempt.steps.control import Control
from resync_argo.contract import (
    CHECKOUT,
    Contract,
    Layout,
    StepContract,
    first_command,
    reads_commits,
)
from resync_argo.settings import HostSettings
from tests.git.fakes import MemoryForge, MemoryNotifier
from tests.git.repositories import Repository
from tests.git.steps import contracts_of, run_answered
from tests.git.volumes import layout_in

BRANCH = "release-1.0"
HOST = "forge.test"


@dataclass(frozen=True, kw_only=True)
class World:
    """An upstream, a downstream, and the folder in which attempts run.

    `at_once`: a conflict of the first step's merge is asked about before the step runs, as in every
    Plan; otherwise the step meets it. `mirror`: the volume with the mirrors of the namespace.
    """

    root: Path
    upstream: Repository
    downstream: Repository
    forge: MemoryForge
    notifier: MemoryNotifier
    at_once: bool = False
    mirror: Path | None = None

    def attempt(
        self,
        *steps: str | StepContract,
        version: str = "1.1.0",
        number: int = 1,
        parameters: Mapping[str, object] | None = None,
        config: Mapping[str, object] | None = None,
        token: str | None = None,
        hosts: Mapping[str, str | HostSettings] | None = None,
    ) -> "Run":
        """Return an attempt that has not begun; `steps` are scripts or actions.

        Args:
            steps: in order.
            version: to sync.
            number: of the attempt, which has folders of its own.
            parameters: more of `Parameters`.
            config: more of the Plan's `config`, as in its YAML.
            token: in the mounted Secret.
            hosts: settings by host; by default, the repositories of `HOST` are files.
        """
        layout = replace(layout_in(self.root / f"attempt-{number}"), mirror=self.mirror)
        for made in (layout.workspace, layout.trusted, layout.secrets, layout.argo):
            made.mkdir(parents=True, exist_ok=True)
        contracts, scripts = contracts_of(steps)
        contract = Contract(
            plan="z-release",
            namespace="default",
            config=Config.parse(_config() | dict(config or {})),
            steps=contracts,
            hosts={
                host: HostSettings(git_url=where) if isinstance(where, str) else where
                for host, where in {HOST: f"file://{self.root}", **(hosts or {})}.items()
            },
            slack_api_url="https://slack.invalid/api/",
            reads_commits=reads_commits(scripts.values()),
            opening=first_command(next(iter(scripts.values()))) if self.at_once else None,
            run_url="https://argo.test/workflows/default/run",
        )
        token_file = _token_file(layout, token)
        attempt = Attempt(
            contract=contract,
            layout=layout,
            parameters=Parameters(
                **({"tag": version, "attempt": number, "workflow": "run"} | dict(parameters or {}))  # type: ignore[arg-type]  # values of mixed types
            ),
            connect_forge=lambda: self.forge,
            connect_notifier=lambda: self.notifier,
            token_for=lambda _name: token_file,
        )
        return Run(attempt=attempt, scripts=scripts)


def _token_file(layout: Layout, token: str | None) -> Path | None:
    if token is None:
        return None
    folder = layout.secret("github")
    folder.mkdir(exist_ok=True)
    (folder / "token").write_text(token)
    return folder / "token"


def _config() -> dict[str, object]:
    return {
        "upstream": {"name": f"{HOST}/upstream/project", "matchedVersions": ["1.x"]},
        "downstream": {"name": f"{HOST}/downstream/project", "branch": BRANCH},
        "image": "unused",
        "github": {"credentials": {"secretSelector": "github-secret"}},
        "slack": {"credentials": {"secretSelector": "slack-secret"}, "channel": "team"},
        "env": [{"name": "UPSTREAM_REF", "from": ".config.upstream.name"}],
    }


@dataclass(kw_only=True)
class Run:
    """An attempt and the scripts of its steps."""

    attempt: Attempt
    scripts: Mapping[str, str]

    @cached_property
    def resolver(self) -> Resolver:
        """Return the resolver that answers the steps at conflicts."""
        return Resolver(attempt=self.attempt)

    @property
    def work_tree(self) -> Path:
        """Return the steps' clone."""
        return self.attempt.layout.work_tree

    def step(
        self,
        container: str | None = None,
        *,
        script: str | None = None,
        braces: str = "<@",
        shell: tuple[str, ...] = ("sh",),
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run one step as Argo's emissary would: in its own process group.

        The exit code goes where the emissary keeps it.
        """
        name = container or (next(iter(self.scripts)) if script is None else "step")
        layout = self.attempt.layout
        home = layout.workspace / "home"
        done = run_answered(
            [*shell, str(layout.control / "step"), name, braces, script or self.scripts[name]],
            self.resolver,
            folder=Path("/"),
            environment={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "TMPDIR": str(layout.workspace / "tmp"),
                "RESYNC_TERMINATION_LOG": str(layout.termination),
                "UPSTREAM_REF": self.attempt.contract.config.upstream.name,
            }
            | dict(env or {}),
        )
        code = layout.exit_code(name)
        code.parent.mkdir(parents=True, exist_ok=True)
        code.write_text(str(done.returncode))
        return done

    @property
    def control(self) -> Control:
        """Return the folder through which steps and trusted containers pass files."""
        return Control(directory=self.attempt.layout.control)

    def check_out(self) -> ReplayInput:
        """Check out, leaving the result for later containers as the pod's container does."""
        replay = checkout(self.attempt)
        save_result(self.attempt, CHECKOUT, Result())
        return replay

    def act(self, container: str) -> Result:
        """Run an action after successful steps."""
        result = run_action(self.attempt, container, code_before=0)
        save_result(self.attempt, container, result)
        return result

    def refusal(self) -> Result | None:
        """Return why trusted code refused to answer a step; None if it did not."""
        return load_result(self.attempt, RESOLVER)

    def steps(self) -> None:
        """Check out and run every script; each must end well."""
        self.check_out()
        for container in self.scripts:
            done = self.step(container)
            assert done.returncode == 0, done.stderr.decode(errors="replace")

    def propose(self) -> Result:
        """Check out, run every script and the actions; all must end well."""
        self.steps()
        actions = [step.container for step in self.attempt.contract.steps if step.action]
        return [self.act(container) for container in actions][-1]


def make_world(root: Path) -> World:
    """Return a world in which upstream released 1.0.0, downstream forked it, and both continued.

    Downstream's branch has 1.0.0 and a commit of its own; upstream has 1.1.0, which merges cleanly.
    To save time, it is made once for each test process, and copied.
    """
    shutil.copytree(_first_world(), root, dirs_exist_ok=True)
    return open_world(root)


@cache
def _first_world() -> Path:
    root = Path(tempfile.mkdtemp(prefix="first-world-"))
    atexit.register(shutil.rmtree, root)
    upstream = Repository(root / "upstream" / "project")
    first = upstream.commit(
        "main", {"a.txt": "one\n" * 20, "b.txt": "b\n", "VERSION": "1.0.0\n"}, message="Begin"
    )
    upstream.tag("v1.0.0", first)
    upstream.commit("main", {"a.txt": "one\n" * 20 + "more\n"}, message="Add more")
    release = upstream.commit("main", {"VERSION": "1.1.0\n", "new/n.txt": "n\n"}, message="1.1.0")
    upstream.tag("v1.1.0", release, annotated=True)
    downstream = Repository(root / "downstream" / "project")
    downstream.git("fetch", "--quiet", str(upstream.path), f"{first}:refs/heads/{BRANCH}")
    downstream.commit(BRANCH, {"ours.txt": "ours\n"}, message="Carry a patch")
    return root


def open_world(root: Path) -> World:
    """Return a world that was made before, with an empty forge and chat."""
    downstream = Repository(root / "downstream" / "project")
    return World(
        root=root,
        upstream=Repository(root / "upstream" / "project"),
        downstream=downstream,
        forge=MemoryForge(downstream.path),
        notifier=MemoryNotifier(),
    )
