"""What people write on a pull request, and when it counts."""

import pytest

from resync_argo.api.meta import ObjectMeta
from resync_argo.api.tag import Tag, TagSpec
from resync_argo.controller.commands import annotations_for
from resync_argo.controller.forge.comments import Command, Comments, Verb, parse
from resync_argo.controller.requests import rebuild_wanted, request_of, retry_wanted, skip_wanted
from resync_argo.forge.interface import Comment
from resync_argo.names import RETRY_ANNOTATION, SKIP_ANNOTATION
from tests.fakes import EPOCH, FakeForge
from tests.unit.controller.builders import sync


def comment(body: str) -> Comment:
    return Comment(id=1, author="ann", body=body, created_at=EPOCH)


def tag(**annotations: str) -> Tag:
    names = {"retry": RETRY_ANNOTATION, "skip": SKIP_ANNOTATION}
    meta = ObjectMeta(name="t", annotations={names[k]: v for k, v in annotations.items()})
    return Tag(metadata=meta, spec=TagSpec(repository="forge.test/up/project", version="1.0.0"))


@pytest.mark.parametrize(
    ("body", "verb"),
    [
        ("/resync retry", "retry"),
        ("Thanks!\r\n/resync skip\r\n", "skip"),
        ("/resync retry\n/resync rebuild", "rebuild"),
        ("please /resync retry", None),
        ("> /resync retry", None),
        ("/resync retry now", None),
        ("/resync destroy", None),
    ],
)
def test_a_command_stands_on_a_line_of_its_own(body: str, verb: Verb | None) -> None:
    assert parse(comment(body)) == verb


def test_only_people_who_may_write_are_obeyed() -> None:
    forge = FakeForge(writers={"ann"})
    found = forge.open("branch")
    forge.say(found.number, "ann", "/resync retry")
    forge.say(found.number, "mallory", "/resync skip")

    command = Comments().newest_command("r", forge, found, judge=forge)

    assert command == Command(verb="retry", comment=1)


def test_in_a_fork_the_downstream_says_who_may_write() -> None:
    downstream, fork = FakeForge(writers={"ann"}), FakeForge(writers={"mallory"})
    found = fork.open("branch")
    fork.say(found.number, "ann", "/resync retry")
    fork.say(found.number, "mallory", "/resync skip")

    command = Comments().newest_command("r", fork, found, judge=downstream)

    assert command == Command(verb="retry", comment=1)


def test_comments_are_not_read_again_while_the_pull_request_does_not_change() -> None:
    forge, comments = FakeForge(), Comments()
    found = forge.open("branch")
    for _ in range(3):
        comments.newest_command("r", forge, found, judge=forge)
        comments.heard("r", found)

    assert forge.requests == ["comments 1"]


def test_a_command_that_could_not_be_carried_out_is_read_again() -> None:
    forge, comments = FakeForge(writers={"ann"}), Comments()
    forge.open("branch")
    forge.say(1, "ann", "/resync retry")

    read = [comments.newest_command("r", forge, forge.pulls[1], judge=forge) for _ in range(2)]

    assert read == [Command(verb="retry", comment=1)] * 2


def test_a_command_counts_once() -> None:
    again = annotations_for(tag(), "z-1", Command(verb="retry", comment=5))

    assert again == {RETRY_ANNOTATION: "retry-5@z-1", SKIP_ANNOTATION: None}
    for done, command in (
        (tag(retry="retry-5@z-1"), Command(verb="retry", comment=5)),
        (tag(retry="retry-5"), Command(verb="retry", comment=5)),
        (tag(retry="retry-5@z-1"), Command(verb="skip", comment=4)),
        (tag(skip="true"), Command(verb="skip", comment=6)),
        (tag(skip="z-2 z-1"), Command(verb="skip", comment=6)),
    ):
        assert annotations_for(done, "z-1", command) == {}


def test_a_command_is_for_the_plan_whose_pull_request_it_stands_on() -> None:
    asked = tag(retry="please retry-5@z-1")
    both = tag(
        retry=str(
            annotations_for(asked, "z-2", Command(verb="rebuild", comment=9))[RETRY_ANNOTATION]
        )
    )
    left = annotations_for(tag(skip="z-1 z-2"), "z-1", Command(verb="retry", comment=5))

    assert [request_of(both, plan) for plan in ("z-1", "z-2", "z-3")] == [
        "retry-5@z-1",
        "rebuild-9@z-2",
        "please",
    ]
    assert [skip_wanted(tag(skip="z-1"), plan) for plan in ("z-1", "z-2")] == [True, False]
    assert left[SKIP_ANNOTATION] == "z-2"


def test_a_rebuild_is_a_retry_that_is_heard_once() -> None:
    annotations = annotations_for(tag(), "z-1", Command(verb="rebuild", comment=5))
    asked = tag(retry=str(annotations[RETRY_ANNOTATION]))
    blocked = sync("Failed", "ForeignCommit")
    heard = sync("Failed", "StepFailed", retry_token="rebuild-5@z-1")

    assert (retry_wanted(asked, blocked), rebuild_wanted(asked, blocked)) == (True, True)
    assert (retry_wanted(asked, heard), rebuild_wanted(asked, heard)) == (False, False)
    assert not rebuild_wanted(tag(retry="retry-5@z-1"), blocked)
