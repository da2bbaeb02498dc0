"""Any answer of Slack, or of a gateway before it, gives a message's id or one clear sentence."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.notify.interface import Message, NotificationDelayed, NotificationRefused
from resync_argo.notify.slack import ADVICE, PASSING, SlackNotifier
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import json_values, mutations, texts
from tests.hosts import Reply, ScriptedHost, scripted

GOOD = {"ok": True, "ts": "1700000000.000100"}
WORDS = st.sampled_from([*ADVICE, *sorted(PASSING)]) | texts() | json_values()
REFUSED = st.fixed_dictionaries(
    {"ok": st.just(value=False), "error": WORDS, "needed": json_values()}
)


class Answering:
    """A chat that gives every request the reply that a test sets."""

    def __init__(self, host: ScriptedHost) -> None:
        self.host = host
        self.reply = Reply()


@pytest.fixture(scope="module")
def here() -> Iterator[Answering]:
    found: list[Answering] = []
    with scripted(lambda _: found[0].reply) as host:
        found.append(Answering(host))
        yield found[0]


@examples(2)
@given(
    status=st.sampled_from([200, 200, 200, 302, 400, 403, 429, 503]),
    body=mutations(GOOD) | REFUSED | json_values(),
    wait=st.sampled_from(["30", "soon", "-1", "9" * 30, ""]),
)
@example(200, {"ok": True}, "")
@example(200, {"ok": True, "ts": None}, "")
@example(200, {"ok": False, "error": "\x1b[2J" * 9, "needed": "a\nb"}, "")
@example(200, {"ok": "no", "ts": "1.1"}, "")
def test_an_answer_gives_the_messages_id_or_one_sentence(
    here: Answering, status: int, body: Any, wait: str
) -> None:
    here.reply = Reply(status=status, body=body, headers={"Retry-After": wait})
    notifier = SlackNotifier(token="xoxb-secret", api_url=f"{here.host.url}/api/")

    try:
        name = notifier.post("channel", Message(text="Hello"))
    except (NotificationDelayed, NotificationRefused) as error:
        assert str(error).isprintable()
        assert len(str(error)) < 1000
        assert "xoxb" not in str(error)
    else:
        assert status == 200
        assert body["ok"] is True
        assert body["ts"] == name
        assert set(name) <= set("0123456789.")
