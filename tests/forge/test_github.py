import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from github.PullRequest import PullRequest as GitHubPullRequest

from resync_argo.api.plan import RepositoryName
from resync_argo.forge.credentials import App, Credentials, Token
from resync_argo.forge.github import GitHubForge
from resync_argo.forge.github_client import mint_token
from resync_argo.forge.interface import (
    CommitState,
    CommitStatus,
    CredentialsRefused,
    Forbidden,
    ForgeError,
    ForgeUnavailable,
    PullRequest,
    PullRequestState,
    RateLimited,
    RepositoryNotFound,
    RequestRefused,
)
from resync_argo.settings import HostSettings
from tests.forge.contract import BRANCH, ForgeContract, opened
from tests.forge.face.world import Entry, Fault
from tests.forge.launcher import BOT, MAINTAINER, OUTSIDER, TestForge
from tests.forge.work import Work

HOST = "forge.test"
READ_BY_US = {
    "pull-request": {
        *("number", "html_url", "state", "title", "body", "labels", "user", "head", "base"),
        *("merged_at", "merge_commit_sha", "updated_at", "head.ref", "head.sha", "base.ref"),
    },
    "issue-comment": {"id", "body", "user", "created_at"},
    "diff-entry": {"filename", "status", "previous_filename", "additions", "deletions"},
    "simple-user": {"login"},
    "label": {"name"},
    "git-ref": {"ref", "object", "object.sha"},
    "full-repository": {"default_branch", "private", "permissions", "permissions.push"},
    "installation": {"id"},
    "installation-token": {"token", "expires_at", "permissions"},
}
"""What our client reads of GitHub's answers: none of it may be made up by the face."""

pytestmark = pytest.mark.forge


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
    running: TestForge, repository: str, credentials: Credentials, *, head: str | None = None
) -> GitHubForge:
    return GitHubForge(
        RepositoryName.of(f"{HOST}/{repository}"),
        credentials=credentials,
        hosts={HOST: HostSettings(api_url=running.api_url, git_url=running.git_url)},
        head_repository=RepositoryName.of(f"{HOST}/{head}") if head else None,
    )


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
    """A client of a repository that nobody changes: enough to be refused."""
    forge.create_repository("quiet/project")
    with connected(forge, "quiet/project", Token(value=forge.tokens[BOT])) as client:
        yield client


class TestGitHub(ForgeContract):
    pass


def publish(client: GitHubForge) -> PullRequest:
    """Do what a clean sync asks of the forge."""
    assert client.find_pull_request(BRANCH, base="main") is None
    pull = client.create_pull_request(branch=BRANCH, base="main", title="Sync", body="Body")
    client.add_labels(pull.number, ["resync"])
    client.request_reviewers(pull.number, users=[MAINTAINER], teams=[])
    return pull


def test_a_clean_sync_makes_four_requests(bench: GitHubBench) -> None:
    bench.work.commit(BRANCH, {"file": "new\n"}, base="main")
    begun = len(bench.running.journal())

    publish(bench.forge)

    assert [entry.method for entry in bench.ours(begun)] == ["GET", "POST", "POST", "POST"]


def test_a_clean_sync_of_an_app_makes_six_requests(
    bench: GitHubBench, connections: ExitStack
) -> None:
    bench.work.commit(BRANCH, {"file": "new\n"}, base="main")
    client = connections.enter_context(connected(bench.running, bench.repository, app(bench)))
    begun = len(bench.running.journal())

    pull = publish(client)

    assert len(bench.ours(begun)) == 6
    assert pull.author == "resync[bot]"


def test_polling_an_unchanged_pull_request_is_answered_304(bench: GitHubBench) -> None:
    number = opened(bench).number
    _, etag = bench.forge.get_pull_request(number)
    begun = len(bench.running.journal())

    for _ in range(3):
        _, etag = bench.forge.get_pull_request(number, etag=etag)

    assert [(it.status, it.conditional) for it in bench.ours(begun)] == [(304, True)] * 3


def test_nothing_that_we_read_is_made_up_by_the_face(
    bench: GitHubBench, connections: ExitStack
) -> None:
    begun = len(bench.running.journal())
    pull = opened(bench)
    bench.forge.comment(pull.number, "hello")
    bench.forge.list_comments(pull.number)
    bench.forge.list_files(pull.number)
    bench.forge.list_branches("resync/")
    bench.forge.access()
    connections.enter_context(connected(bench.running, bench.repository, app(bench))).access()

    made_up = {path for entry in bench.ours(begun) for path in entry.filled}

    read = {f"{schema}.{name}" for schema, names in READ_BY_US.items() for name in names}
    read |= {path.replace("pull-request.", "pull-request-simple.") for path in read}
    assert made_up, "the face always makes something up"
    assert made_up & read == set()


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_sees_a_merge_of_any_method(bench: GitHubBench, method: str) -> None:
    pull = opened(bench)
    bench.work.commit("main", {"meanwhile": "other\n"})

    deadline = time.monotonic() + 60
    while not bench.pull(pull.number).mergeable and time.monotonic() < deadline:
        pass
    assert bench.pull(pull.number).merge(merge_method=method).merged

    seen, _ = bench.forge.get_pull_request(pull.number)
    assert isinstance(seen, PullRequest)
    assert seen.state is PullRequestState.MERGED
    bench.work.git("fetch", "--quiet", bench.running.push_url(bench.repository, BOT), "main")
    assert bench.work.git("rev-parse", "FETCH_HEAD") == seen.merged_commit


def test_sees_that_a_closed_one_was_reopened(bench: GitHubBench) -> None:
    pull = opened(bench)
    bench.close(pull.number)

    bench.pull(pull.number).edit(state="open")

    found = bench.forge.find_pull_request(BRANCH)
    assert found is not None
    assert found.state is PullRequestState.OPEN


def test_a_status_is_seen_by_people(bench: GitHubBench) -> None:
    pull = opened(bench)
    for state, text in ((CommitState.FAILURE, "2 files left"), (CommitState.SUCCESS, "x" * 500)):
        status = CommitStatus(
            context="resync/resolution", state=state, description=text, url="https://example.com/x"
        )
        bench.forge.set_commit_status(pull.head_commit, status)

    commit = (
        bench.running.as_user(MAINTAINER).get_repo(bench.repository).get_commit(pull.head_commit)
    )
    combined = commit.get_combined_status()

    assert combined.state == "success"
    assert [status.context for status in combined.statuses] == ["resync/resolution"]
    assert len(combined.statuses[0].description) == 140


def test_tells_who_may_write(bench: GitHubBench) -> None:
    assert bench.forge.can_write(MAINTAINER)
    assert not bench.forge.can_write(OUTSIDER)
    assert not bench.forge.can_write("nobody-of-that-name")
    assert not bench.forge.can_write("../../../user")


def test_reads_lists_that_are_longer_than_one_page(bench: GitHubBench) -> None:
    names = [f"file-{count:03d}" for count in range(101)]
    bench.work.commit(BRANCH, dict.fromkeys(names, "new\n"), base="main")
    pull = bench.forge.create_pull_request(branch=BRANCH, base="main", title="T", body="")

    assert [file.path for file in bench.forge.list_files(pull.number)] == names


def test_asks_users_and_teams_for_reviews(bench: GitHubBench) -> None:
    owner = bench.repository.partition("/")[0]
    bench.running.create_team(owner, "reviewers", (MAINTAINER,))
    number = opened(bench).number

    bench.forge.request_reviewers(number, users=[MAINTAINER], teams=["reviewers"])

    users, teams = bench.pull(number).get_review_requests()
    assert [user.login for user in users] == [MAINTAINER]
    assert [team.slug for team in teams] == ["reviewers"]


def test_a_reviewer_who_may_not_is_named_in_the_refusal(bench: GitHubBench) -> None:
    number = opened(bench).number

    with pytest.raises(RequestRefused, match="could not ask reviewers for pull request #1"):
        bench.forge.request_reviewers(number, users=["nobody-of-that-name"], teams=[])


def test_opens_a_pull_request_from_a_fork(
    bench: GitHubBench, connections: ExitStack, tmp_path: Path
) -> None:
    fork_owner = f"{bench.repository.partition('/')[0]}-fork"
    bench.running.ensure_organization(fork_owner)
    fork = bench.running.create_fork(bench.repository, fork_owner)
    in_fork = Work(tmp_path / "fork", push_url=bench.running.push_url(fork, BOT))
    in_fork.git("pull", "--quiet", bench.running.push_url(fork, BOT), "main")
    head = in_fork.commit(BRANCH, {"file": "from the fork\n"}, base="main")
    client = connections.enter_context(
        connected(
            bench.running, bench.repository, Token(value=bench.running.tokens[BOT]), head=fork
        )
    )
    assert client.find_pull_request(BRANCH) is None

    pull = client.create_pull_request(branch=BRANCH, base="main", title="From a fork", body="")

    assert (pull.head_branch, pull.head_commit) == (BRANCH, head)
    assert client.find_pull_request(BRANCH) == pull
    assert bench.forge.find_pull_request(BRANCH) is None
    assert client.list_branches("resync/") == {BRANCH: head}
    bench.merge(pull.number)
    seen, _ = client.get_pull_request(pull.number)
    assert isinstance(seen, PullRequest)
    assert seen.state is PullRequestState.MERGED


def app(bench: GitHubBench) -> App:
    return App(app_id=str(bench.running.app.app_id), private_key=bench.running.app.private_key)


def test_an_app_is_told_apart_by_its_permissions(
    bench: GitHubBench, connections: ExitStack
) -> None:
    access = connections.enter_context(
        connected(bench.running, bench.repository, app(bench))
    ).access()

    assert (access.push, access.pull_requests, access.workflows) == (True, True, True)


def test_a_token_for_git_is_minted_or_handed_on(bench: GitHubBench, tmp_path: Path) -> None:
    hosts = {HOST: HostSettings(api_url=bench.running.api_url)}

    def mint(credentials: Credentials) -> str:
        return mint_token(
            host=HOST, repository=bench.repository, credentials=credentials, hosts=hosts
        )

    assert mint(Token(value="as it is")) == "as it is"
    address = f"http://x-access-token:{mint(app(bench))}@127.0.0.1:{bench.running.port}"
    bench.work.git("clone", "--quiet", f"{address}/{bench.repository}.git", str(tmp_path / "again"))


def test_a_key_that_is_no_key_is_told_without_showing_it(forge: TestForge) -> None:
    credentials = App(app_id="1", private_key="-----BEGIN secret-thing-----")

    with pytest.raises(CredentialsRefused, match="not a PEM private key") as refused:
        connected(forge, "quiet/project", credentials).find_pull_request(BRANCH)

    assert "secret-thing" not in str(refused.value)
    assert "secret-thing" not in repr(credentials)


def test_an_app_that_is_not_known_is_refused(bench: GitHubBench) -> None:
    credentials = App(app_id="999", private_key=bench.running.app.private_key)

    with pytest.raises(CredentialsRefused, match="valid App id and key"):
        connected(bench.running, bench.repository, credentials).find_pull_request(BRANCH)


def test_bad_credentials_are_refused(bench: GitHubBench, connections: ExitStack) -> None:
    client = connected(bench.running, bench.repository, Token(value="not-a-token"))

    with pytest.raises(CredentialsRefused, match="put a valid token") as refused:
        connections.enter_context(client).access()

    assert "not-a-token" not in str(refused.value)


def test_a_private_repository_is_not_found_by_outsiders(
    bench: GitHubBench, connections: ExitStack
) -> None:
    name = f"{bench.repository}-private"
    bench.running.create_repository(name, private=True)
    outsider = connected(bench.running, name, Token(value=bench.running.tokens[OUTSIDER]))

    with pytest.raises(RepositoryNotFound, match="may not see it: check the name"):
        connections.enter_context(outsider).find_pull_request(BRANCH)


def test_an_outsider_may_not_write(bench: GitHubBench, connections: ExitStack) -> None:
    head = opened(bench).head_commit
    outsider = connected(
        bench.running, bench.repository, Token(value=bench.running.tokens[OUTSIDER])
    )
    client = connections.enter_context(outsider)

    assert client.access().push is False
    with pytest.raises(Forbidden, match="lack the permission"):
        client.set_commit_status(
            head, CommitStatus(context="x", state=CommitState.SUCCESS, description="")
        )


def test_a_status_for_a_commit_that_is_missing_is_refused(quiet: GitHubForge) -> None:
    status = CommitStatus(context="x", state=CommitState.SUCCESS, description="")

    with pytest.raises(RequestRefused, match="No commit found"):
        quiet.set_commit_status("0" * 40, status)


SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


@pytest.mark.parametrize(
    ("fault", "kind", "retry_after"),
    [
        pytest.param(
            Fault(status=401, message="Bad credentials"), CredentialsRefused, None, id="401"
        ),
        pytest.param(Fault(status=403, message="No"), Forbidden, None, id="403"),
        pytest.param(Fault(status=404, message="Not Found"), RepositoryNotFound, None, id="404"),
        pytest.param(Fault(status=410, message="Gone"), RequestRefused, None, id="410"),
        pytest.param(Fault(status=422, message="Bad"), RequestRefused, None, id="422"),
        pytest.param(
            Fault(status=429, headers={"Retry-After": "7"}),
            RateLimited,
            7.0,
            id="429 with Retry-After",
        ),
        pytest.param(
            Fault(status=403, message=SECONDARY, headers={"Retry-After": "5"}),
            RateLimited,
            5.0,
            id="secondary limit",
        ),
        pytest.param(
            Fault(status=403, message=SECONDARY), RateLimited, 60.0, id="secondary without a time"
        ),
        pytest.param(Fault(status=500), ForgeUnavailable, None, id="500"),
        pytest.param(
            Fault(status=503, headers={"Retry-After": "3"}),
            ForgeUnavailable,
            3.0,
            id="503 with Retry-After",
        ),
    ],
)
def test_each_refusal_says_what_happens_next(
    forge: TestForge,
    quiet: GitHubForge,
    fault: Fault,
    kind: type[ForgeError],
    retry_after: float | None,
) -> None:
    forge.fail(fault)

    with pytest.raises(kind) as refused:
        quiet.find_pull_request(BRANCH)

    assert getattr(refused.value, "retry_after", None) == retry_after
    assert str(refused.value).startswith(f"{HOST}/quiet/project: could not look for")
    assert forge.tokens[BOT] not in str(refused.value)
    assert quiet.find_pull_request(BRANCH) is None, "the next request works"


def test_waits_for_the_primary_limit_until_it_is_reset(
    forge: TestForge, quiet: GitHubForge
) -> None:
    reset = int(time.time()) + 120
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    forge.fail(Fault(status=403, message="API rate limit exceeded for user", headers=headers))

    with pytest.raises(RateLimited) as limited:
        quiet.access()

    assert limited.value.retry_after == pytest.approx(120, abs=10)


def test_names_the_permission_that_github_names(forge: TestForge, quiet: GitHubForge) -> None:
    headers = {"X-Accepted-GitHub-Permissions": "pull_requests=write"}
    forge.fail(Fault(status=403, message="Resource not accessible", headers=headers))

    with pytest.raises(Forbidden, match="pull_requests=write"):
        quiet.find_pull_request(BRANCH)


def test_a_host_that_does_not_answer_is_tried_again_later(connections: ExitStack) -> None:
    unreachable = {HOST: HostSettings(api_url="http://127.0.0.1:9/api/v3")}
    client = GitHubForge(
        RepositoryName.of(f"{HOST}/owner/name"), credentials=Token(value="t"), hosts=unreachable
    )

    with pytest.raises(ForgeUnavailable, match="did not answer"):
        connections.enter_context(client).access()


def test_a_host_that_is_no_forge_is_told(forge: TestForge, connections: ExitStack) -> None:
    elsewhere = {HOST: HostSettings(api_url=f"{forge.git_url}/not/the/api")}
    client = GitHubForge(
        RepositoryName.of(f"{HOST}/owner/name"), credentials=Token(value="t"), hosts=elsewhere
    )

    with pytest.raises((ForgeUnavailable, RepositoryNotFound)):
        connections.enter_context(client).access()
