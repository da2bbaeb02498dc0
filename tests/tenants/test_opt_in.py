"""With the delivered roles, nothing at all is done for a namespace before it opts in."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from resync_argo.api.conditions import Condition
from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import WORKFLOW_TEMPLATES
from resync_argo.controller.kube.errors import NotFound
from resync_argo.controller.tenancy import opt_in
from resync_argo.forge.interface import PullRequestState
from resync_argo.settings import HostSettings
from tests.apiserver.lab import UPSTREAM, Lab
from tests.cluster.apiserver import ApiServer
from tests.cluster.kubeconfig import write_kubeconfig
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for
from tests.git.merges import git, make_fork, merge
from tests.tenants.bad_host import BadHost, bad_host

pytestmark = pytest.mark.apiserver

ROLES = Path(__file__).parents[2] / "manifests" / "cluster-install" / "controller" / "roles.yaml"
USER = "controller-of-a-test"
SECONDS = 30.0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask about namespaces every half second."""
    monkeypatch.setattr(opt_in, "IN_SECONDS", 0.5)
    monkeypatch.setattr(opt_in, "OUT_SECONDS", 0.5)


@pytest.fixture
def upstream() -> Iterator[BadHost]:
    """A host that counts its callers."""
    with bad_host() as host:
        yield host


@pytest.fixture
def lab(crowded: ApiServer, upstream: BadHost, tmp_path: Path, quick: None) -> Lab:
    """A namespace that has not opted in, and a controller with the delivered roles."""
    del quick
    namespace = f"apart-{tmp_path.name[-12:].strip('-_')}".lower().replace("_", "-")
    kubectl = Kubectl(kubeconfig=crowded.kubeconfig)
    kubectl.run("create", "namespace", namespace)
    kubectl.run("apply", "--server-side", "--filename", ROLES)
    _bind(kubectl, "clusterrolebinding", "resync-argo-controller", f"{USER}-everywhere")
    lab = Lab(kubeconfig=crowded.kubeconfig, namespace=namespace, folder=tmp_path)
    lab.hosts = {"counting.test": HostSettings(git_url=upstream.url)}
    lab.is_everywhere = True
    lab.add_secret(token="token-of-a-test", webhookSecret="key")
    return lab


def _bind(kubectl: Kubectl, kind: str, role: str, name: str) -> None:
    made = kubectl.run(
        "create", kind, name, "--clusterrole", role, "--user", USER, "--dry-run=client", "-ojson"
    )
    kubectl.run("apply", "--filename=-", stdin=made)


def opts_in(lab: Lab) -> None:
    _bind(lab.kubectl, "rolebinding", "resync-argo-namespace", "resync-argo-controller")


@contextmanager
def running(lab: Lab, crowded: ApiServer) -> Iterator[None]:
    """Run the controller as the account of the roles."""
    pair = crowded.authority.issue(USER)
    config = write_kubeconfig(
        lab.folder / "controller.kubeconfig",
        server=crowded.url,
        authority=crowded.authority,
        user=pair,
    )
    administrator, lab.kubeconfig = lab.kubeconfig, config
    try:
        with lab.running():
            lab.kubeconfig = administrator
            yield
    finally:
        lab.kubeconfig = administrator


def add_plan(lab: Lab) -> None:
    lab.add_plan(upstream={"name": "counting.test/up/project", "matchedVersions": ["1.0.x"]})


def condition(lab: Lab, reason: str) -> Condition:
    """Wait for the Plan's condition Ready to have a reason, and return it."""

    def found() -> Condition | None:
        fitting = (c for c in lab.plan().status.conditions if c.type == "Ready")
        return next((c for c in fitting if c.reason == reason), None)

    return wait_for(
        found,
        deadline_seconds=SECONDS,
        describe=lambda: f"{reason}; it is {lab.plan().status.conditions}",
    )


def has_template(lab: Lab) -> bool:
    try:
        lab.kube.get(WORKFLOW_TEMPLATES, ObjectKey(lab.namespace, "z-1"))
    except NotFound:
        return False
    return True


def test_nothing_is_done_for_a_namespace_until_it_opts_in(
    lab: Lab, crowded: ApiServer, upstream: BadHost
) -> None:
    add_plan(lab)
    with running(lab, crowded):
        said = condition(lab, "NotOptedIn")
        time.sleep(3.0)
        calls, forge, compiled = upstream.connections, lab.forges.requests(), has_template(lab)
        types = {c.type for c in lab.plan().status.conditions}
        opts_in(lab)
        wait_for(lambda: upstream.connections, deadline_seconds=SECONDS, describe="a look")
        wait_for(lambda: has_template(lab), deadline_seconds=SECONDS, describe="the template")
        upstream.close()

    assert (calls, forge, compiled) == (0, [], False)
    assert types == {"Admitted", "Ready", "Stalled"}
    assert f"kubectl apply --server-side -n {lab.namespace} -k manifests/namespace" in said.message


def test_a_namespace_that_opts_out_is_left_alone(
    lab: Lab, crowded: ApiServer, upstream: BadHost
) -> None:
    opts_in(lab)
    add_plan(lab)
    with running(lab, crowded):
        wait_for(lambda: upstream.connections, deadline_seconds=SECONDS, describe="a look")
        lab.kubectl.run("delete", "rolebinding", "resync-argo-controller")
        condition(lab, "NotOptedIn")
        upstream.hang_up()
        time.sleep(2.0)  # a look that is under way calls once more before it gives up
        before = upstream.connections
        time.sleep(6.0)
        after = upstream.connections
        upstream.close()

    assert after == before


def test_a_squash_in_a_namespace_that_opts_out_is_not_recorded(
    lab: Lab, crowded: ApiServer
) -> None:
    downstream = lab.folder / "down/project"
    lab.release("v1.0.0")
    make_fork(lab.folder / "up/project", downstream)
    opts_in(lab)
    lab.add_plan(upstream={"name": UPSTREAM, "matchedVersions": ["1.0.1"]})
    with running(lab, crowded):
        workflow = lab.wait_for_run("1.0.1")
        pull = lab.forge.open("resync/z-1/1.0.1")
        lab.argo_ends(workflow, 0)
        lab.wait_until("1.0.1", "Finished", "PullRequestOpen")
        lab.kubectl.run("delete", "rolebinding", "resync-argo-controller")
        condition(lab, "NotOptedIn")
        commit = merge(downstream, "squash")
        shown = replace(lab.forge.pulls[pull.number], merged_commit=commit)
        lab.forge.pulls[pull.number] = replace(shown, state=PullRequestState.MERGED)
        time.sleep(4.0)
        before = git(downstream, "for-each-ref", "refs/resync-argo")
        opts_in(lab)
        lab.wait_until("1.0.1", "Finished", "SquashMerged")

    assert before == ""
    assert commit in git(downstream, "for-each-ref", "refs/resync-argo")
