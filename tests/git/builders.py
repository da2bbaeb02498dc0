"""Small upstream and downstream pairs, and attempts on them, for tests with real git.

A `World` is a folder with two bare repositories, `upstream/project` and `downstream/project`, that
share a history. Tests commit to them with `commit`, and run an `Attempt` on them in the way of the pod, with
folders of the world in place of the pod's volumes.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from resync_argo.api.plan import Config, PullRequestAction, SlackNotificationAction
from resync_argo.attempt.actions import run_action
from resync_argo.attempt.checkout import checkout
from resync_argo.attempt.context import Attempt, Observation, Parameters
from resync_argo.attempt.control import Control
from resync_argo.attempt.results import Result, save_result
from resync_argo.contract import CHECKOUT, Contract, Layout, StepContract, reads_commits
from resync_argo.names import container_name
from resync_argo.settings import HostSettings
from tests.git.fakes import MemoryForge, MemoryNotifier

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}
START = 1_600_000_000
BRANCH = "release-1.0"
HOST = "forge.test"


def git(where: Path, *argv: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """Run git as a person would; returns what it printed."""
    done = subprocess.run(
        ["git", *argv],
        cwd=where,
        input=stdin,
        env=os.environ | IDENTITY | dict(env or {}),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"git {argv}: {done.stderr.decode(errors='replace')}"
    return done.stdout.decode(errors="surrogateescape").rstrip("\n")


class Repository:
    """A bare repository to which commits are made without a work tree."""

    def __init__(self, path: Path) -> None:
        """Use the one at a path, made if there is none."""
        self.path = path
        self._clock = START
        if path.exists():
            self._clock += 3600
            return
        path.mkdir(parents=True)
        git(path, "init", "--quiet", "--bare", "--initial-branch=main", ".")
        git(path, "config", "uploadpack.allowFilter", "true")
        git(path, "config", "uploadpack.allowAnySHA1InWant", "true")

    def git(self, *argv: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """Run git in it."""
        return git(self.path, *argv, stdin=stdin, env=env)

    def commit(
        self,
        branch: str,
        files: Mapping[str, str | bytes | None],
        *,
        message: str = "Change",
        parents: tuple[str, ...] | None = None,
    ) -> str:
        """Commit changed files (None deletes one) on top of a branch; returns the commit."""
        tip = self.tip(branch)
        if parents is None:
            parents = (tip,) if tip else ()
        index = {"GIT_INDEX_FILE": str(self.path / f"index-{branch.replace('/', '-')}")}
        self.git("read-tree", parents[0] if parents else "--empty", env=index)
        for name, content in files.items():
            self._stage(name, content, index)
        tree = self.git("write-tree", env=index)
        self._clock += 60
        date = {"GIT_AUTHOR_DATE": f"@{self._clock} +0000"}
        date["GIT_COMMITTER_DATE"] = date["GIT_AUTHOR_DATE"]
        ancestry = [word for parent in parents for word in ("-p", parent)]
        commit = self.git("commit-tree", tree, *ancestry, "-m", message, env=date)
        self.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def _stage(self, name: str, content: str | bytes | None, index: Mapping[str, str]) -> None:
        mode, blob = "0", "0" * 40
        if content is not None:
            data = content.encode() if isinstance(content, str) else content
            mode, blob = "100644", self.git("hash-object", "-w", "--stdin", stdin=data)
        line = f"{mode} {blob}\t{name}\0".encode(errors="surrogateescape")
        self.git("update-index", "--add", "-z", "--index-info", stdin=line, env=index)

    def tag(self, name: str, commit: str, *, annotated: bool = False) -> None:
        """Tag a commit."""
        annotation = ["-a", "-m", f"Release {name}"] if annotated else []
        self.git("tag", "--force", *annotation, name, commit)

    def tip(self, branch: str) -> str | None:
        """Return a branch's commit, or a full ref's; None without it."""
        ref = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
        return self.git("for-each-ref", "--format=%(objectname)", ref) or None

    def show(self, revision: str, path: str) -> str:
        """Return a file's content."""
        return self.git("show", f"{revision}:{path}")


@dataclass(frozen=True, kw_only=True)
class World:
    """An upstream, a downstream, and the folder in which attempts run."""

    root: Path
    upstream: Repository
    downstream: Repository
    forge: MemoryForge
    notifier: MemoryNotifier

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
        """Return an attempt that was not begun; `steps` are scripts or actions.

        Args:
            steps: in order.
            version: to sync.
            number: of the attempt, which has folders of its own.
            parameters: more of `Parameters`.
            config: more of the Plan's `config`, as in its YAML.
            token: in the mounted Secret.
            hosts: where the repositories of a host are reached; those of `HOST` as files by
                default.
        """
        folder = self.root / f"attempt-{number}"
        layout = Layout(
            workspace=folder / "workspace",
            trusted=folder / "trusted",
            secrets=folder / "secrets",
            argo=folder / "argo",
            termination=folder / "termination",
        )
        for made in (layout.workspace, layout.trusted, layout.secrets, layout.argo):
            made.mkdir(parents=True, exist_ok=True)
        contracts, scripts = _steps(steps)
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


def _steps(
    steps: tuple[str | StepContract, ...],
) -> tuple[tuple[StepContract, ...], dict[str, str]]:
    contracts: list[StepContract] = []
    scripts: dict[str, str] = {}
    for position, step in enumerate(steps, start=2):
        if isinstance(step, StepContract):
            contracts.append(step)
            continue
        name = container_name(position, step.split("\n", 1)[0])
        contracts.append(StepContract(container=name, title=step.split("\n", 1)[0][:60]))
        scripts[name] = step
    return tuple(contracts), scripts


@dataclass(frozen=True, kw_only=True)
class Run:
    """An attempt and the scripts of its steps."""

    attempt: Attempt
    scripts: Mapping[str, str]

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
        """Run one step as Argo's emissary would: in a process group of its own.

        The exit code goes where the emissary keeps it.
        """
        name = container or (next(iter(self.scripts)) if script is None else "02-step")
        layout = self.attempt.layout
        home = layout.workspace / "home"
        done = subprocess.run(
            [*shell, str(layout.control / "step"), name, braces, script or self.scripts[name]],
            cwd="/",
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "TMPDIR": str(layout.workspace / "tmp"),
                "RESYNC_TERMINATION_LOG": str(layout.termination),
                "UPSTREAM_REF": self.attempt.contract.config.upstream.name,
            }
            | dict(env or {}),
            capture_output=True,
            check=False,
            process_group=0,
            timeout=120,
        )
        code = layout.exit_code(name)
        code.parent.mkdir(parents=True, exist_ok=True)
        code.write_text(str(done.returncode))
        return done

    @property
    def control(self) -> Control:
        """Return the folder through which steps and trusted containers pass files."""
        return Control(directory=self.attempt.layout.control)

    def check_out(self) -> Observation:
        """Check out, leaving the result for later containers as the pod's container does."""
        observation = checkout(self.attempt)
        save_result(self.attempt, CHECKOUT, Result())
        return observation

    def act(self, container: str) -> Result:
        """Run an action after steps that went well."""
        result = run_action(self.attempt, container, code_before=0)
        save_result(self.attempt, container, result)
        return result

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


def pull_request_step(
    title: str = "Sync $UPSTREAM_VERSION", body: str = "", container: str = "08-create-pr"
) -> StepContract:
    """Return a step with the action `pull-request`."""
    action = PullRequestAction(type="pull-request", title=title, body=body)
    return StepContract(container=container, title="Create PR", action=action)


def notification_step(message: str, container: str = "09-tell") -> StepContract:
    """Return a step with the action `slack-notification`."""
    action = SlackNotificationAction(type="slack-notification", channel="news", message=message)
    return StepContract(container=container, title="Tell", action=action)


def make_world(root: Path) -> World:
    """Return a world in which upstream released 1.0.0, downstream forked it, and both went on.

    Downstream's branch has 1.0.0 and a commit of its own; upstream has 1.1.0, which merges cleanly.
    """
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
    return open_world(root)


def open_world(root: Path) -> World:
    """Return a world that was made before, with a forge and a chat that know nothing yet."""
    downstream = Repository(root / "downstream" / "project")
    return World(
        root=root,
        upstream=Repository(root / "upstream" / "project"),
        downstream=downstream,
        forge=MemoryForge(downstream.path),
        notifier=MemoryNotifier(),
    )
