"""The overlays in docs/install.md, docs/page.md and docs/security.md do what the pages say, rendered by kustomize."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.kubectl import Kubectl

pytestmark = pytest.mark.apiserver

ROOT = Path(__file__).parents[3]
BEGIN = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the manifests, and an empty overlay `site` beside them."""
    for name in ("manifests", "crds"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "site").mkdir()
    return tmp_path


def block(page: str, word: str) -> str:
    """Return the YAML of a page that holds a word."""
    text = (ROOT / "docs" / page).read_text()
    (found,) = (it for it in re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S) if word in it)
    return str(found)


def rendered(checkout: Path, overlay: str) -> list[dict[str, Any]]:
    (checkout / "site" / "kustomization.yaml").write_text(overlay)
    text = Kubectl(kubeconfig=Path("/dev/null")).run("kustomize", checkout / "site")
    return list(yaml.safe_load_all(text))


def test_an_administrator_can_set_the_alerts_runbook_address(checkout: Path) -> None:
    overlay = BEGIN + block("install.md", "runbook_url")
    address = "https://git.example.com/ops/resync-argo/docs/operate.md"

    (rules,) = (it for it in rendered(checkout, overlay) if it["kind"] == "PrometheusRule")

    alerts = rules["spec"]["groups"][0]["rules"]
    told = [it["annotations"]["runbook_url"] for it in alerts]
    assert told == [f"{address}#{it['alert'].lower()}" for it in alerts]


def test_removing_a_controller_elsewhere_leaves_the_kinds(checkout: Path) -> None:
    overlay = (
        f"{BEGIN}resources:\n  - ../manifests/cluster-install\n{block('install.md', 'elsewhere')}"
    )
    whole = {it["kind"] for it in rendered(checkout, overlay)}
    text = (ROOT / "docs" / "install.md").read_text()
    command = re.search(r"^sed -i .*site/kustomization.yaml$", text, re.M)
    assert command is not None
    subprocess.run(["sh", "-c", command[0]], cwd=checkout, check=True)

    removed = rendered(checkout, (checkout / "site" / "kustomization.yaml").read_text())

    assert "CustomResourceDefinition" in whole
    assert "CustomResourceDefinition" not in {it["kind"] for it in removed}
    assert {it["metadata"].get("namespace") for it in removed} == {"elsewhere", None}
    assert "Deployment" in {it["kind"] for it in removed}


def test_fewer_people_may_edit_plans(checkout: Path) -> None:
    overlay = (
        f"{BEGIN}resources:\n  - ../manifests/cluster-install\n{block('security.md', '$patch')}"
    )

    roles = [
        it["metadata"]["name"] for it in rendered(checkout, overlay) if it["kind"] == "ClusterRole"
    ]

    assert "resync-argo-edit" not in roles
    assert "resync-argo-view" in roles


def test_only_labelled_pods_reach_the_page(checkout: Path) -> None:
    overlay = (
        f"{BEGIN}resources:\n  - ../manifests/cluster-install\n{block('page.md', 'components')}"
    )

    found = {(it["kind"], it["metadata"]["name"]): it for it in rendered(checkout, overlay)}

    (container,) = found["Deployment", "resync-argo-controller"]["spec"]["template"]["spec"][
        "containers"
    ]
    assert {"name": "RESYNC_PAGE_LISTEN", "value": "0.0.0.0:8082"} in container["env"]
    assert {"name": "page", "containerPort": 8082} in container["ports"]
    policy = found["NetworkPolicy", "resync-argo-page"]["spec"]
    assert (
        policy["podSelector"]
        == found["NetworkPolicy", "resync-argo-controller"]["spec"]["podSelector"]
    )
    (rule,) = policy["ingress"]
    login = next(it for it in yaml.safe_load_all(block("page.md", "oauth2-proxy")))
    labels = login["spec"]["template"]["metadata"]["labels"]
    (client,) = rule["from"]
    assert client["podSelector"]["matchLabels"].items() <= labels.items()
    service = found["Service", "resync-argo-page"]
    home = found["Deployment", "resync-argo-controller"]["metadata"]["namespace"]
    for kind in ("Service", "NetworkPolicy"):
        assert found[kind, "resync-argo-page"]["metadata"]["namespace"] == home
    host = f"{service['metadata']['name']}.{login['metadata']['namespace']}.svc"
    (proxy,) = login["spec"]["template"]["spec"]["containers"]
    assert f"--upstream=http://{host}" in proxy["args"]
    assert service["spec"]["ports"][0]["targetPort"] == "page" == rule["ports"][0]["port"]
