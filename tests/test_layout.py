"""Tests lie where the code lies: a stranger finds the test of a module by its path.

`resync_argo/<package>/<module>.py` is tested by `tests/<tier>/<package>/test_<module>[_<aspect>].py`. What the
tests themselves are made of (`tests/<package>/<module>.py`, `tests/<tier>/<module>.py`) is tested likewise. What is
applied with kubectl has its tests in a folder of the same name, and a story that no single module tells lies in a
folder `stories/`.
"""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"

TIERS = ("unit", "git", "forge", "apiserver")
"""The tiers that are held to it."""

APPLIED = ("crds", "manifests")
"""Folders of what is applied with kubectl."""


def paths() -> list[str]:
    """Return the path of each test of these tiers, below `tests/`."""
    files = (file for tier in TIERS for file in (TESTS / tier).rglob("test_*.py"))
    return sorted(str(file.relative_to(TESTS)) for file in files)


def modules_in(folder: Path) -> set[str]:
    """Return the names of a package's modules and packages."""
    if not folder.is_dir():
        return set()
    return {
        entry.stem
        for entry in folder.iterdir()
        if entry.suffix in (".py", ".sh") or (entry / "__init__.py").is_file()
    }


def is_named_for(name: str, modules: set[str]) -> bool:
    """Return whether a test's name, without `test_`, is that of a module, perhaps with an aspect of it."""
    return any(name == module or name.startswith(f"{module}_") for module in modules)


def mirrors(path: str) -> bool:
    """Return whether a test lies where a module, a tool of the tests, or a story is looked for."""
    tier, *package, file = path.split("/")
    if "stories" in package or package[:1] in [[name] for name in APPLIED]:
        return True
    name = file.removeprefix("test_").removesuffix(".py")
    places = (
        (ROOT / "resync_argo").joinpath(*package),
        TESTS.joinpath(*package),
        (TESTS / tier).joinpath(*package),
    )
    return any(is_named_for(name, modules_in(place)) for place in places)


@pytest.mark.parametrize("path", paths())
def test_a_test_lies_where_its_module_does(path: str) -> None:
    assert mirrors(path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("unit/controller/polling/test_poller.py", True),
        ("unit/controller/polling/test_poller_fairness.py", True),
        ("unit/controller/test_poller.py", False),
        ("unit/controller/polling/test_pollers.py", False),
        ("unit/nowhere/test_poller.py", False),
        ("git/stories/test_life_of_a_release.py", True),
    ],
)
def test_the_rule_itself(path: str, *, expected: bool) -> None:
    assert mirrors(path) is expected
