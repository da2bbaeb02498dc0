"""Commands in comments on a pull request, and when they count."""

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.comments.commands import (
    MAX_ASKED,
    WRITER_SECONDS,
    Command,
    Comments,
    Verb,
    parse,
)
from resync_argo.forge.interface import Comment
from tests.fakes import EPOCH, FakeForge
from tests.unit.controller.builders import Clock

SECRET = ObjectKey("ns", "github")


def comment(body: str) -> Comment:
    return Comment(id=1, author="ann", body=body, created_at=EPOCH)


def newest(
    comments: Comments,
    forge: FakeForge,
    *,
    judge: FakeForge | None = None,
    after: int = 0,
    secret: ObjectKey = SECRET,
) -> Command | None:
    """Return the newest command on the forge's first pull request."""
    return comments.newest_command(secret, forge, forge.pulls[1], judge=judge or forge, after=after)


@pytest.mark.parametrize(
    ("body", "verb"),
    [
        ("/resync retry", "retry"),
        ("Thanks!\r\n/resync skip\r\n", "skip"),
        ("/resync retry\n/resync rebuild", "rebuild"),
        ("/resync refresh", "refresh"),
        ("/resync set JIRA=A-1\n/resync refresh", "refresh"),
        ("/resync set JIRA=A-1", None),
        ("/resync hold\n/resync unhold", "unhold"),
        ("please /resync retry", None),
        ("> /resync retry", None),
        ("/resync retry now", None),
        ("/resync destroy", None),
    ],
)
def test_a_command_is_on_a_line_of_its_own(body: str, verb: Verb | None) -> None:
    assert parse(comment(body)) == verb


def test_only_people_who_may_write_are_obeyed() -> None:
    forge = FakeForge(writers={"ann"})
    forge.open("branch")
    forge.say(1, "ann", "/resync retry")
    forge.say(1, "mallory", "/resync skip")

    assert newest(Comments(Clock()), forge) == Command(verb="retry", comment=1)


def test_for_a_fork_the_downstream_decides_who_may_write() -> None:
    downstream, fork = FakeForge(writers={"ann"}), FakeForge(writers={"mallory"})
    fork.open("branch")
    fork.say(1, "ann", "/resync retry")
    fork.say(1, "mallory", "/resync skip")

    command = newest(Comments(Clock()), fork, judge=downstream)

    assert command == Command(verb="retry", comment=1)


def test_comments_are_not_read_again_while_the_pull_request_does_not_change() -> None:
    forge, comments = FakeForge(), Comments(Clock())
    forge.open("branch")
    for _ in range(3):
        newest(comments, forge)

    assert forge.requests == ["comments 1"]


def test_comments_that_were_read_with_one_secret_are_not_shown_to_another() -> None:
    forge, comments = FakeForge(), Comments(Clock())
    forge.open("branch")
    for namespace in ("ns", "other"):
        newest(comments, forge, secret=ObjectKey(namespace, "github"))

    assert forge.requests == ["comments 1", "comments 1"]


def test_a_command_that_was_not_executed_is_read_again() -> None:
    forge, comments = FakeForge(writers={"ann"}), Comments(Clock())
    forge.open("branch")
    forge.say(1, "ann", "/resync retry")

    read = [newest(comments, forge) for _ in range(2)]

    assert read == [Command(verb="retry", comment=1)] * 2


def test_a_command_counts_once() -> None:
    forge, comments = FakeForge(writers={"ann"}), Comments(Clock())
    forge.open("branch")
    for verb in ("skip", "retry"):
        forge.say(1, "ann", f"/resync {verb}")

    first, then = newest(comments, forge), newest(comments, forge, after=2)
    forge.say(1, "ann", "/resync rebuild")

    assert (first, then) == (Command(verb="retry", comment=2), None)
    assert newest(comments, forge, after=2) == Command(verb="rebuild", comment=3)


def test_a_persons_permission_is_asked_once_an_hour() -> None:
    forge, clock = FakeForge(writers={"ann"}), Clock()
    comments = Comments(clock)
    forge.open("branch")
    for _ in range(3):
        forge.say(1, "ann", "/resync retry")
        newest(comments, forge)
    asked = forge.requests.count("permission ann")
    clock.now = WRITER_SECONDS + 1
    forge.say(1, "ann", "/resync retry")
    newest(comments, forge)

    assert (asked, forge.requests.count("permission ann")) == (1, 2)


def test_a_crowd_of_strangers_costs_few_requests_per_look_and_hides_nobody_for_long() -> None:
    forge, comments = FakeForge(writers={"ann"}), Comments(Clock())
    forge.open("branch")
    forge.say(1, "ann", "/resync retry")
    for number in range(3 * MAX_ASKED):
        forge.say(1, f"stranger-{number}", "/resync skip")
    found, asked = [], []
    for _ in range(4):
        before = len(forge.requests)
        found.append(newest(comments, forge))
        asked.append(sum("permission" in it for it in forge.requests[before:]))

    assert found == [None, None, None, Command(verb="retry", comment=1)]
    assert max(asked) <= MAX_ASKED


def test_all_settings_count_but_only_the_newest_command() -> None:
    forge = FakeForge(writers={"ann"})
    forge.open("branch")
    forge.say(1, "ann", "/resync set A=1\n/resync set B=1")
    forge.say(1, "ann", "/resync hold")
    forge.say(1, "mallory", "/resync set A=evil")
    forge.say(1, "ann", "/resync set A=2")
    forge.say(1, "ann", "/resync unhold")

    found, later = newest(Comments(Clock()), forge), newest(Comments(Clock()), forge, after=3)

    assert found is not None
    assert later is not None
    assert (found.verb, found.comment) == ("unhold", 5)
    assert [(it.name, it.value, it.comment) for it in found.settings] == [
        ("A", "1", 1),
        ("B", "1", 1),
        ("A", "2", 4),
    ]
    assert [(it.name, it.value) for it in later.settings] == [("A", "2")]


def test_a_command_that_is_not_allowed_here_hides_no_setting() -> None:
    forge = FakeForge(writers={"ann"})
    forge.open("branch")
    forge.say(1, "ann", "/resync set A=1")
    forge.say(1, "ann", "/resync retry")

    found = newest(Comments(Clock()), forge)

    assert found is not None
    assert found.limited_to(["retry"]) == found
    rest = found.limited_to(["hold"])
    assert rest == Command(verb=None, comment=1, settings=found.settings)
    assert Command(verb="retry", comment=2).limited_to(["hold"]) is None
