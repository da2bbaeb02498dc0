"""The documentation cannot lie: settings, samples, links and commands are compared with the code."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.settings import Settings
from tests.cluster.apiserver import ApiServer, start_apiserver
from tests.cluster.toolchain import binary
from tests.docs.slugs import slug

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [*DOCS, *sorted(ROOT.glob("*.md")), ROOT / "tests" / "README.md"]
KINDS = {"Plan": Plan.parse, "Tag": Tag.parse}
INSTALL_KINDS = """
kubectl apply --server-side -k crds
kubectl wait --for=condition=Established -f crds/plan.yaml -f crds/tag.yaml -f crds/sync.yaml
"""


def test_every_setting_is_documented_with_its_description_and_no_other() -> None:
    page = (ROOT / "docs" / "operate.md").read_text()
    rows = dict(re.findall(r"^\| `RESYNC_(\w+)` \| [^|]* \| (.+) \|$", page, re.M))

    assert rows == {
        name.upper(): field.description for name, field in Settings.model_fields.items()
    }


def samples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of our kinds that a page shows."""
    for page in PAGES:
        for block in re.findall(r"^```yaml[^\n]*\n(.*?)^```$", page.read_text(), re.M | re.S):
            for document in yaml.safe_load_all(block):
                if isinstance(document, dict) and document.get("kind") in KINDS:
                    yield f"{page.name}: {document['metadata']['name']}", document


SAMPLES = dict(samples())


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_what_the_kinds_admit(name: str) -> None:
    sample = SAMPLES[name]
    kind = yaml.safe_load((ROOT / "crds" / f"{sample['kind'].lower()}.yaml").read_text())
    (version,) = kind["spec"]["versions"]
    schema = version["schema"]["openAPIV3Schema"]

    Draft202012Validator(_closed(schema)).validate(sample)
    KINDS[sample["kind"]]({**sample, "metadata": {**sample["metadata"], "namespace": "docs"}})


def _closed(schema: Any) -> Any:
    """Return the schema with unknown fields refused, as `kubectl --validate=strict` does."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", schema["properties"] == {})
    if "metadata" in closed.get("properties", {}):
        closed["properties"]["metadata"] = {"type": "object"}
    return closed


def test_options_of_a_command_stand_behind_its_name() -> None:
    before_it = re.compile(r"(?:resync-argo|kubectl resync) (?:-[nAp]|--namespace|--plan)\b.*")

    assert {
        page.name: found for page in PAGES if (found := before_it.findall(page.read_text()))
    } == {}


def test_contributors_find_what_the_page_names() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)

    for path in re.findall(r"`((?:resync_argo|crds|docs|tests)/[^`]*)`", page):
        assert (ROOT / path).exists(), path
    for target in re.findall(r"\bmake ([a-z-]+)", page):
        assert target in targets, target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]+`", "", page.read_text())  # a pattern looks like a link
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http://", "https://")):
            path, _, anchor = target.partition("#")
            file = (page.parent / path) if path else page
            assert file.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in _anchors(file), f"{page.name} links to {target}"


def _anchors(page: Path) -> set[str]:
    return {slug(title) for title in re.findall(r"^#+ (.+)$", page.read_text(), re.M)}


def scripts(page: Path) -> list[str]:
    """Return the blocks of a page that are marked to be run."""
    return re.findall(r"^```sh run\n(.*?)^```$", page.read_text(), re.M | re.S)


@pytest.fixture(scope="module")
def fresh_apiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server of this module's own: what is installed and removed here nobody else meets."""
    server = start_apiserver(tmp_path_factory.mktemp("docs"))
    yield server
    server.stop()


@pytest.mark.apiserver
@pytest.mark.parametrize(
    "page", [page for page in DOCS if scripts(page)], ids=lambda page: page.name
)
def test_commands_that_are_marked_run(
    page: Path, fresh_apiserver: ApiServer, tmp_path: Path
) -> None:
    for folder in ("manifests", "crds", "tests/samples"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    programs = f"{Path(sys.executable).parent}:{binary('kubectl').parent}"
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "KUBECONFIG": str(fresh_apiserver.kubeconfig),
    }

    if page.name != "install.md":
        # With another home: what kubectl remembers of the server is from before.
        run(INSTALL_KINDS, environment | {"HOME": f"{tmp_path}/before"}, tmp_path)
    for script in scripts(page):
        # Nothing ends objects here: there is an API server and no controller manager.
        patient = script.replace("kubectl delete", "kubectl delete --wait=false")
        run(patient, environment, tmp_path)


def run(script: str, environment: dict[str, str], folder: Path) -> None:
    done = subprocess.run(
        ["sh", "-ec", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stderr}"
