"""An unchanged pull request costs no quota, and tenants do not see each other's answers."""

from dataclasses import replace

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.pull_requests import PullRequests, by_people
from resync_argo.forge.interface import PullRequestState
from resync_argo.names import OBSOLETE_LABEL
from tests.fakes import FakeForge

REPOSITORY = "forge.test/down/project"
SECRET = ObjectKey("ns", "github")
OTHER = ObjectKey("other", "github")


class CountsChanges(FakeForge):
    """A forge that counts its answers other than 304."""

    told = 0

    def get_pull_request(self, number: int, *, etag: str | None = None):  # type: ignore[no-untyped-def]  # as the fake's
        answer, etag_now = super().get_pull_request(number, etag=etag)
        self.told += etag != etag_now
        return answer, etag_now


def test_an_unchanged_pull_request_comes_from_the_cache() -> None:
    forge, known = CountsChanges(), PullRequests()
    forge.open("branch")

    first, second = (known.by_number(SECRET, REPOSITORY, forge, 1) for _ in range(2))
    forge.set_state(1, PullRequestState.MERGED)
    third = known.by_number(SECRET, REPOSITORY, forge, 1)

    assert first == second
    assert third is not None
    assert (third.state, forge.told) == (PullRequestState.MERGED, 2)


def test_one_secrets_pull_request_is_not_shown_to_another() -> None:
    forge, known = CountsChanges(), PullRequests()
    forge.open("branch", files=("a",))
    for secret in (SECRET, OTHER):
        found = known.by_number(secret, REPOSITORY, forge, 1)
        assert found is not None
        known.files(secret, REPOSITORY, forge, found)

    assert forge.told == 2
    assert forge.requests.count("files 1") == 2


def test_files_are_asked_for_once_for_each_state_of_the_head() -> None:
    forge, known = FakeForge(), PullRequests()
    opened = forge.open("branch", files=("a", "b"))

    paths = [known.files(SECRET, REPOSITORY, forge, opened) for _ in range(2)]
    forge.push(1, "f" * 40)
    known.files(SECRET, REPOSITORY, forge, forge.pulls[1])

    assert paths == [("a", "b")] * 2
    assert forge.requests == ["files 1", "files 1"]


def test_a_pull_request_that_we_closed_ourselves_is_ignored() -> None:
    forge, known = FakeForge(), PullRequests()
    opened = forge.open("branch")
    closed = replace(opened, state=PullRequestState.CLOSED, labels=(OBSOLETE_LABEL,))
    forge.pulls[1] = closed

    assert [known.by_number(SECRET, REPOSITORY, forge, 1) for _ in range(2)] == [None, None]
    assert by_people(replace(closed, labels=())) is not None
    assert by_people(replace(closed, state=PullRequestState.OPEN)) is not None
