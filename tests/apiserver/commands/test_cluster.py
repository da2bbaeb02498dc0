"""The commands that read a cluster from a laptop, on a real API server."""

import json
import os
import pty
import select
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from resync_argo.cli import cli
from tests.cluster.apiserver import ApiServer
from tests.cluster.kubectl import Kubectl
from tests.git.local_runs import INTERRUPTIBLE, PROGRAM

pytestmark = pytest.mark.apiserver

PLAN = Path(__file__).parents[2] / "samples" / "plan-mended.yaml"
PLAN_NAME = "z-release-4.8"
NAME = "kubernetes-1.21.2"
SYNC = f"{PLAN_NAME}.{NAME}"
DEADLINE = 60.0


@dataclass(frozen=True)
class Cluster:
    """A namespace, and the program pointed at it."""

    kubectl: Kubectl
    namespace: str

    def call(self, *words: str) -> Result:
        where = ("--kubeconfig", str(self.kubectl.kubeconfig), "-n", self.namespace)
        return CliRunner().invoke(cli, [*words, *where])

    def add_tag(self, version: str) -> None:
        self.kubectl.apply(
            {
                "apiVersion": "resync.openshift.io/v1alpha1",
                "kind": "Tag",
                "metadata": {"name": f"kubernetes-{version}"},
                "spec": {"repository": "github.com/kubernetes/kubernetes", "version": version},
            }
        )

    def add_sync(self) -> None:
        """Create the Sync, as if the release's turn had come."""
        self.kubectl.apply(
            {
                "apiVersion": "resync.openshift.io/v1alpha1",
                "kind": "Sync",
                "metadata": {"name": SYNC},
                "spec": {"plan": PLAN_NAME, "tag": NAME},
            }
        )

    def spec(self, kind: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.kubectl.get(kind, name)["spec"]
        return found


class Watching:
    """`status --watch` in its own terminal."""

    def __init__(self, cluster: Cluster) -> None:
        self._terminal, theirs = pty.openpty()
        where = ("--kubeconfig", str(cluster.kubectl.kubeconfig), "-n", cluster.namespace)
        self.process = subprocess.Popen(
            [*INTERRUPTIBLE, PROGRAM, "status", "--watch", *where],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={"COLUMNS": "200", "LINES": "50", "TERM": "xterm", "PATH": os.environ["PATH"]},
        )
        os.close(theirs)
        self.seen = ""

    def __enter__(self) -> "Watching":
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._terminal)

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + DEADLINE
        while text not in self.seen:
            ready, _, _ = select.select([self._terminal], [], [], deadline - time.monotonic())
            assert ready, f"{text} was not shown; this was: {self.seen}"
            self.seen += os.read(self._terminal, 65536).decode(errors="replace")

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(DEADLINE)


@pytest.fixture
def cluster(kinds: ApiServer) -> Iterator[Cluster]:
    name = f"local-{uuid.uuid4().hex[:8]}"
    kubectl = Kubectl(kubeconfig=kinds.kubeconfig)
    kubectl.run("create", "namespace", name)
    made = Cluster(kubectl.within(name), name)
    for version in ("1.21.2", "1.21.3"):
        made.add_tag(version)
    yield made
    kubectl.run("delete", "namespace", name, "--wait=false")


def test_status_and_graph_show_the_tags(cluster: Cluster) -> None:
    status, graph = cluster.call("status"), cluster.call("graph", "--format", "mermaid")

    assert status.exit_code == 0, status.output
    assert NAME in status.output
    assert "1.21.2 (no Plan)" in graph.output


def test_status_has_formats_for_programs_and_for_files(cluster: Cluster) -> None:
    cluster.kubectl.run("apply", "--server-side", "--filename", PLAN)

    told = json.loads(cluster.call("status", "--format", "json").stdout)
    page = cluster.call("status", "--format", "html").stdout

    (table,) = told["matrices"]["items"]
    assert [it["tag"] for it in table["lines"]["items"]] == ["kubernetes-1.21.3", NAME]
    assert page.startswith("<!doctype html>")
    refused = cluster.call("status", "--format", "html", "--watch")
    assert (refused.exit_code, "`--watch` works only with" in refused.output) == (2, True)


def test_status_watch_shows_changes_until_it_is_interrupted(cluster: Cluster) -> None:
    with Watching(cluster) as watching:
        watching.wait_for(NAME)
        cluster.add_tag("1.21.9")
        watching.wait_for("kubernetes-1.21.9")

        watching.interrupt()

    assert watching.process.returncode == 0
    assert "Aborted" not in watching.seen


def test_a_skip_is_for_every_plan_and_a_retry_withdraws_it(cluster: Cluster) -> None:
    cluster.add_sync()

    assert cluster.call("skip", NAME).output == f"Asked: skip Tag {NAME}\n"
    assert cluster.spec("tag", NAME)["skip"] is True

    asked = cluster.call("retry", "1.21.2").output
    assert asked == f"Asked: retry Tag {NAME}\nAsked: retry Sync {SYNC}\n"
    assert "skip" not in cluster.spec("tag", NAME)
    assert cluster.spec("sync", SYNC)["retry"] > 0
    assert "rebuild" not in cluster.spec("sync", SYNC)

    assert cluster.call("rebuild", NAME).exit_code == 0
    assert cluster.spec("sync", SYNC)["rebuild"] > 0


def test_a_skip_for_one_plan_makes_the_sync_of_a_queued_release(cluster: Cluster) -> None:
    cluster.kubectl.run("apply", "--filename", PLAN)

    done = cluster.call("skip", NAME, "--plan", PLAN_NAME)

    assert done.output == f"Asked: skip Sync {SYNC}\n"
    assert cluster.spec("sync", SYNC) == {"plan": PLAN_NAME, "tag": NAME, "skip": True}
    assert "skip" not in cluster.spec("tag", NAME)


def test_a_skip_for_an_existing_sync_changes_nothing_else_of_it(cluster: Cluster) -> None:
    cluster.kubectl.run("apply", "--filename", PLAN)
    cluster.add_sync()
    cluster.call("retry", NAME)
    before = cluster.spec("sync", SYNC)

    cluster.call("skip", NAME, "--plan", PLAN_NAME)

    assert cluster.spec("sync", SYNC) == before | {"skip": True}


def test_a_skip_for_a_missing_plan_is_a_usage_error(cluster: Cluster) -> None:
    done = cluster.call("skip", NAME, "--plan", "z-typo")

    assert done.exit_code == 2
    assert "There is no Plan `z-typo`" in done.output


def test_a_release_that_never_ran_cannot_be_retried(cluster: Cluster) -> None:
    done = cluster.call("retry", NAME)

    assert done.exit_code == 2
    assert "starts by itself when its turn comes" in done.output


def test_a_missing_tag_is_a_usage_error(cluster: Cluster) -> None:
    done = cluster.call("retry", "9.9.9")

    assert done.exit_code == 2
    assert "There is no Tag `9.9.9`" in done.output


def test_logs_of_a_release_that_never_ran_say_so(cluster: Cluster) -> None:
    done = cluster.call("logs", NAME)

    assert done.exit_code == 2
    assert "Nothing has run" in done.output


def test_diff_shows_all_of_a_new_plan_and_nothing_of_an_applied_one(cluster: Cluster) -> None:
    cluster.kubectl.run("apply", "--filename", PLAN)
    before = cluster.call("compile", str(PLAN), "--diff")
    uid = cluster.kubectl.get("plan", "z-release-4.8")["metadata"]["uid"]
    apply_compiled(cluster, uid)

    after = cluster.call("compile", str(PLAN), "--diff")

    assert before.exit_code == 1
    assert "+  entrypoint: sync" in before.output
    assert (after.exit_code, after.output) == (0, "")


def apply_compiled(cluster: Cluster, uid: str) -> None:
    from resync_argo.local.compilation import compile_file  # noqa: PLC0415 - Hera takes its time
    from resync_argo.settings import Settings  # noqa: PLC0415 - as above

    cluster.kubectl.apply(compile_file(PLAN, cluster.namespace, Settings(), uid=uid))


def with_parameter(cluster: Cluster) -> None:
    """Apply the Plan with a parameter."""
    manifest = yaml.safe_load(PLAN.read_text())
    manifest["spec"]["config"]["parameters"] = [{"name": "JIRA", "pattern": "[A-Z]+-[0-9]+"}]
    cluster.kubectl.apply(manifest)


def test_a_value_is_set_for_every_plan_or_for_one_and_removed(cluster: Cluster) -> None:
    with_parameter(cluster)

    for_all = cluster.call("set", "1.21.2", "JIRA=OCPBUGS-1")
    for_one = cluster.call("set", NAME, "JIRA=OCPBUGS-2", "--plan", PLAN_NAME)
    tag, sync = cluster.spec("tag", NAME), cluster.spec("sync", SYNC)
    cluster.call("skip", NAME, "--plan", PLAN_NAME)
    kept = cluster.spec("sync", SYNC)
    back = cluster.call("set", NAME, "JIRA=", "--plan", PLAN_NAME)

    assert for_all.output == f"Set: JIRA of Tag {NAME}\n"
    assert for_one.output == f"Set: JIRA of Sync {SYNC}\n"
    assert tag["parameters"] == {"JIRA": "OCPBUGS-1"}
    assert sync["parameters"] == {"JIRA": "OCPBUGS-2"}
    assert kept == sync | {"skip": True}
    assert back.exit_code == 0, back.output
    assert not cluster.spec("sync", SYNC).get("parameters")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("JIRA=ocpbugs-1",), "JIRA must match `[A-Z]+-[0-9]+`."),
        (("JIRRA=A-1",), "JIRRA is not a parameter of the Plan: the Plan has JIRA."),
        (("JIRA",), "write `NAME=value`"),
        (("JIRA=A-1", "--plan", "z-typo"), "The Plan `z-typo` does not want the Tag"),
    ],
)
def test_a_value_that_no_plan_wants_is_a_usage_error(
    cluster: Cluster, words: tuple[str, ...], message: str
) -> None:
    with_parameter(cluster)

    done = cluster.call("set", NAME, *words)

    assert done.exit_code == 2
    assert message in done.output
    assert "parameters" not in cluster.spec("tag", NAME)
