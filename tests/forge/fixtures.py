"""pytest plugin: the test forge, one per session, and the check of every exchange with it.

`forge` is running and shared; `repository` is a fresh `owner/name` in it. A test marked `forge` fails when an
exchange departed from GitHub's OpenAPI description while it ran.
"""

import uuid
from collections.abc import Iterator

import pytest

from tests.forge.launcher import TestForge, start_forge


@pytest.fixture(scope="session")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestForge]:
    """A running forge that pods can reach too."""
    started = start_forge(tmp_path_factory.mktemp("forge"), listen="0.0.0.0")  # noqa: S104  for pods
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def _conforms_to_github(request: pytest.FixtureRequest) -> Iterator[None]:
    if "forge" not in request.fixturenames:
        yield
        return
    running: TestForge = request.getfixturevalue("forge")
    before = len(running.violations())
    yield
    found = running.violations()[before:]
    assert not found, "not as GitHub's OpenAPI description has it:\n" + "\n".join(found)


@pytest.fixture
def repository(forge: TestForge) -> str:
    """An empty public repository of its own organization, `owner/name`."""
    name = f"org-{uuid.uuid4().hex[:8]}/project"
    forge.create_repository(name)
    return name
