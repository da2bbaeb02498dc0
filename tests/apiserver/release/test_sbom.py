"""The bill of materials lists exactly what the image's lock pins, with the hashes that pip insists on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.dependencies.lock import LOCK, locked_packages, normalised

pytestmark = pytest.mark.apiserver


@pytest.fixture
def components(release: Path) -> list[dict[str, Any]]:
    (file,) = release.glob("*.cdx.json")
    found: list[dict[str, Any]] = json.loads(file.read_text())["components"]
    return found


def test_it_has_each_package_that_the_lock_pins(components: list[dict[str, Any]]) -> None:
    assert {normalised(each["name"]) for each in components} == locked_packages()
    pinned = set(re.findall(r"^([\w.-]+==\S+)", LOCK.read_text(), re.M))
    assert {f"{each['name']}=={each['version']}" for each in components} == pinned


def test_it_has_each_hash_of_the_lock(components: list[dict[str, Any]]) -> None:
    hashes = {
        entry["content"]
        for component in components
        for reference in component["externalReferences"]
        for entry in reference["hashes"]
    }

    assert hashes == set(re.findall(r"--hash=sha256:(\S+)", LOCK.read_text()))
