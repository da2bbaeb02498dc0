"""GitHub's unusual answers are temporary, or say what a person must do."""

import pytest

from resync_argo.errors import Stalled, Transient, requested_wait
from resync_argo.forge.github.settling import SETTLE_SECONDS
from resync_argo.forge.interface import ObjectNotFound, PullRequest, PullRequestState
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.reason import Kind
from tests.hosts import Asked, Reply
from tests.unit.forge.github.scripted_forge import (
    BRANCH,
    PULLS,
    answering,
    invalid,
    pull,
    refused,
    site,
)

UNSEEN = {
    "head invalid": ("/pulls", invalid(resource="PullRequest", field="head", code="invalid")),
    "head sha": (
        "/pulls",
        invalid(
            message="Head sha can't be blank, Base sha can't be blank, Head ref must be a branch"
        ),
    ),
    "label node": (
        "/labels",
        invalid(
            resource="Label", message="Could not resolve to a node with the global id of 'PR_x'."
        ),
    ),
    "label 404": ("/labels", refused(404, "Not Found")),
}


@pytest.mark.parametrize(("at", "reply"), UNSEEN.values(), ids=UNSEEN)
def test_a_new_object_may_be_invisible_for_a_while_but_not_for_ever(at: str, reply: Reply) -> None:
    with site(answering(at, reply)) as here:
        for now in (0.0, SETTLE_SECONDS - 1):
            here.seconds = now
            with pytest.raises(Transient, match="may not show yet") as passing:
                here.publish()
            assert passing.value.reason == "ForgeUnavailable"
            assert requested_wait(passing.value) > 0

        here.seconds = SETTLE_SECONDS
        with pytest.raises(Stalled) as person:
            here.publish()

    assert REASONS[person.value.reason].kind is Kind.PERSON


def test_once_visible_an_object_may_be_invisible_again() -> None:
    replies = [UNSEEN["head invalid"][1], Reply(status=201, body=pull(1))]

    def script(asked: Asked) -> Reply:
        if asked.method == "POST" and asked.path == PULLS:
            return replies[0] if len(replies) == 1 else replies.pop(0)
        return Reply(body=[])

    with site(script) as here:
        with pytest.raises(Transient):
            here.publish()
        here.publish()
        here.seconds, replies[:] = SETTLE_SECONDS, [UNSEEN["head invalid"][1]]

        with pytest.raises(Transient):
            here.publish()


def test_an_existing_pull_request_that_lists_hide_is_temporary_without_limit() -> None:
    there = invalid(
        resource="PullRequest", code="custom", message="A pull request already exists for o:b."
    )
    with site(answering("/pulls", there)) as here:
        for now in (0.0, 10 * SETTLE_SECONDS):
            here.seconds = now
            with pytest.raises(Transient, match="does not show it yet") as passing:
                here.publish()
            assert passing.value.reason == "ForgeUnavailable"


LIMITED = {
    "too quickly": invalid(
        resource="PullRequest", code="custom", message="was submitted too quickly"
    ),
    "abuse": refused(
        403, "You have triggered an abuse detection mechanism. Please wait a few minutes."
    ),
    "secondary": refused(403, "You have exceeded a secondary rate limit."),
}


@pytest.mark.parametrize("reply", LIMITED.values(), ids=LIMITED)
def test_every_form_of_the_rate_limit_is_recognised(reply: Reply) -> None:
    with site(answering("/pulls", reply)) as here, pytest.raises(Transient) as limited:
        here.publish()

    assert (limited.value.reason, limited.value.retry_after) == ("RateLimited", 60)


def test_too_large_a_list_is_not_a_rate_limit() -> None:
    reply = invalid(resource="PullRequest", message="the diff exceeded a limit")

    with site(answering("/pulls", reply)) as here, pytest.raises(Stalled) as refusal:
        here.publish()

    assert refusal.value.reason == "RequestRefused"


SIGN_ON = "https://github.com/orgs/octo/sso?authorization_request=AZ9"
PERSONS: dict[str, tuple[Reply, str]] = {
    "RepositoryArchived": (
        refused(403, "Repository was archived so is read-only."),
        r"the repository is archived: unarchive it.*Repository was archived so is read-only\.$",
    ),
    "SingleSignOnRequired": (
        refused(
            403,
            "Resource protected by organization SAML enforcement.",
            X_GitHub_SSO=f"required; url={SIGN_ON}",
        ),
        r"authorize the token for it at https://github\.com/orgs/octo/sso\?authorization_request=AZ9\.",
    ),
    "AddressNotAllowed": (
        refused(
            403,
            "Although you appear to have the correct authorization credentials, the `octo` organization"
            " has an IP allow list enabled, and your IP address is not permitted to access this resource.",
        ),
        "does not allow the cluster's address: add it to the IP allow list",
    ),
    "AccountSuspended": (refused(403, "Sorry. Your account was suspended."), "have it restored"),
    "PermissionMissing": (
        refused(403, "Resource not accessible", X_GitHub_SSO="partial-results; organizations=1"),
        "grant it to the token",
    ),
}


@pytest.mark.parametrize(("reason", "case"), PERSONS.items(), ids=PERSONS)
def test_a_forbidden_request_names_the_obstacle(reason: str, case: tuple[Reply, str]) -> None:
    with (
        site(answering("/pulls", case[0])) as here,
        pytest.raises(Stalled, match=case[1]) as person,
    ):
        here.publish()

    assert person.value.reason == reason
    assert "s3cret-token" not in str(person.value)


def test_a_pull_request_that_is_gone_stays_gone() -> None:
    with site(lambda _: refused(404, "Not Found")) as here, pytest.raises(ObjectNotFound):
        here.forge.get_pull_request(1)


MERGED = {"state": "closed", "merged_at": "2026-01-02T00:00:00Z", "merge_commit_sha": "3" * 40}


@pytest.mark.parametrize("asked_by", ["branch", "number"])
def test_a_half_visible_merge_is_a_merge(asked_by: str) -> None:
    """Gitea closes a pull request and marks it as merged in two tables, and may read between the two."""
    torn, whole = pull(7, state="closed"), pull(7, **MERGED)
    replies = [[torn] if asked_by == "branch" else torn, whole]

    with site(lambda _: Reply(body=replies.pop(0))) as here:
        if asked_by == "branch":
            found = here.forge.find_pull_request(BRANCH)
        else:
            read, _ = here.forge.get_pull_request(7)
            assert isinstance(read, PullRequest)
            found = read

    assert found is not None
    assert found.state is PullRequestState.MERGED
    assert not replies


def test_a_pull_request_that_stays_closed_is_abandoned() -> None:
    with site(lambda _: Reply(body=pull(7, state="closed"), headers={"ETag": '"2"'})) as here:
        read, etag = here.forge.get_pull_request(7)

    assert isinstance(read, PullRequest)
    assert read.state is PullRequestState.CLOSED
    assert etag == '"2"'
    assert len(here.host.asked) == 2
