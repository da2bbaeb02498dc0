"""A real API server, a real git upstream, a forge in memory, and the test in Argo's place.

There is no Argo in this tier: `Lab.argo` writes Workflow statuses as Argo's controller would. Our
controller runs in this process, in threads (`running`) or reconcile by reconcile (`settle`).
"""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync, SyncStatus
from resync_argo.api.tag import Tag
from resync_argo.controller.build import build
from resync_argo.controller.kube.api import (
    PLANS,
    SYNCS,
    TAGS,
    WORKFLOW_TEMPLATES,
    WORKFLOWS,
    Kube,
    Resource,
)
from resync_argo.controller.main import Controller
from resync_argo.forge.interface import PullRequestState
from resync_argo.names import sync_name
from resync_argo.settings import HostSettings, Settings
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for
from tests.fakes import FakeForge, FakeForges

UPSTREAM = "forge.test/up/project"
DOWNSTREAM = "forge.test/down/project"
SECONDS = 20.0


@dataclass
class Lab:
    """One namespace of an API server, and the controller's other peers."""

    kubeconfig: Path
    namespace: str
    folder: Path
    forges: FakeForges = field(default_factory=FakeForges)
    poll_seconds: float = 0.3
    slack_url: str = "http://127.0.0.1:9/api/"
    argo_ui_url: str = ""
    page_listen: str = ""
    mirror_claim: str = ""
    host: HostSettings | None = None
    hosts: dict[str, HostSettings] = field(default_factory=dict)
    keep_syncs: int = 50
    is_everywhere: bool = False
    limits: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kube = Kube.connect(connections=8, kubeconfig=self.kubeconfig)
        self.kubectl = Kubectl(kubeconfig=self.kubeconfig, namespace=self.namespace)

    @property
    def forge(self) -> FakeForge:
        """Return the downstream's forge."""
        return self.forges.at(DOWNSTREAM)

    @property
    def settings(self) -> Settings:
        """Return settings under which everything is quick."""
        host = self.host or HostSettings(git_url=str(self.folder))
        return Settings(
            namespace="" if self.is_everywhere else self.namespace,
            hosts={"forge.test": host, **self.hosts},
            keep_syncs=self.keep_syncs,
            upstream_poll_seconds=self.poll_seconds,
            pull_request_poll_seconds=self.poll_seconds,
            argo_ui_url=self.argo_ui_url,
            page_listen=self.page_listen,
            mirror_claim=self.mirror_claim,
            slack_api_url=self.slack_url,
            workers=2,
            **self.limits,  # type: ignore[arg-type]  # settings that are numbers, by name
        )

    def controller(self) -> Controller:
        """Return a controller that does not run yet."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        kube = Kube.connect(connections=12, kubeconfig=self.kubeconfig)
        return Controller(build(kube, self.settings, self.forges.connect, folder))

    @contextmanager
    def running(self) -> Iterator[Controller]:
        """Run a controller while the block lasts."""
        controller = self.controller()
        controller.watch()
        controller.work()
        try:
            yield controller
        finally:
            controller.stop()

    def make_repository(self, path: str) -> None:
        """Make a repository that accepts pushes, with an empty branch `main`."""
        folder = self.folder / path
        folder.mkdir(parents=True)
        _git(folder, "init", "-q", "--bare", "-b", "main")
        tree = _git(folder, "hash-object", "-t", "tree", "-w", "--stdin")
        commit = _git(folder, "commit-tree", tree, "-m", "Begin")
        _git(folder, "update-ref", "refs/heads/main", commit)

    def release(self, *tags: str, path: str = "up/project") -> None:
        """Make upstream commits with tags."""
        folder = self.folder / path
        if not folder.exists():
            folder.mkdir(parents=True)
            _git(folder, "init", "-q", "-b", "main")
        for tag in tags:
            _git(folder, "commit", "-q", "--allow-empty", "-m", tag)
            _git(folder, "tag", "--", tag)

    def release_at_once(self, *tags: str) -> None:
        """Tag upstream's newest commit many times."""
        folder = self.folder / "up/project"
        creations = "".join(f"create refs/tags/{tag} HEAD\n" for tag in tags)
        argv = ["git", "update-ref", "--stdin"]
        subprocess.run(argv, cwd=folder, input=creations, text=True, check=True, timeout=60)

    def change_workflows(self, tag: str) -> None:
        """Release a version that changes workflows, which needs a separate permission on GitHub."""
        folder = self.folder / "up/project/.github/workflows"
        folder.mkdir(parents=True)
        (folder / "test.yaml").write_text("on: push\n")
        self.git("add", ".github")
        self.release(tag)

    def refs(self, path: str) -> str:
        """Return the refs of a repository."""
        argv = ["git", "for-each-ref"]
        return subprocess.check_output(argv, cwd=self.folder / path, text=True, timeout=60)

    def git(self, *argv: str) -> None:
        """Run git in the upstream repository."""
        _git(self.folder / "up/project", *argv)

    def add_secret(self, name: str = "github", **keys: str) -> None:
        """Create the Secret that Plans name."""
        literals = [f"--from-literal={key}={value}" for key, value in keys.items()]
        self.kubectl.run("create", "secret", "generic", name, *literals)

    def add_plan(self, name: str = "z-1", **changes: Any) -> None:
        """Create a Plan; `changes` go into its `spec.config`, `steps` and `suspend` beside it; None removes."""
        spec: dict[str, Any] = {"steps": changes.pop("steps", STEPS)}
        spec["suspend"] = changes.pop("suspend", False)
        config = {
            "upstream": {"name": UPSTREAM, "matchedVersions": ["1.0.x"]},
            "downstream": {"name": DOWNSTREAM, "branch": "main"},
            "image": "registry.test/steps:1",
            "github": {"credentials": {"secretSelector": "github"}},
        }
        manifest = {
            "apiVersion": "resync.openshift.io/v1alpha1",
            "kind": "Plan",
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": spec | {"config": {k: v for k, v in (config | changes).items() if v}},
        }
        self.kube.apply(PLANS, manifest)

    def plan(self, name: str = "z-1") -> Plan:
        """Return a Plan from the server."""
        return Plan.parse(self.kube.get(PLANS, ObjectKey(self.namespace, name)))

    def tag(self, version: str) -> Tag | None:
        """Return the Tag of a version, whatever its name."""
        return next((tag for tag in self.tags() if tag.version == version), None)

    def tags(self) -> list[Tag]:
        """Return all Tags."""
        return [Tag.parse(item) for item in self.objects(TAGS)]

    def sync(self, version: str, plan: str = "z-1") -> SyncStatus | None:
        """Return the state of a Plan's Sync of a version; None before its turn."""
        found = self.sync_object(version, plan)
        return found.status if found is not None and found.status.phase else None

    def sync_object(self, version: str, plan: str = "z-1") -> Sync | None:
        """Return the Sync of a version for a Plan."""
        tag = self.tag(version)
        name = sync_name(plan, tag.metadata.name) if tag else ""
        return next((sync for sync in self.syncs() if sync.metadata.name == name), None)

    def syncs(self) -> list[Sync]:
        """Return all Syncs."""
        return [Sync.parse(item) for item in self.objects(SYNCS)]

    def next_release(self, plan: str = "z-1") -> tuple[str, str] | None:
        """Return the next release, and the reason why it waits."""
        queued = self.plan(plan).status.next
        return (queued.version, queued.reason) if queued is not None else None

    def workflows(self) -> list[dict[str, Any]]:
        """Return all Workflows, oldest first."""
        found = self.objects(WORKFLOWS)
        return sorted(found, key=lambda item: int(item["metadata"]["resourceVersion"]))

    def objects(self, resource: Resource) -> list[dict[str, Any]]:
        """Return all objects of a kind in the namespace."""
        return [item for page, _ in self.kube.pages(resource, self.namespace) for item in page]

    def versions(self) -> dict[str, str]:
        """Return the resource version of every object that the controller writes."""
        return {
            f"{resource.plural}/{item['metadata']['name']}": item["metadata"]["resourceVersion"]
            for resource in (PLANS, TAGS, SYNCS, WORKFLOWS, WORKFLOW_TEMPLATES)
            for item in self.objects(resource)
        }

    def ask(self, version: str, plan: str = "z-1", **wishes: bool | int | None) -> None:
        """Write a person's request into a Sync: `skip`, `retry`, `rebuild`."""
        sync = self.sync_object(version, plan)
        assert sync is not None
        self.kube.patch(SYNCS, sync.metadata.key, {"spec": wishes})

    def skip_release(self, version: str, *, skip: bool = True) -> None:
        """Skip a release for every Plan, or take it up again."""
        tag = self.tag(version)
        assert tag is not None
        self.kube.patch(TAGS, tag.metadata.key, {"spec": {"skip": skip}})

    def wait_for_tag(self, version: str) -> Tag:
        """Wait until a release has its Tag."""
        return wait_for(
            lambda: self.tag(version), deadline_seconds=SECONDS, describe=f"the Tag of {version}"
        )

    def reasons(self, version: str, plan: str = "z-1") -> dict[str, str]:
        """Return the reason of each condition of a Sync."""
        sync = self.sync(version, plan)
        return {c.type: c.reason for c in sync.conditions} if sync is not None else {}

    def wait_until_next(self, version: str, reason: str, plan: str = "z-1") -> None:
        """Wait until a release is the next in the queue, for a reason."""
        wait_for(
            lambda: self.next_release(plan) == (version, reason),
            deadline_seconds=SECONDS,
            describe=lambda: f"{version} {reason} to be next; it is {self.next_release(plan)}",
        )

    def wait_until(
        self, version: str, phase: str, reason: str = "", plan: str = "z-1"
    ) -> SyncStatus:
        """Wait until a version has the expected state."""

        def found() -> SyncStatus | None:
            sync = self.sync(version, plan)
            fits = sync is not None and sync.phase == phase and reason in ("", sync.reason)
            return sync if fits else None

        return wait_for(
            found,
            deadline_seconds=SECONDS,
            describe=lambda: f"{version} to be {phase} {reason}; it is {self.sync(version, plan)}",
        )

    def merge_release(self, version: str, plan: str = "z-1", *, base: str = "main") -> None:
        """End a release's Workflow successfully, and merge its pull request into a branch as a person."""
        name = self.wait_until(version, "Running", plan=plan).workflow
        assert name is not None
        pull = self.forge.open(f"resync/{plan}/{version}", base=base)
        self.argo_ends(name, 0)
        self.wait_until(version, "Finished", "PullRequestOpen", plan)
        self.forge.set_state(pull.number, PullRequestState.MERGED)
        self.wait_until(version, "Finished", "Merged", plan)

    def add_sync(self, version: str, plan: str = "z-1", **wishes: bool | int) -> None:
        """Create a Sync as a person does, for a release of the upstream."""
        tag = f"{UPSTREAM.rpartition('/')[2]}-{version}"
        manifest = {
            "apiVersion": "resync.openshift.io/v1alpha1",
            "kind": "Sync",
            "metadata": {"name": sync_name(plan, tag), "namespace": self.namespace},
            "spec": {"plan": plan, "tag": tag, **wishes},
        }
        self.kubectl.create(manifest)

    def wait_until_idle(self, controller: Controller) -> None:
        """Wait until the controller has emptied its queue and looked at everything twice."""
        passes = 0

        def rested() -> bool:
            nonlocal passes
            if len(controller.parts.cluster.queue):
                return False
            passes += 1
            controller.parts.changes.enqueue_all()
            return passes > 3

        wait_for(rested, deadline_seconds=SECONDS, describe="the controller to come to rest")

    def wait_for_run(self, version: str, *, other_than: str = "") -> str:
        """Wait for the Workflow of a version and return its name."""

        def found() -> str | None:
            sync = self.sync(version)
            name = sync.workflow if sync else None
            return name if name and name != other_than else None

        return wait_for(
            found,
            deadline_seconds=SECONDS,
            describe=lambda: f"a Workflow of {version}; it is {self.sync(version)}",
        )

    def argo(self, workflow: str, status: dict[str, Any]) -> None:
        """Write a Workflow's status as Argo's controller does."""
        key = ObjectKey(self.namespace, workflow)
        self.kube.patch(WORKFLOWS, key, {"status": status})

    def argo_runs(self, workflow: str) -> None:
        """Begin a Workflow as Argo does."""
        self.argo(workflow, {"phase": "Running", "nodes": _attempt_nodes(1, "Running")})

    def argo_ends(self, workflow: str, exit_code: int, message: str = "", attempt: int = 1) -> None:
        """End the attempt and the Workflow."""
        phase = "Succeeded" if exit_code in (0, 11) else "Failed"
        nodes = _attempt_nodes(attempt, "Succeeded" if exit_code == 0 else "Failed")
        _report(nodes, attempt, exit_code, message)
        self.argo(workflow, {"phase": phase, "nodes": nodes})

    def argo_suspends(self, workflow: str, key: str, attempt: int = 1) -> str:
        """Let the attempt stop at a conflict and suspend the Workflow; return the suspended node's id."""
        nodes = _attempt_nodes(attempt, "Failed")
        _report(nodes, attempt, 10, f"Conflict: {key} 2 files are in conflict")
        node = f"wait-{attempt}"
        nodes[node] = {
            "id": node,
            "name": f"sync.{attempt}.resolve-conflicts",
            "displayName": "resolve-conflicts",
            "type": "Suspend",
            "templateName": "resolve-conflicts",
            "phase": "Running",
            "startedAt": f"2026-01-01T00:0{attempt}:30Z",
        }
        self.argo(workflow, {"phase": "Running", "nodes": nodes})
        return node


STEPS = [
    {"name": "Git merge", "run": "git merge $UPSTREAM_TAG"},
    {"name": "Create PR", "action": {"type": "pull-request", "title": "Sync", "body": "Sync"}},
]


def _attempt_nodes(attempt: int, phase: str) -> dict[str, dict[str, Any]]:
    name = "sync" + ".again" * (attempt - 1) + ".attempt"
    pod = {
        "id": f"pod-{attempt}",
        "name": name,
        "displayName": f"attempt-{attempt}",
        "type": "Pod",
        "templateName": "attempt",
        "phase": phase,
        "startedAt": f"2026-01-01T00:0{attempt}:00Z",
    }
    main = {
        "id": f"main-{attempt}",
        "name": f"{name}.main",
        "displayName": "main",
        "type": "Container",
        "phase": phase,
        "startedAt": f"2026-01-01T00:0{attempt}:00Z",
    }
    return {f"pod-{attempt}": pod, f"main-{attempt}": main}


def _report(nodes: dict[str, dict[str, Any]], attempt: int, exit_code: int, message: str) -> None:
    nodes[f"pod-{attempt}"]["outputs"] = {"exitCode": str(exit_code)}
    if message:
        nodes[f"main-{attempt}"]["message"] = f"main: Error (exit code {exit_code}): {message}"


def _git(folder: Path, *argv: str) -> str:
    identity = ("-c", "user.name=upstream", "-c", "user.email=upstream@example.com")
    done = subprocess.run(
        ["git", *identity, *argv],
        cwd=folder,
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    return done.stdout.strip()
