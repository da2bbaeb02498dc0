import json

import pytest

from resync_argo.notify import messages
from resync_argo.notify.interface import Message
from resync_argo.notify.messages import Sync

SYNC = Sync(
    plan="z-release-4.8",
    upstream="github.com/kubernetes/kubernetes",
    version="1.21.2",
    downstream="github.com/openshift/kubernetes",
    branch="release-4.8",
    run_url="https://argo.example.com/workflows/ns/run",
)
PULL_REQUEST = "https://github.com/openshift/kubernetes/pull/1"
HOSTILE = "a & <!channel> `x` | *\n```\udcff" + "y" * 5000


def every_message() -> dict[str, Message]:
    hostile = Sync(
        plan=HOSTILE,
        upstream=f"h/{HOSTILE}",
        version=HOSTILE,
        downstream=f"h/{HOSTILE}",
        branch=HOSTILE,
        run_url=f"https://example.com/{HOSTILE}",
    )
    files = [f"{number}{HOSTILE}" for number in range(500)]
    return {
        "started": messages.started(hostile),
        "conflict": messages.conflict(hostile, files=files, pull_request=HOSTILE),
        "resolved": messages.resolved(hostile, pull_request=HOSTILE),
        "opened": messages.pull_request_opened(hostile, pull_request=HOSTILE, title=HOSTILE),
        "merged": messages.merged(hostile, pull_request=HOSTILE),
        "failed": messages.failed(hostile, reason=HOSTILE, last_lines=files),
        "ended": messages.ended(hostile, reason=HOSTILE),
    }


def test_says_what_goes_where() -> None:
    message = messages.started(SYNC)

    assert message.text == (
        ":arrows_counterclockwise: Syncing `kubernetes/kubernetes 1.21.2` into "
        "`openshift/kubernetes:release-4.8` (plan `z-release-4.8`)"
    )
    assert message.sections[1] == "<https://argo.example.com/workflows/ns/run|The run in Argo>"


def test_a_conflict_names_the_files_and_what_to_do() -> None:
    message = messages.conflict(SYNC, files=["go.mod", "a b.go"], pull_request=PULL_REQUEST)

    assert "Conflicts in 2 files" in message.text
    assert message.sections[1] == "• `go.mod`\n• `a b.go`"
    assert message.sections[2].startswith(f"<{PULL_REQUEST}|Resolve them in this pull request>")


def test_many_files_are_counted_not_listed() -> None:
    files = [f"file-{number}" for number in range(500)]

    message = messages.conflict(SYNC, files=files, pull_request=PULL_REQUEST, again=True)

    assert message.text.startswith(":warning: More conflicts in 500 files")
    assert message.sections[1].endswith("… and 480 more")


def test_a_failure_ends_with_the_end_of_the_log() -> None:
    lines = [f"line {number}" for number in range(100)]

    reason = "step `go mod tidy` ended with exit code 2"
    message = messages.failed(SYNC, reason=f"{reason}: line 99", last_lines=lines)

    assert message.text.endswith(f": {reason}")
    assert message.sections[1].startswith("```\nline 85\n")
    assert message.sections[1].endswith("line 99\n```")


@pytest.mark.parametrize("name", every_message())
def test_hostile_names_change_nothing_but_themselves(name: str) -> None:
    message = every_message()[name]

    pieces = [message.text, *message.sections]
    assert all(1 <= len(piece) <= 3000 for piece in pieces)
    assert len(pieces) <= 50
    assert not any("<!" in piece for piece in pieces)
    assert "\n" not in message.text
    json.dumps(pieces, ensure_ascii=False).encode()


def test_a_plans_own_message_stays_unchanged() -> None:
    assert messages.notification("New version! <!here>") == Message(text="New version! <!here>")


def test_a_long_message_is_split_at_line_ends() -> None:
    text = "\n".join("x" * 99 for _ in range(100))

    message = messages.notification(text)

    assert "\n".join(message.sections) == text
    assert max(map(len, message.sections)) <= 3000


def test_an_empty_message_is_still_a_message() -> None:
    assert messages.notification(" \n").text == "(empty message)"
