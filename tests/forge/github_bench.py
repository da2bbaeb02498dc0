"""A bench for the GitHub client: the test forge, a repository in it, a person's clone, and our client."""

from dataclasses import dataclass

from github.PullRequest import PullRequest as GitHubPullRequest

from resync_argo.api.plan import RepositoryName
from resync_argo.forge.credentials import App, Credentials
from resync_argo.forge.github.forge import GitHubForge
from resync_argo.forge.github.requester import PLAIN, CallPolicy
from resync_argo.settings import HostSettings
from tests.forge.face.world import Entry
from tests.forge.launcher import MAINTAINER, TestForge
from tests.forge.work import Work

HOST = "forge.test"


@dataclass
class GitHubBench:
    forge: GitHubForge
    work: Work
    running: TestForge
    repository: str

    def merge(self, number: int) -> None:
        assert self.pull(number).merge().merged

    def close(self, number: int) -> None:
        self.pull(number).edit(state="closed")

    def pull(self, number: int) -> GitHubPullRequest:
        return self.running.as_user(MAINTAINER).get_repo(self.repository).get_pull(number)

    def ours(self, begun: int) -> list[Entry]:
        """The journal's lines since `begun` that our client caused."""
        return [it for it in self.running.journal()[begun:] if it.agent == "resync-argo"]


def connected(
    running: TestForge,
    repository: str,
    credentials: Credentials,
    *,
    head: str | None = None,
    policy: CallPolicy = PLAIN,
) -> GitHubForge:
    return GitHubForge(
        RepositoryName.of(f"{HOST}/{repository}"),
        credentials=credentials,
        hosts={HOST: HostSettings(api_url=running.api_url, git_url=running.git_url)},
        head_repository=RepositoryName.of(f"{HOST}/{head}") if head else None,
        policy=policy,
    )


def app(bench: GitHubBench) -> App:
    return App(app_id=str(bench.running.app.app_id), private_key=bench.running.app.private_key)
