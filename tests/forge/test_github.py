from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from resync_argo.api.plan import RepositoryName
from resync_argo.forge.credentials import Token
from resync_argo.forge.github import GitHubForge
from resync_argo.settings import HostSettings
from tests.forge.contract import ForgeContract
from tests.forge.launcher import BOT, MAINTAINER, TestForge
from tests.forge.work import Work

HOST = "forge.test"

pytestmark = pytest.mark.forge


@dataclass
class GitHubBench:
    forge: GitHubForge
    work: Work
    running: TestForge
    repository: str

    def merge(self, number: int) -> None:
        assert self._pull(number).merge().merged

    def close(self, number: int) -> None:
        self._pull(number).edit(state="closed")

    def _pull(self, number: int):  # type: ignore[no-untyped-def]
        return self.running.as_user(MAINTAINER).get_repo(self.repository).get_pull(number)


def hosts(running: TestForge) -> dict[str, HostSettings]:
    return {HOST: HostSettings(api_url=running.api_url, git_url=running.git_url)}


@pytest.fixture
def bench(forge: TestForge, repository: str, tmp_path: Path) -> Iterator[GitHubBench]:
    work = Work(tmp_path / "clone", push_url=forge.push_url(repository, BOT))
    work.commit("main", {"README": "hello\n"})
    with GitHubForge(
        RepositoryName.of(f"{HOST}/{repository}"),
        credentials=Token(value=forge.tokens[BOT]),
        hosts=hosts(forge),
    ) as client:
        yield GitHubBench(forge=client, work=work, running=forge, repository=repository)


class TestGitHub(ForgeContract):
    pass
