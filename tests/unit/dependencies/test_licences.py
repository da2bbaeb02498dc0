"""A licence that is incompatible with Apache-2.0 is refused, however the package names it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.dependencies.licences import installed_components, is_allowed, refusals

METADATA = "Metadata-Version: 2.4\nName: {name}\nVersion: 1\n{line}\n"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with packages that name their licences in all possible ways."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for name, line in {
        "copyleft": "License-Expression: GPL-3.0-only",
        "old_copyleft": "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
        "both": "License-Expression: MIT AND AGPL-3.0-only",
        "contradictory": "License: Apache-2.0\nClassifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
        "contrary": "License: GPL-3.0-only\nClassifier: License :: OSI Approved :: MIT License",
        "proprietary": "License: All rights reserved",
        "silent": "",
        "Free.Choice": "License-Expression: GPL-3.0-only OR MIT",
        "free": "License-Expression: Apache-2.0",
        "old_free": "Classifier: License :: OSI Approved :: BSD License",
    }.items():
        info = site / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(METADATA.format(name=name, line=line))
    return folder / "bin" / "python"


def test_each_forbidden_package_is_named(python: Path) -> None:
    components = installed_components(str(python))
    wanted = {"free", "old-free", "free-choice"}
    refused = {"copyleft", "old-copyleft", "both", "proprietary", "silent"}
    refused |= {"contradictory", "contrary"}

    lines = list(refusals(components, wanted | refused | {"absent"}))

    assert {line.split()[0] for line in lines} == refused | {"absent"}
    assert "copyleft is under GPL-3.0-only" in lines
    assert "silent is under no licence that it names" in lines
    assert "absent is not installed, so its licence is not known" in lines


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("(MIT OR GPL-3.0-only) AND ISC", True),
        ("MIT AND (GPL-3.0-only OR AGPL-3.0-only)", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("MIT AND", False),
        ("Whatever", False),
        ("", False),
    ],
)
def test_an_expression_is_parsed_as_spdx(expression: str, *, expected: bool) -> None:
    assert is_allowed(expression) == expected
