"""The provenance names each file with its digest, the commit, and everything that pins the inputs."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.release.provenance import write_provenance
from tests.release.source import export_source

pytestmark = pytest.mark.apiserver


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def statement(release: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((release / "provenance.intoto.json").read_text())
    return found


def test_it_names_each_built_file(release: Path, statement: dict[str, Any]) -> None:
    named = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}

    after = {"provenance.intoto.json", "SHA256SUMS", "SHA256SUMS.sig"}
    built = {file.name: digest(file) for file in release.iterdir() if file.name not in after}
    assert named == built


def test_it_names_their_sources(project: Path, statement: dict[str, Any], tmp_path: Path) -> None:
    source = export_source(project, tmp_path)
    predicate = statement["predicate"]
    materials = {
        each.get("name", each.get("uri")): each.get("digest")
        for each in predicate["buildDefinition"]["resolvedDependencies"]
    }

    assert materials["source"] == {"gitCommit": source.commit}
    for file in ("manifests/image/requirements.txt", "Containerfile"):
        assert materials[file] == {"sha256": digest(tmp_path / file)}
    assert any(name.startswith("pkg:pypi/hatchling@") for name in materials)
    assert predicate["runDetails"]["builder"]["id"] == "https://ci.example.com/"


def test_it_names_an_image_by_its_digest_in_the_registry(project: Path, tmp_path: Path) -> None:
    source = export_source(project, tmp_path / "source")
    target = tmp_path / "files"
    target.mkdir()

    write_provenance(source, target, images={"r/i:1": f"sha256:{'a' * 64}"}, builder="urn:b")

    written = json.loads((target / "provenance.intoto.json").read_text())
    assert written["subject"] == [{"name": "r/i:1", "digest": {"sha256": "a" * 64}}]
