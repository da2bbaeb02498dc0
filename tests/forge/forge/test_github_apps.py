"""A GitHub App as the credentials: its permissions, its tokens, and what happens when they expire."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from resync_argo.api.plan import RepositoryName
from resync_argo.forge.credentials import Credentials, Token
from resync_argo.forge.github.forge import GitHubForge
from resync_argo.forge.github.tokens import AppTokens, token_source
from resync_argo.settings import HostSettings
from tests.cluster.waiting import wait_for
from tests.forge.contract import BRANCH
from tests.forge.github_bench import HOST, GitHubBench, app, connected

pytestmark = pytest.mark.forge


def test_an_app_is_told_apart_by_its_permissions(
    bench: GitHubBench, connections: ExitStack
) -> None:
    access = connections.enter_context(
        connected(bench.running, bench.repository, app(bench))
    ).access()

    assert (access.push, access.pull_requests, access.statuses) == (True, True, True)
    assert access.issues is True
    assert access.workflows is True


def test_a_token_for_git_is_minted_or_handed_on(bench: GitHubBench, tmp_path: Path) -> None:
    hosts = {HOST: HostSettings(api_url=bench.running.api_url)}

    def mint(credentials: Credentials) -> str:
        return token_source(
            host=HOST, repository=bench.repository, credentials=credentials, hosts=hosts
        )()

    assert mint(Token(value="as it is")) == "as it is"
    address = f"http://x-access-token:{mint(app(bench))}@127.0.0.1:{bench.running.port}"
    bench.work.git("clone", "--quiet", f"{address}/{bench.repository}.git", str(tmp_path / "again"))


def tokens_of(bench: GitHubBench) -> AppTokens:
    return AppTokens(
        host=HOST,
        repository=bench.repository,
        credentials=app(bench),
        hosts={HOST: HostSettings(api_url=bench.running.api_url)},
    )


@pytest.fixture
def short_lived(bench: GitHubBench) -> Iterator[GitHubBench]:
    """A forge whose App's tokens live for two seconds."""
    bench.running.world.token_seconds = 2.0
    yield bench
    bench.running.world.token_seconds = 3600.0


def test_a_client_outlives_the_tokens_of_its_app(
    short_lived: GitHubBench, connections: ExitStack
) -> None:
    world, tokens = short_lived.running.world, tokens_of(short_lived)
    forge = GitHubForge(
        RepositoryName.of(f"{HOST}/{short_lived.repository}"),
        credentials=tokens,
        hosts={HOST: HostSettings(api_url=short_lived.running.api_url)},
    )
    client = connections.enter_context(forge)
    first = f"token {tokens.token()}"
    assert client.find_pull_request(BRANCH) is None

    wait_for(lambda: world.is_expired(first), deadline_seconds=30, describe="the token to expire")

    assert client.find_pull_request(BRANCH) is None


def test_a_token_with_life_left_is_used_again(bench: GitHubBench) -> None:
    tokens = tokens_of(bench)
    begun = len(bench.running.journal())

    assert tokens.token() == tokens.token()
    assert [entry.method for entry in bench.ours(begun)] == ["GET", "POST"]
