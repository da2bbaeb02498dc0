"""The story on a cluster: `make demo-cluster`, or `python -m tests.demo`.

A real node with Argo, a forge, a Slack receiver and our controller are started. Upstream releases
v1.21.1, whose pull request is merged, then v1.21.2, which conflicts: the run suspends, the
conflict's pull request is resolved and merged, and the run goes on by itself. In a terminal all
stays up for a look round until Ctrl-C; the cluster itself stays until `make down`.
"""

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from tests.cluster.errors import ClusterError, ClusterRefused
from tests.cluster.told import in_one_line
from tests.cluster.waiting import wait_for
from tests.demo.shell import write_shell
from tests.world.repositories import BRANCH
from tests.world.standalone import standalone_world
from tests.world.world import Manifest, World

NAMESPACE = "resync-demo"
PLAN = "z-release-4.8"
CHANNEL = "chan-1"
POLICY = "pkg/scheduler/scheduler.go"
MARKS = {
    "Succeeded": "✔",
    "Running": "…",
    "Failed": "✖",
    "Error": "✖",
    "Omitted": "-",
    "Skipped": "-",
}

console = Console()


def main() -> int:
    """Tell the story; say in one line why if it does not come true."""
    with (
        in_one_line("make demo-cluster"),
        tempfile.TemporaryDirectory(prefix="resync-demo-") as folder,
        standalone_world(NAMESPACE, Path(folder)) as world,
    ):
        tell(world)
        stay(world)
    return 0


def tell(world: World) -> None:
    """Tell the whole story."""
    say("The maintainer applies the founding document's Plan, its defects corrected")
    plan = world.plan()
    plan["spec"]["config"]["slack"]["channel"] = CHANNEL
    world.apply(plan)
    world.wait_for_condition("plans.resync.openshift.io", PLAN, "Ready=True")
    show(world.kubectl.run("get", "plans.resync.openshift.io"))
    say("Upstream releases v1.21.1")
    world.release("1.21.1")
    follow(world, "1.21.1", "Finished")
    (first,) = world.pull_requests("open")
    show(f"Pull request: {first.html_url}  {first.title}")
    say("The maintainer merges it; then the fork and v1.21.2 change the same line")
    world.merge(first)
    make_conflict(world)
    follow(world, "1.21.2", "Conflict")
    asked = next(it for it in world.pull_requests("open") if "/conflicts/" in it.head.ref)
    show(f"Conflict: {asked.html_url}  {', '.join(file.filename for file in asked.get_files())}")
    say("The maintainer resolves the one file and merges; nobody touches the run")
    world.resolve(asked, {POLICY: 'package scheduler\n\nconst Policy = "pack and balance"\n'})
    world.merge(asked)
    follow(world, "1.21.2", "Finished")
    final = next(it for it in world.pull_requests("open") if "/conflicts/" not in it.head.ref)
    show(f"Pull request: {final.html_url}  {final.title}\n\n{final.body}\n")
    show(world.kubectl.run("get", "syncs.resync.openshift.io"))
    say("What Slack's channel heard: a thread for each release, and the Plan's own step")
    for message in world.slack.messages(CHANNEL):
        show(f"{'  ↳ ' if message.thread else ''}{message.text}")


def make_conflict(world: World) -> None:
    """Let downstream and upstream change the same line."""
    world.fetch_downstream(BRANCH)
    world.downstream.git("merge", "--quiet", "--ff-only", "FETCH_HEAD")
    world.downstream.commit(
        "UPSTREAM: <carry>: pack pods", {POLICY: 'package scheduler\n\nconst Policy = "pack"\n'}
    )
    world.push_downstream(BRANCH)
    world.release("1.21.2", {POLICY: 'package scheduler\n\nconst Policy = "balance"\n'})


def follow(world: World, version: str, phase: str) -> None:
    """Show a run live until its Tag is in a phase."""
    began = time.monotonic()
    with Live(console=console, auto_refresh=False, transient=False) as live:

        def arrived() -> bool:
            try:
                sync = world.sync(version)
                live.update(view(world, version, sync), refresh=console.is_terminal)
            except ClusterRefused:  # a busy API server; the deadline says how often
                return False
            if sync.get("phase") == "Failed":
                raise ClusterError(f"{version} failed: {sync.get('message')}")
            return sync.get("phase") == phase

        wait_for(arrived, deadline_seconds=300, describe=f"{version} to be {phase}")
        live.update(view(world, version, world.sync(version)), refresh=True)
    console.print(f"{version} is {phase} after {time.monotonic() - began:.0f} s")


def view(world: World, version: str, sync: Manifest) -> Table:
    """Return what `kubectl get tags` says of a release, and what Argo's graph says of its last attempt."""
    table = Table(title=f"v{version}: {sync.get('phase', 'not seen yet')}", title_justify="left")
    table.add_column("step")
    table.add_column("state")
    for node in last_attempt(world, sync):
        mark = MARKS.get(node["phase"], " ")
        table.add_row(node["displayName"], f"{mark} {node.get('message', '')}")
    table.caption = sync.get("message")
    return table


def last_attempt(world: World, sync: Manifest) -> list[Manifest]:
    """Return the nodes of the newest attempt's containers and, if it waits, of the pause after it."""
    if not sync.get("workflow"):
        return []
    status = world.kubectl.get("workflows.argoproj.io", sync["workflow"]).get("status", {})
    nodes = sorted(status.get("nodes", {}).values(), key=lambda node: node["displayName"])
    containers = [node for node in nodes if node["type"] == "Container"]
    # A later attempt is nested in the one before it, so its nodes have longer names.
    depth = max((node["name"].count(".again") for node in containers), default=0)
    waiting = [node for node in nodes if node["type"] == "Suspend" and node["phase"] == "Running"]
    return [node for node in containers if node["name"].count(".again") == depth] + waiting


def stay(world: World) -> None:
    """Say where to look, and keep everything up while a person looks."""
    shell = world.folder / "shell"
    write_shell(world, shell)
    say("Look round, in a second terminal")
    show(f"  . {shell}")
    show(f"  kubectl -n {NAMESPACE} get resync")
    show(f"  argo -n {NAMESPACE} list")
    show("Step 6 of docs/quick-start.md goes on from here: a Plan and a conflict of your own.")
    show(
        f"Argo's API is at {world.cluster.argo_server}. Its web UI is not part of the Go module: point an Argo UI"
        " of the same version there."
    )
    if sys.stdin.isatty() and os.environ.get("CI") is None:
        show("Ctrl-C ends the forge and the controller; `make down` ends the cluster.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            show("Ended.")


def show(text: str) -> None:
    """Print text from outside as it stands."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print a heading."""
    console.rule(f"[bold]{text}", align="left")


if __name__ == "__main__":
    sys.exit(main())
