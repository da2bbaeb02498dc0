"""On an open final pull request, only commands that concern it count."""

from dataclasses import dataclass, field
from unittest.mock import Mock

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.api.parameters.parameter import Parameter
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.comments.commands import Command, Comments, Verb
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.pull_requests import PullRequests
from resync_argo.controller.forge.reviewer import Reviewer
from resync_argo.controller.forge.view import ForgeView, Lookups
from resync_argo.errors import Stalled
from resync_argo.forge.interface import Comment, Forbidden, PullRequestState
from tests.fakes import FakeForge, FakeForges
from tests.unit.controller.builders import Clock
from tests.unit.controller.forge.test_forges import Rotated

DOWNSTREAM = "forge.test/down/project"
SECRET = ObjectKey("ns", "github")
SYNC = "resync/z-1/1.0.0"


@dataclass
class Site:
    """A final pull request, and people who comment on it."""

    forge: FakeForge = field(default_factory=lambda: FakeForge(writers={"ann"}))

    def __post_init__(self) -> None:
        forges = Forges(Rotated(), FakeForges(made={DOWNSTREAM: self.forge}).connect)
        self.reviewer = Reviewer(
            forges=forges,
            pull_requests=PullRequests(),
            comments=Comments(Clock()),
            remotes=Mock(),
            owners=Mock(),
            records=Mock(),
        )
        self.number = self.forge.open(SYNC).number

    def look(self, *, is_blocked: bool = False, after: int = 0) -> ForgeView:
        access = ForgeAccess(
            downstream=DOWNSTREAM, fork=None, branch="main", secret=SECRET, fork_secret=SECRET
        )
        lookups = Lookups(
            plan="z-1",
            line="1.0.0",
            final=True,
            final_number=self.number,
            is_blocked=is_blocked,
            after=after,
            parameters=(Parameter(name="JIRA", pattern="[A-Z]+-[0-9]+"),),
        )
        return self.reviewer.look(None, (access, lookups))

    def heard(self, verb: Verb, *, is_blocked: bool = False) -> bool:
        self.forge.say(self.number, "ann", f"/resync {verb}")
        return self.look(is_blocked=is_blocked).command == Command(verb=verb, comment=1)


@pytest.mark.parametrize("verb", ["refresh", "hold", "unhold", "rebuild"])
def test_people_can_have_an_open_pull_request_rebuilt_or_held(verb: Verb) -> None:
    assert Site().heard(verb)


@pytest.mark.parametrize("verb", ["retry", "skip"])
def test_other_commands_do_not_count_on_an_open_pull_request(verb: Verb) -> None:
    assert not Site().heard(verb)
    assert Site().heard(verb, is_blocked=True)


def test_a_command_counts_once() -> None:
    site = Site()
    site.heard("hold")

    assert site.look(after=1).command is None


def test_no_command_counts_after_the_merge() -> None:
    site = Site()
    site.forge.set_state(site.number, PullRequestState.MERGED)

    assert not site.heard("refresh")


def test_comments_are_read_once_for_each_change_of_the_pull_request() -> None:
    site = Site()
    for _ in range(3):
        site.look()

    assert site.forge.requests == ["get 1", "comments 1", "get 1", "get 1"]


class Discreet(FakeForge):
    """Shows its bot no comments."""

    def list_comments(self, number: int, **_: object) -> list[Comment]:
        raise Forbidden("PermissionMissing", f"The comments of {number} may not be read.")


def test_a_merge_is_noticed_even_if_comments_cannot_be_read() -> None:
    site = Site(Discreet())

    found = site.look().final

    assert found is not None
    assert site.look().command is None
    site.forge.set_state(site.number, PullRequestState.CLOSED)
    with pytest.raises(Stalled):
        site.look()


def test_a_value_counts_on_an_open_pull_request_and_an_invalid_one_is_answered_once() -> None:
    site = Site()
    site.forge.say(site.number, "ann", "/resync set JIRA=A-1")
    site.forge.say(site.number, "ann", "/resync retry")
    site.forge.say(site.number, "ann", "/resync set JIRA=a")

    heard = [site.look().command for _ in range(3)][-1]

    assert heard is not None
    assert (heard.verb, heard.comment) == (None, 3)
    assert [(it.name, it.value) for it in heard.settings] == [("JIRA", "A-1")]
    answers = [it.body for it in site.forge.comments[site.number] if it.author != "ann"]
    assert ["JIRA must match `[A-Z]+-[0-9]+`." in it for it in answers] == [True]
    assert site.look(after=heard.comment).command is None


def test_a_strangers_setting_neither_counts_nor_gets_an_answer() -> None:
    site = Site()
    site.forge.say(site.number, "mallory", "/resync set JIRA=nonsense")

    assert site.look().command is None
    assert len(site.forge.comments[site.number]) == 1


class Silent(FakeForge):
    """Takes no comments from its bot."""

    def comment(self, number: int, _body: str) -> Comment:
        raise Forbidden("PermissionMissing", f"No comment on {number} is taken.")


def test_if_no_reply_can_be_written_the_rest_still_counts() -> None:
    site = Site(Silent(writers={"ann"}))
    site.forge.say(site.number, "ann", "/resync set JIRA=A-1")
    site.forge.say(site.number, "ann", "/resync set JIRA=a")

    heard = site.look().command

    assert heard is not None
    assert [(it.name, it.value) for it in heard.settings] == [("JIRA", "A-1")]
    assert heard.comment == 2
