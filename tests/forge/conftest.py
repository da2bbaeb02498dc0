"""Fixtures of the tests that need the test forge."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from resync_argo.forge.credentials import Token
from resync_argo.forge.github.forge import GitHubForge
from tests.forge.github_bench import GitHubBench, connected
from tests.forge.launcher import BOT, TestForge
from tests.forge.work import Work


@pytest.fixture
def work(forge: TestForge, repository: str, tmp_path: Path) -> Work:
    made = Work(tmp_path / "clone", push_url=forge.push_url(repository, BOT))
    made.commit("main", {"README": "hello\n"})
    return made


@pytest.fixture
def connections() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def bench(forge: TestForge, repository: str, work: Work, connections: ExitStack) -> GitHubBench:
    client = connected(forge, repository, Token(value=forge.tokens[BOT]))
    connections.enter_context(client)
    return GitHubBench(forge=client, work=work, running=forge, repository=repository)


@pytest.fixture(scope="module")
def quiet(forge: TestForge) -> Iterator[GitHubForge]:
    """A client of a repository that nobody changes, for tests of refusals."""
    forge.create_repository("quiet/project")
    with connected(forge, "quiet/project", Token(value=forge.tokens[BOT])) as client:
        yield client
