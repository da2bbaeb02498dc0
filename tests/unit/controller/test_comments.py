"""What people write on a pull request, and when it counts."""

import pytest

from resync_argo.api.meta import ObjectMeta
from resync_argo.api.tag import Tag, TagSpec
from resync_argo.controller.commands import annotations_for, is_rebuild
from resync_argo.controller.comments import Command, Comments, Verb, parse
from resync_argo.forge.interface import Comment
from resync_argo.names import RETRY_ANNOTATION, SKIP_ANNOTATION
from tests.fakes import EPOCH, FakeForge


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

    assert Comments().newest_command("r", forge, found) == Command(verb="retry", comment=1)


def test_comments_are_not_read_again_while_the_pull_request_does_not_change() -> None:
    forge, comments = FakeForge(), Comments()
    found = forge.open("branch")
    for _ in range(3):
        comments.newest_command("r", forge, found)

    assert forge.requests == ["comments 1"]


def test_a_command_counts_once() -> None:
    again = annotations_for(tag(), Command(verb="retry", comment=5))

    assert again == {RETRY_ANNOTATION: "retry-5", SKIP_ANNOTATION: None}
    assert annotations_for(tag(retry="retry-5"), Command(verb="retry", comment=5)) == {}
    assert annotations_for(tag(retry="retry-5"), Command(verb="skip", comment=4)) == {}
    assert annotations_for(tag(skip="true"), Command(verb="skip", comment=6)) == {}


def test_a_rebuild_is_a_retry_that_says_so() -> None:
    annotations = annotations_for(tag(), Command(verb="rebuild", comment=5))

    assert is_rebuild(tag(retry=str(annotations[RETRY_ANNOTATION])))
    assert not is_rebuild(tag(retry="retry-5"))
