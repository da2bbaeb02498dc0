"""How often the forge is asked about a pull request: seldom, and at once when there is news."""

import math

import pytest

from resync_argo.api.tag import Sync
from resync_argo.controller.forge.pull_requests import PullRequests
from resync_argo.controller.sync.lookups import SLOW_INTERVALS, intervals_for
from resync_argo.forge.interface import NotModified, PullRequest, PullRequestState
from tests.fakes import FakeForge
from tests.unit.controller.builders import BEFORE, NOW, sync

REPOSITORY = "forge.test/down/project"


class NewsMeanwhile(FakeForge):
    """A forge on which a person merges, and the webhook comes, while an answer is on its way."""

    known: PullRequests

    def get_pull_request(
        self, number: int, *, etag: str | None = None
    ) -> tuple[PullRequest | NotModified, str | None]:
        answer = super().get_pull_request(number, etag=etag)
        if len(self.requests) == 1:
            self.set_state(number, PullRequestState.MERGED)
            self.known.look_again(REPOSITORY, number)
        return answer


def test_news_that_come_while_an_answer_is_on_its_way_are_looked_at_next() -> None:
    forge = NewsMeanwhile()
    forge.known = PullRequests(30.0, lambda: 0.0)
    forge.open("branch")

    seen = [forge.known.by_number(REPOSITORY, forge, 1) for _ in range(3)]

    assert [one and one.state for one in seen] == ["open", "merged", "merged"]
    assert forge.requests == ["get 1", "get 1"]


def test_one_that_nobody_waits_for_is_asked_about_when_there_is_news_alone() -> None:
    forge, moments = FakeForge(), iter(range(0, 10**9, 10**7))
    known = PullRequests(30.0, lambda: float(next(moments)))
    forge.open("branch")
    for _ in range(5):
        known.by_number(REPOSITORY, forge, 1, intervals=math.inf)
    asked = len(forge.requests)
    known.look_again(REPOSITORY, 1)
    known.by_number(REPOSITORY, forge, 1, intervals=math.inf)

    assert (asked, len(forge.requests)) == (1, 2)


@pytest.mark.parametrize(
    ("abandoned", "expected"),
    [
        (sync("Skipped", "Abandoned", finish_time=BEFORE), SLOW_INTERVALS),
        (sync("Skipped", "Abandoned", finish_time="2025-12-01T00:00:00Z"), math.inf),
        (sync("Skipped", "Abandoned"), math.inf),
    ],
    ids=["a day ago", "a month ago", "nobody knows when"],
)
def test_a_closed_pull_request_is_looked_at_now_and_then_for_a_week(
    abandoned: Sync, expected: float
) -> None:
    assert intervals_for(abandoned, NOW) == expected
