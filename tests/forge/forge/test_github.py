import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from resync_argo.forge.credentials import Token
from resync_argo.forge.github.forge import GitHubForge
from resync_argo.forge.github.requester import CallPolicy
from resync_argo.forge.github.settling import SETTLE_SECONDS
from resync_argo.forge.interface import (
    CommitState,
    CommitStatus,
    ForgeUnavailable,
    PullRequest,
    PullRequestState,
    RepositoryMoved,
    RequestRefused,
)
from tests.forge.contract import BRANCH, Bench, ForgeContract, opened, shown
from tests.forge.github_bench import GitHubBench, app, connected
from tests.forge.launcher import ADMIN, BOT, MAINTAINER, OUTSIDER
from tests.forge.work import Work

pytestmark = pytest.mark.forge

READ_BY_US = {
    "pull-request": {
        *("number", "html_url", "state", "title", "body", "labels", "user", "head", "base"),
        *("merged_at", "merge_commit_sha", "updated_at", "head.ref", "head.sha", "base.ref"),
        *("head.repo", "head.label", "base.repo", "base.label"),
    },
    "repository": {"full_name"},
    "issue-comment": {"id", "body", "user", "created_at", "issue_url"},
    "diff-entry": {"filename", "status", "previous_filename", "additions", "deletions"},
    "simple-user": {"login"},
    "label": {"name"},
    "pull-request-review-request": {"users", "teams"},
    "git-ref": {"ref", "object", "object.sha"},
    "full-repository": {
        *("default_branch", "private", "permissions", "permissions.push"),
        *("full_name", "archived", "allow_merge_commit"),
    },
    "branch-with-protection": {"protected"},
    "commit-comparison": {"status", "merge_base_commit", "merge_base_commit.sha"},
    "installation": {"id"},
    "installation-token": {"token", "expires_at", "permissions"},
}
"""What our client reads of GitHub's answers: none of it may be made up by the face."""


class TestGitHub(ForgeContract):
    def test_refuses_a_branch_that_is_missing(self, bench: Bench) -> None:
        assert isinstance(bench, GitHubBench)
        clock = [0.0]
        client = connected(
            bench.running,
            bench.repository,
            Token(value=bench.running.tokens[BOT]),
            policy=CallPolicy(clock=lambda: clock[0]),
        )
        for seconds, kind in ((0, ForgeUnavailable), (SETTLE_SECONDS, RequestRefused)):
            clock[0] += seconds
            with pytest.raises(kind, match="head invalid"):
                client.create_pull_request(branch="nowhere", base="main", title="T", body="")


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
    bench.forge.has_linear_history("main")
    bench.forge.contains("main", pull.head_commit)
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


def test_threads_that_share_a_client_ask_one_after_the_other(bench: GitHubBench) -> None:
    numbers = [opened(bench, f"resync/plan/1.0.{patch}").number for patch in range(2)]

    def read(number: int) -> int:
        pull, _ = bench.forge.get_pull_request(number)
        assert isinstance(pull, PullRequest)
        return pull.number

    begun = len(bench.running.journal())
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, numbers * 4)) == numbers * 4

    asked = sorted(bench.ours(begun), key=lambda entry: entry.at)
    ends = [entry.at + entry.seconds for entry in asked]
    assert all(end <= later.at for end, later in zip(ends, asked[1:], strict=False))


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


def test_who_is_asked_or_has_reviewed_is_a_reviewer(bench: GitHubBench) -> None:
    number = opened(bench).number
    before = bench.forge.has_reviewers(number)
    bench.forge.request_reviewers(number, users=[MAINTAINER], teams=[])
    asked = bench.forge.has_reviewers(number)
    bench.pull(number).create_review(body="Looks good.", event="APPROVE")
    still_asked, _ = bench.pull(number).get_review_requests()

    assert (before, asked) == (False, True)
    assert list(still_asked) == []
    assert bench.forge.has_reviewers(number)


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
    assert shown(client.find_pull_request(BRANCH)) == shown(pull)
    assert bench.forge.find_pull_request(BRANCH) is None
    assert client.list_branches("resync/") == {BRANCH: head}
    bench.merge(pull.number)
    seen, _ = client.get_pull_request(pull.number)
    assert isinstance(seen, PullRequest)
    assert seen.state is PullRequestState.MERGED


def test_opens_a_pull_request_from_a_fork_of_the_same_owner_by_its_name(
    bench: GitHubBench, connections: ExitStack
) -> None:
    owner = bench.repository.partition("/")[0]
    client = connections.enter_context(
        connected(
            bench.running,
            bench.repository,
            Token(value=bench.running.tokens[BOT]),
            head=f"{owner}/project-bot",
        )
    )
    bench.work.commit(BRANCH, {"file": "new\n"}, base="main")

    # The test forge cannot have two repositories of one network under one owner: the branch is in the first.
    pull = client.create_pull_request(branch=BRANCH, base="main", title="T", body="")

    assert client.find_pull_request(BRANCH) is None, "its head is another repository's"
    assert shown(bench.forge.find_pull_request(BRANCH)) == shown(pull)


def test_a_renamed_repository_is_told_by_its_new_name_whatever_is_asked(bench: GitHubBench) -> None:
    number = opened(bench).number
    opened(bench, "dependabot/x")
    old = bench.repository
    new = bench.running.rename_repository(old, "renamed")
    forge = bench.forge
    calls = {
        "find": lambda: forge.find_pull_request(BRANCH, base="main"),
        "read": lambda: forge.get_pull_request(number),
        "open": lambda: forge.create_pull_request(branch="b", base="main", title="t", body=""),
        "change": lambda: forge.close_pull_request(number),
        "label": lambda: forge.add_labels(number, ["x"]),
        "branches": lambda: forge.list_branches("resync/"),
        "delete": lambda: forge.delete_branch(BRANCH),
        "look": forge.access,
    }

    for call in calls.values():
        with pytest.raises(
            RepositoryMoved, match=f"has moved to forge.test/{new}: correct its name"
        ):
            call()

    client = connected(bench.running, new, Token(value=bench.running.tokens[BOT]))
    found = client.find_pull_request(BRANCH)
    assert found is not None
    assert (found.number, found.state) == (number, PullRequestState.OPEN)


def test_sees_whether_a_repository_takes_merge_commits(bench: GitHubBench) -> None:
    assert bench.forge.access().merge_commits is True

    bench.running.set_merge_methods(bench.repository, merge=False)

    assert bench.forge.access().merge_commits is False


RULE = {"ruleset_source_type": "Organization", "ruleset_source": "octo", "ruleset_id": 1}
METHODS = {
    "dismiss_stale_reviews_on_push": False,
    "require_code_owner_review": False,
    "require_last_push_approval": False,
    "required_approving_review_count": 0,
    "required_review_thread_resolution": False,
}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([], False, id="none"),
        pytest.param([{"type": "deletion", **RULE}], False, id="another"),
        pytest.param([{"type": "required_linear_history", **RULE}], True, id="linear history"),
        pytest.param(
            [
                {
                    "type": "pull_request",
                    "parameters": {**METHODS, "allowed_merge_methods": ["squash", "rebase"]},
                    **RULE,
                }
            ],
            True,
            id="methods without merge",
        ),
        pytest.param(
            [
                {
                    "type": "pull_request",
                    "parameters": {**METHODS, "allowed_merge_methods": ["squash", "merge"]},
                    **RULE,
                }
            ],
            False,
            id="methods with merge",
        ),
    ],
)
def test_sees_rules_that_keep_merge_commits_out(
    bench: GitHubBench,
    rules: list[dict[str, object]],
    expected: bool,  # noqa: FBT001  pytest passes parameters by name
) -> None:
    bench.running.world.rules[bench.repository, "main"] = rules

    assert bench.forge.has_linear_history("main") is expected


def test_classic_protection_is_seen_by_administrators_alone(
    bench: GitHubBench, connections: ExitStack
) -> None:
    protection = {"required_linear_history": {"enabled": True}}
    bench.running.world.protections[bench.repository, "main"] = protection
    admin = connections.enter_context(
        connected(bench.running, bench.repository, Token(value=bench.running.tokens[ADMIN]))
    )

    assert bench.forge.has_linear_history("main") is None
    assert admin.has_linear_history("main") is True
