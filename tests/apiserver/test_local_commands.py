"""The commands that look at a cluster from a laptop, on a real API server."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from resync_argo.cli import cli
from resync_argo.names import RETRY_ANNOTATION, SKIP_ANNOTATION
from tests.cluster.apiserver import ApiServer
from tests.cluster.kubectl import Kubectl

pytestmark = pytest.mark.apiserver

PLAN = Path(__file__).parents[1] / "samples" / "plan-mended.yaml"
NAME = "kubernetes-1.21.2"


@dataclass(frozen=True)
class Cluster:
    """A namespace, and the program pointed at it."""

    kubectl: Kubectl
    namespace: str

    def call(self, *words: str) -> Result:
        where = ("--kubeconfig", str(self.kubectl.kubeconfig), "-n", self.namespace)
        return CliRunner().invoke(cli, [*words, *where], env={"COLUMNS": "200"})

    def annotations(self) -> dict[str, Any]:
        found: dict[str, Any] = self.kubectl.get("tag", NAME)["metadata"].get("annotations", {})
        return found


@pytest.fixture
def cluster(kinds: ApiServer) -> Iterator[Cluster]:
    name = f"local-{uuid.uuid4().hex[:8]}"
    kubectl = Kubectl(kubeconfig=kinds.kubeconfig)
    kubectl.run("create", "namespace", name)
    made = Cluster(kubectl.within(name), name)
    for version in ("1.21.2", "1.21.3"):
        made.kubectl.apply(
            {
                "apiVersion": "resync.openshift.io/v1alpha1",
                "kind": "Tag",
                "metadata": {"name": f"kubernetes-{version}"},
                "spec": {"repository": "github.com/kubernetes/kubernetes", "version": version},
            }
        )
    yield made
    kubectl.run("delete", "namespace", name, "--wait=false")


def test_status_and_graph_show_the_tags(cluster: Cluster) -> None:
    status, graph = cluster.call("status"), cluster.call("graph", "--format", "mermaid")

    assert status.exit_code == 0, status.output
    assert NAME in status.output
    assert "1.21.2 (no Plan)" in graph.output


def test_retry_rebuild_and_skip_annotate_the_tag(cluster: Cluster) -> None:
    assert cluster.call("skip", NAME).exit_code == 0
    assert cluster.annotations()[SKIP_ANNOTATION] == "true"

    assert cluster.call("retry", "1.21.2").exit_code == 0
    assert cluster.annotations()[RETRY_ANNOTATION].startswith("retry-at-")
    assert SKIP_ANNOTATION not in cluster.annotations()

    assert cluster.call("rebuild", NAME).exit_code == 0
    assert cluster.annotations()[RETRY_ANNOTATION].startswith("rebuild-")


def test_a_tag_that_is_not_there_is_a_usage_error(cluster: Cluster) -> None:
    done = cluster.call("retry", "9.9.9")

    assert done.exit_code == 2
    assert "There is no Tag `9.9.9`" in done.output


def test_logs_of_what_never_ran_say_so(cluster: Cluster) -> None:
    done = cluster.call("logs", NAME)

    assert done.exit_code == 2
    assert "Nothing has run" in done.output


def test_diff_is_all_of_a_new_plan_and_nothing_of_an_applied_one(cluster: Cluster) -> None:
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
