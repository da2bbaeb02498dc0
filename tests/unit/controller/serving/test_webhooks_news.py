"""A delivery schedules the right looks, and invalid requests are refused."""

import io
import json
from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.serving import webhooks
from resync_argo.controller.serving.web import Answer, Environ
from resync_argo.controller.serving.webhooks import COMMON_PATH
from resync_argo.controller.state.keys import SyncKey
from tests.world.teams import Teams

PATH = "/webhooks/team/github"
UPSTREAM = {"repository": {"full_name": "up/project"}}
DOWNSTREAM = {"repository": {"full_name": "Down/Project"}}


@pytest.fixture
def team() -> Teams:
    made = Teams()
    made.add("team", "key")
    return made


def deliver(team: Teams, payload: Any, event: str) -> str:
    return team.deliver("key", PATH, json.dumps(payload), event=event).status


@pytest.mark.parametrize("event", ["push", "create"])
def test_a_push_to_upstream_schedules_a_read_of_upstream_only(team: Teams, event: str) -> None:
    team.add_sync("team", "1.0.0", phase="Running")

    assert deliver(team, UPSTREAM, event) == "202 Accepted"
    assert [key.repository for key in team.looked_at] == ["forge.test/up/project"]
    assert team.reviews == []


def test_a_push_to_downstream_schedules_nothing(team: Teams) -> None:
    team.add_sync("team", "1.0.0", phase="Running")

    assert deliver(team, DOWNSTREAM, "push") == "202 Accepted"
    assert (team.looked_at, team.reviews) == ([], [])


@pytest.mark.parametrize("kind", ["pull_request", "issue"])
def test_an_event_of_a_pull_request_schedules_looks_for_the_possible_syncs(
    team: Teams, kind: str
) -> None:
    proposed = team.add_sync("team", "1.0.0", phase="Finished", number=7)
    conflict = {"number": 8, "pullRequest": "url/8"}
    settled = team.add_sync("team", "1.0.1", phase="Finished", number=1, conflict=conflict)
    running = team.add_sync("team", "1.0.2", phase="Running")
    waiting = team.add_sync("team", "1.0.3", phase="Conflict")
    team.add_sync("team", "1.0.4", phase="Finished", number=9)
    team.add_sync("team", "1.0.5")
    earlier = SyncKey(ObjectKey("team", "earlier"))
    team.cluster.queue.add(earlier)

    assert deliver(team, DOWNSTREAM | {kind: {"number": 7}}, kind) == "202 Accepted"
    assert set(team.reviews) == {proposed, running, waiting}
    taken = [team.cluster.queue.take() for _ in range(4)]
    assert taken[-1] == earlier, "a person waits for these"
    assert set(taken[:-1]) == {SyncKey(it) for it in team.reviews}

    team.reviews.clear()
    deliver(team, DOWNSTREAM | {kind: {"number": 8}}, kind)
    assert set(team.reviews) == {settled, running, waiting}

    team.reviews.clear()
    deliver(team, DOWNSTREAM, "status")
    assert set(team.reviews) == {running, waiting}
    assert team.looked_at == []


def test_an_event_of_a_repository_unknown_to_the_keys_plans_has_no_effect(team: Teams) -> None:
    team.add_sync("team", "1.0.0", phase="Running")
    other = {"repository": {"full_name": "some/other"}}

    assert deliver(team, other, "pull_request") == "404 Not Found"
    assert (team.looked_at, team.reviews) == ([], [])


def test_a_ping_is_answered_without_effect(team: Teams) -> None:
    answer = team.deliver("key", PATH, json.dumps(UPSTREAM), event="ping")

    assert (answer.status, answer.body) == ("200 OK", b"pong\n")
    assert team.looked_at == []


@pytest.mark.parametrize(
    "body",
    [
        "payload=%7B%7D",
        "[" * 100_000,
        "[]",
        "{}",
        '{"repository": null}',
        '{"repository": {"full_name": "up/project"}, "issue": [1]}',
        '{"repository": {"full_name": "up/project"}, "issue": {"number": "x"}}',
        '{"repository": {"full_name": "up/project"}, "issue": {"number": [1]}}',
        '{"repository": {"full_name": "up/project"}, "issue": {"number": 1e999}}',
    ],
    ids=range(9),
)
def test_anything_that_github_does_not_send_is_refused(team: Teams, body: str) -> None:
    assert team.deliver("key", PATH, body, event="issues").status == "400 Bad Request"
    assert (team.looked_at, team.reviews) == ([], [])


def test_a_body_without_a_length_is_not_read(team: Teams) -> None:
    sent = io.BytesIO(b"{}")
    environ: Environ = {"PATH_INFO": PATH, "wsgi.input": sent}

    assert team.page(environ).status == "401 Unauthorized"
    assert sent.tell() == 0


@pytest.mark.parametrize("path", [PATH, COMMON_PATH])
def test_only_signed_deliveries_are_forwarded_to_the_leader(
    team: Teams, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str, bytes]] = []

    def hand_on(leader: str, path: str, body: bytes, _environ: Environ) -> Answer:
        told.append((leader, path, body))
        return Answer(status="202 Accepted")

    monkeypatch.setattr(webhooks, "hand_on", hand_on)
    team.leader, team.is_working = "10.0.0.1:8080", False
    forged = team.deliver("guessed", path, "{}")
    signed = team.deliver("key", path, "{}")

    assert (forged.status, signed.status) == ("401 Unauthorized", "202 Accepted")
    assert told == [("10.0.0.1:8080", path, b"{}")]


def test_while_nobody_leads_the_delivery_fails(team: Teams) -> None:
    team.is_working = False
    early = deliver(team, UPSTREAM, "push")
    team.is_working = True

    assert early == "503 Service Unavailable"
    assert deliver(team, UPSTREAM, "push") == "202 Accepted"
