"""The manifests apply on a real API server, and grant exactly the necessary permissions."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.apiserver import ApiServer
from tests.cluster.errors import ClusterError
from tests.cluster.kubectl import Kubectl

pytestmark = pytest.mark.apiserver

MANIFESTS = Path(__file__).parents[3] / "manifests"
CONTROLLER = "system:serviceaccount:resync-argo:resync-argo-controller"
OPTED_IN = "install-opted-in"
APART = "install-apart"
ALONE = "install-alone"
EXECUTOR = f"system:serviceaccount:{OPTED_IN}:resync-argo-executor"
ALONE_CONTROLLER = f"system:serviceaccount:{ALONE}:resync-argo-controller"

EVERYWHERE = [
    *(
        f"{verb} {kind}.resync.openshift.io"
        for verb in ("get", "list", "watch")
        for kind in ("plans", "tags", "syncs")
    ),
    *(
        f"{verb} {kind}.argoproj.io"
        for verb in ("get", "list", "watch")
        for kind in ("workflows", "workflowtemplates")
    ),
    "patch plans.resync.openshift.io/status",
    "patch tags.resync.openshift.io/status",
    "patch syncs.resync.openshift.io/status",
    "create events.events.k8s.io",
]
WHERE_IT_WORKS = [
    *(
        f"{verb} {kind}"
        for verb in ("create", "patch")
        for kind in (
            "tags.resync.openshift.io",
            "syncs.resync.openshift.io",
            "workflows.argoproj.io",
            "workflowtemplates.argoproj.io",
        )
    ),
    "update plans.resync.openshift.io/finalizers",
    "update syncs.resync.openshift.io/finalizers",
    "delete syncs.resync.openshift.io",
    "get secrets",
    "get pods",
    "get persistentvolumeclaims",
]
AT_HOME = [
    "create leases.coordination.k8s.io",
    "get leases.coordination.k8s.io resync-argo",
    "update leases.coordination.k8s.io resync-argo",
]
NOWHERE = [
    "get leases.coordination.k8s.io",
    "update leases.coordination.k8s.io another",
    "list pods",
    "watch pods",
    "get pods/log",
    "delete pods",
    "list secrets",
    "watch secrets",
    "create pods",
    "create pods/exec",
    "get serviceaccounts",
    "create serviceaccounts/token",
    "patch plans.resync.openshift.io",
    "update tags.resync.openshift.io/finalizers",
    "delete tags.resync.openshift.io",
    "delete workflows.argoproj.io",
    "create rolebindings.rbac.authorization.k8s.io",
    "impersonate users",
]

REPORTING = [f"{verb} workflowtaskresults.argoproj.io" for verb in ("create", "patch")]

Rights = Callable[[str, str, str], bool]


@pytest.fixture(scope="module")
def installed(kinds: ApiServer) -> Iterator[Kubectl]:
    """Both ways of installing, a namespace that takes part, and one that does not."""
    kubectl = Kubectl(kubeconfig=kinds.kubeconfig)
    for name in (OPTED_IN, APART, ALONE):
        kubectl.run("create", "namespace", name)
    apply(kubectl, "cluster-install")
    apply(kubectl.within(OPTED_IN), "namespace")
    apply(kubectl.within(ALONE), "namespace-install")
    yield kubectl
    for name in (OPTED_IN, APART, ALONE, "resync-argo"):
        kubectl.run("delete", "namespace", "--wait=false", name)


def apply(kubectl: Kubectl, base: str) -> None:
    kubectl.run("apply", "--server-side", "--force-conflicts", "--kustomize", MANIFESTS / base)


@pytest.fixture(scope="module")
def rights(installed: Kubectl) -> Rights:
    """The API server's answers about an account, a namespace and a permission, each asked once."""
    asked = [
        (account, namespace, right)
        for account in (CONTROLLER, ALONE_CONTROLLER, EXECUTOR)
        for namespace in (OPTED_IN, APART, ALONE, "resync-argo")
        for right in (*EVERYWHERE, *WHERE_IT_WORKS, *AT_HOME, *NOWHERE, *REPORTING)
    ]
    reviews = {"apiVersion": "v1", "kind": "List", "items": [review(*each) for each in asked]}
    answers = documents(
        installed.run("create", "--filename=-", "--output=json", stdin=json.dumps(reviews))
    )
    allowed = [answer["status"]["allowed"] for answer in answers]
    known = dict(zip(asked, allowed, strict=True))
    return lambda account, namespace, right: known[account, namespace, right]


def review(account: str, namespace: str, right: str) -> dict[str, Any]:
    """Ask about a permission, written `verb resource.group/subresource name`; the last two are optional."""
    verb, resource, *name = right.split()
    kind, _, subresource = resource.partition("/")
    plural, _, group = kind.partition(".")
    attributes = {
        "namespace": namespace,
        "verb": verb,
        "resource": plural,
        "group": group,
        "name": "".join(name),
    }
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": account, "resourceAttributes": {**attributes, "subresource": subresource}},
    }


@pytest.mark.parametrize("right", EVERYWHERE)
def test_the_clusters_controller_reads_and_reports_everywhere(rights: Rights, right: str) -> None:
    assert rights(CONTROLLER, APART, right)


@pytest.mark.parametrize("right", WHERE_IT_WORKS)
def test_it_works_only_in_namespaces_that_opted_in(rights: Rights, right: str) -> None:
    assert rights(CONTROLLER, OPTED_IN, right)
    assert not rights(CONTROLLER, APART, right)


@pytest.mark.parametrize("right", NOWHERE)
def test_no_controller_may_do_more(rights: Rights, right: str) -> None:
    for namespace in (OPTED_IN, APART, "resync-argo"):
        assert not rights(CONTROLLER, namespace, right)
    assert not rights(ALONE_CONTROLLER, ALONE, right)


@pytest.mark.parametrize("right", [*EVERYWHERE, *WHERE_IT_WORKS])
def test_a_namespaces_controller_works_only_in_its_own_namespace(
    rights: Rights, right: str
) -> None:
    assert rights(ALONE_CONTROLLER, ALONE, right)
    assert not rights(ALONE_CONTROLLER, APART, right)


@pytest.mark.parametrize("right", AT_HOME)
def test_a_controller_elects_its_leader_only_in_its_own_namespace(
    rights: Rights, right: str
) -> None:
    assert rights(CONTROLLER, "resync-argo", right)
    assert rights(ALONE_CONTROLLER, ALONE, right)
    for namespace in (OPTED_IN, APART):
        assert not rights(CONTROLLER, namespace, right)
    assert not rights(ALONE_CONTROLLER, "resync-argo", right)


def test_a_controller_reads_its_own_pod(rights: Rights) -> None:
    assert rights(CONTROLLER, "resync-argo", "get pods")


def test_argos_executor_may_only_report(rights: Rights) -> None:
    assert all(rights(EXECUTOR, OPTED_IN, right) for right in REPORTING)
    for right in (*EVERYWHERE, *WHERE_IT_WORKS, *AT_HOME, *NOWHERE):
        assert not rights(EXECUTOR, OPTED_IN, right)


def test_pod_security_restricted_admits_the_controller(installed: Kubectl) -> None:
    namespace = installed.get("namespace", "resync-argo")
    deployment = installed.within("resync-argo").get("deployment", "resync-argo-controller")

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    dry_run(installed.within("resync-argo"), pod_of(deployment))


def test_pod_security_restricted_refuses_an_unsafe_pod(installed: Kubectl) -> None:
    deployment = installed.within("resync-argo").get("deployment", "resync-argo-controller")
    pod = pod_of(deployment)
    pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True

    with pytest.raises(ClusterError, match="PodSecurity"):
        dry_run(installed.within("resync-argo"), pod)


def test_an_overlay_names_the_image_once(installed: Kubectl, tmp_path: Path) -> None:
    overlay = {
        "resources": [relative(MANIFESTS / "cluster-install", tmp_path)],
        "components": [relative(MANIFESTS / "openshift", tmp_path)],
        "images": [{"name": "resync-argo", "newName": "registry.example/bot", "newTag": "2.0"}],
    }
    (tmp_path / "kustomization.yaml").write_text(json.dumps(overlay))

    built = installed.run("create", "--dry-run=client", "-ojson", "--kustomize", tmp_path)

    (container,) = next(
        item["spec"]["template"]["spec"]["containers"]
        for item in documents(built)
        if item["kind"] == "Deployment"
    )
    assert container["image"] == "registry.example/bot:2.0"
    assert {"name": "RESYNC_RUN_AS_USER", "value": "0"} in container["env"]
    assert "RESYNC_IMAGE" not in {variable["name"] for variable in container["env"]}


@pytest.mark.parametrize(
    ("namespace", "name"),
    [("resync-argo", "resync-argo-controller"), (OPTED_IN, "resync-argo-attempts")],
)
def test_a_network_policy_allows_egress_except_to_cloud_metadata(
    installed: Kubectl, namespace: str, name: str
) -> None:
    rule, names = installed.within(namespace).get("networkpolicy", name)["spec"]["egress"]
    blocks = {peer["ipBlock"]["cidr"]: peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer}

    assert "ports" not in rule
    assert {"namespaceSelector": {}} in rule["to"]
    assert blocks.keys() == {"0.0.0.0/0", "::/0"}
    assert "169.254.0.0/16" in blocks["0.0.0.0/0"]["except"]
    assert {port["port"] for port in names["ports"]} == {53}


def test_uninstalling_keeps_the_kinds_and_so_the_plans_and_tags(installed: Kubectl) -> None:
    for base in ("cluster-install", "namespace-install"):
        removed = installed.run("kustomize", MANIFESTS / base / "controller")
        assert "kind: CustomResourceDefinition" not in removed
        assert "kind: CustomResourceDefinition" in installed.run("kustomize", MANIFESTS / base)


def pod_of(deployment: dict[str, Any]) -> dict[str, Any]:
    template = deployment["spec"]["template"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**template["metadata"], "name": "trial"},
        "spec": template["spec"],
    }


def dry_run(kubectl: Kubectl, manifest: dict[str, Any]) -> None:
    kubectl.run("create", "--dry-run=server", "--filename=-", stdin=json.dumps(manifest))


def documents(text: str) -> list[dict[str, Any]]:
    """Read the JSON documents that kubectl prints one after the other."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        document, end = decoder.raw_decode(text)
        found.extend(document.get("items", [document]))
        text = text[end:]
    return found


def relative(path: Path, start: Path) -> str:
    return os.path.relpath(path, start)
