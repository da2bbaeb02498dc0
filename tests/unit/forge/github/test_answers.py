import pytest

from resync_argo.forge.github.answers import PermissionsAnswer, PullAnswer, RepositoryAnswer
from resync_argo.forge.interface import PullRequestState

MOMENT = "2026-01-02T03:04:05Z"


def repository(*, private: bool = True, push: bool = True) -> RepositoryAnswer:
    return RepositoryAnswer(
        full_name="o/n",
        default_branch="main",
        private=private,
        permissions=PermissionsAnswer(push=push),
    )


@pytest.mark.parametrize(
    ("scopes", "private", "expected"),
    [
        pytest.param("repo, workflow", True, (True, True, True, True), id="all"),
        pytest.param("repo", True, (True, True, True, False), id="no workflow scope"),
        pytest.param("public_repo", False, (True, True, True, False), id="public"),
        pytest.param(
            "public_repo", True, (False, False, False, False), id="public scope, private repository"
        ),
        pytest.param("", False, (False, False, False, False), id="no scopes"),
        pytest.param("repo:status", True, (False, False, True, False), id="statuses alone"),
        pytest.param(None, True, (True, None, None, None), id="fine-grained tokens do not tell"),
    ],
)
def test_a_classic_tokens_permissions_follow_from_its_scopes(
    scopes: str | None,
    private: bool,  # noqa: FBT001  pytest passes parameters by name
    expected: tuple[bool | None, ...],
) -> None:
    access = repository(private=private).access_of_token(scopes)

    told = (access.push, access.pull_requests, access.statuses, access.workflows)
    assert told == expected


def test_scopes_do_not_help_a_user_who_may_not_push() -> None:
    assert repository(push=False).access_of_token("repo").push is False


def test_an_apps_permissions_are_read() -> None:
    access = repository().access_of_app(
        {"contents": "write", "statuses": "write", "pull_requests": "read"}
    )

    told = (access.push, access.pull_requests, access.statuses, access.workflows)
    assert told == (True, False, True, False)


def test_the_test_merge_of_an_open_pull_request_is_not_a_merge() -> None:
    answer = {
        "number": 1,
        "html_url": "https://example.com/pull/1",
        "state": "open",
        "title": "T",
        "body": None,
        "labels": [],
        "user": None,
        "head": {"ref": "h", "sha": "1" * 40},
        "base": {"ref": "b", "sha": "2" * 40},
        "merged_at": None,
        "merge_commit_sha": "3" * 40,
        "updated_at": MOMENT,
    }

    pull = PullAnswer.model_validate(answer).pull_request()

    assert (pull.state, pull.merged_commit) == (PullRequestState.OPEN, None)
    assert (pull.author, pull.body) == ("ghost", "")
    closed = PullAnswer.model_validate({**answer, "state": "closed", "merged_at": MOMENT})
    assert closed.pull_request().merged_commit == "3" * 40
    assert [
        PullAnswer.model_validate(answer | known).pull_request().merges
        for known in ({}, {"mergeable": None}, {"mergeable": True}, {"mergeable": False})
    ] == [None, None, True, False]
