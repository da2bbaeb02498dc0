"""Any delivery gets a status that GitHub shows, and has no effect without a signature."""

import hashlib
import hmac
import json

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.controller.state.keys import UpstreamKey
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import json_values, mutations, texts
from tests.world.teams import Teams

KEY = "key-of-a-test"
PUSH = {"repository": {"full_name": "up/project"}, "pull_request": {"number": 1}}
EVENTS = ("push", "create", "ping", "pull_request", "issue_comment", "status", "")
BODIES = (
    mutations(PUSH).map(lambda it: json.dumps(it).encode())
    | json_values().map(lambda it: json.dumps(it).encode())
    | st.binary()
    | texts(max_size=30).map(str.encode)
)


class Heard:
    """The webhooks of one team, and the looks that a delivery caused."""

    def __init__(self) -> None:
        self.teams = Teams()
        self.teams.add("resync", KEY)

    @property
    def looked_at(self) -> list[UpstreamKey]:
        return self.teams.looked_at

    def deliver(self, event: str, body: bytes, signature: str) -> int:
        """Deliver; return the status."""
        answer = self.teams.send(body, signature, "/webhooks/resync/github", event=event)
        return int(answer.status.split()[0])


def signed(body: bytes) -> str:
    return f"sha256={hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()}"


@examples(2)
@given(st.sampled_from(EVENTS), BODIES)
@example("push", b"[" * 100_000)
@example("push", b'{"repository": {"full_name": "up/project"}, "issue": {"number": 1e999}}')
@example("push", b'{"repository": {"full_name": "up/project"}, "issue": {"number": NaN}}')
@example("push", b'{"repository": {"full_name": "up/project"}, "issue": [1]}')
@example("push", b"\xff\xfe")
@example("push", b"1" * 5000)
def test_a_signed_delivery_is_answered_whatever_it_says(event: str, body: bytes) -> None:
    heard = Heard()

    status = heard.deliver(event, body, signed(body))

    assert status in (200, 202, 400, 404)
    assert not heard.looked_at or status == 202
    assert heard.deliver(event, body, signed(body)) == 200, "a replay is heard once"


SIGNATURES = (
    texts().map(lambda it: it.encode().decode("latin-1"))
    | texts().map(lambda it: f"sha256={it.encode().decode('latin-1')}")
    | st.integers(0, 70).map(lambda size: signed(b"{}")[:size])
)


@examples(2)
@given(st.sampled_from(EVENTS), BODIES, SIGNATURES)
def test_an_unsigned_delivery_has_no_effect(event: str, body: bytes, signature: str) -> None:
    heard = Heard()

    assert heard.deliver(event, body, signature) == 401
    assert heard.looked_at == []


@examples()
@given(BODIES, st.integers(0, 200), st.integers(1, 255))
def test_a_changed_body_does_not_match_its_signature(body: bytes, at: int, flipped: int) -> None:
    changed = bytearray(body or b"{}")
    changed[at % len(changed)] ^= flipped
    heard = Heard()

    assert heard.deliver("push", bytes(changed), signed(body or b"{}")) == 401
    assert heard.looked_at == []
