import time
from contextlib import ExitStack

import pytest

from resync_argo.api.plan import RepositoryName
from resync_argo.forge.credentials import App, Token
from resync_argo.forge.github.forge import GitHubForge
from resync_argo.forge.github.requester import CallPolicy
from resync_argo.forge.github.settling import SETTLE_SECONDS
from resync_argo.forge.interface import (
    CommitState,
    CommitStatus,
    CredentialsRefused,
    Forbidden,
    ForgeError,
    ForgeUnavailable,
    RateLimited,
    RepositoryNotFound,
    RequestRefused,
)
from resync_argo.settings import HostSettings
from tests.forge.contract import BRANCH, opened
from tests.forge.face.world import Fault
from tests.forge.github_bench import HOST, GitHubBench, connected
from tests.forge.launcher import BOT, OUTSIDER, TestForge

pytestmark = pytest.mark.forge


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


def test_a_body_that_is_too_long_is_refused(quiet: GitHubForge) -> None:
    with pytest.raises(RequestRefused, match="body is too long"):
        quiet.create_pull_request(branch="b", base="main", title="T", body="x" * 65_537)


@pytest.mark.usefixtures("quiet")
def test_a_status_for_a_commit_that_stays_missing_is_refused(forge: TestForge) -> None:
    clock = [0.0]
    token = Token(value=forge.tokens[BOT])
    policy = CallPolicy(clock=lambda: clock[0])
    status = CommitStatus(context="x", state=CommitState.SUCCESS, description="")

    with connected(forge, "quiet/project", token, policy=policy) as client:
        for seconds, kind in ((0, ForgeUnavailable), (SETTLE_SECONDS, RequestRefused)):
            clock[0] += seconds
            with pytest.raises(kind, match="No commit found"):
                client.set_commit_status("0" * 40, status)


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
