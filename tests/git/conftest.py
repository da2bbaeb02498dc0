"""Fixtures for tests with real git."""

from pathlib import Path

import pytest

from tests.cluster.packages import ensure_programs
from tests.git.builders import World, make_world
from tests.git.conflict_story import BASE, DOWNSTREAM, MERGE, UPSTREAM, Story, make_story
from tests.git.debian_gits import RELEASES
from tests.git.local_runs import BRANCH, Laptop, make_laptop


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that need more of Debian than a git and a shell."""
    for item in items:
        if _of_debian(item):
            item.add_marker(pytest.mark.debian)


def _of_debian(item: pytest.Item) -> bool:
    called = item.callspec.params if hasattr(item, "callspec") else {}
    words = [word for it in called.values() for word in (it if isinstance(it, tuple) else (it,))]
    return "busybox" in words or any(it in words for it in RELEASES)


@pytest.fixture(scope="session", autouse=True)
def shells(request: pytest.FixtureRequest) -> None:
    """Provide other images' shells, if a test needs more than this machine has."""
    if any(item.get_closest_marker("debian") for item in request.session.items):
        ensure_programs({"dash": "dash", "busybox": "busybox-static"})


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return an upstream with 1.1.0 and a downstream that forked it at 1.0.0."""
    return make_world(tmp_path)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Return a merge that conflicts in two files."""
    return make_story(
        tmp_path / "world", MERGE, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM
    )


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """Return a person's machine with both repositories and a Plan."""
    return make_laptop(tmp_path)


@pytest.fixture
def in_conflict(laptop: Laptop) -> Laptop:
    """Return a laptop whose release conflicts with downstream's changes."""
    laptop.world.downstream.commit(
        BRANCH, {"VERSION": "1.0.0-downstream\n"}, message="Carry a version"
    )
    return laptop
