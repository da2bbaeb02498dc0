"""Renovate finds what it is to keep new; what it cannot read it leaves alone without a word."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SETTINGS = ROOT / ".github" / "renovate.json"
LOCK = ROOT / "manifests" / "image" / "requirements.txt"

UV_OPTIONS = {
    *("--constraints", "--emit-index-url", "--extra", "--extra-index-url", "--generate-hashes"),
    *("--index-url", "--no-emit-package", "--no-strip-extras", "--output-file"),
    *("--python-version", "--universal", "-v"),
}
"""The options that Renovate's manager `pip-compile` accepts of `uv pip compile`."""


@pytest.fixture
def settings() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SETTINGS.read_text())
    return found


def test_the_settings_are_what_renovates_schema_admits() -> None:
    schema = ("--builtin-schema", "vendor.renovate")
    subprocess.run([sys.executable, "-m", "check_jsonschema", *schema, SETTINGS], check=True)


def test_the_lock_begins_with_a_command_that_renovate_repeats() -> None:
    found = re.match(r"(#.*\n)+?# {4}uv pip compile (.+)\n", LOCK.read_text())

    assert found
    options = [word for word in found[2].split() if word.startswith("-")]
    assert {option.partition("=")[0] for option in options} <= UV_OPTIONS
    assert f"--output-file={LOCK.relative_to(ROOT)}" in options
    assert found[2].split()[-1] == "pyproject.toml"


def test_the_lock_is_the_file_that_it_looks_for(settings: dict[str, Any]) -> None:
    (pattern,) = settings["pip-compile"]["managerFilePatterns"]

    assert re.search(pattern.strip("/"), str(LOCK.relative_to(ROOT)))


@pytest.mark.parametrize("file", sorted(ROOT.glob("tests/**/go.mod")), ids=lambda f: f.parent.name)
def test_what_each_go_module_is_there_for_is_kept_new(file: Path, settings: dict[str, Any]) -> None:
    text = file.read_text()
    direct = re.findall(r"^\t?(?:require )?(\S+) v\S+$", text, re.M)
    indirect = re.findall(r"^\t?(?:require )?(\S+) v\S+ // indirect$", text, re.M)
    names = [
        name.removesuffix("**")
        for rule in settings["packageRules"]
        if "indirect" in rule.get("matchDepTypes", ()) and rule["enabled"]
        for name in rule["matchPackageNames"]
    ]

    assert direct or any(module.startswith(tuple(names)) for module in indirect)
    assert settings["ignorePaths"] == []  # the preset leaves out every folder `tests`
