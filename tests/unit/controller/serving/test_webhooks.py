"""The cost of a delivery, and the Plans that it affects, with a thousand teams."""

import hmac
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.serving.webhook_keys import COMMON_KEYS, COMMON_SECRETS
from resync_argo.controller.serving.webhooks import COMMON_PATH
from tests.world.teams import Teams

SMALL = '{"repository": {"full_name": "up/project"}}'


def installation(teams: int, **changes: Any) -> Teams:
    made = Teams()
    for number in range(teams):
        made.add(f"team-{number}", f"key-{number}", made=number, **changes)
    return made


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], int]:
    """How many bodies an action hashes."""
    new, count = hmac.new, 0

    def counted(*args: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        return new(*args, **named)

    def during(act: Callable[[], object]) -> int:
        before = count
        act()
        return count - before - 1  # whoever delivers signs it, too

    monkeypatch.setattr(hmac, "new", counted)
    return during


@pytest.mark.parametrize("key", ["key-0", "guessed"])
def test_a_delivery_is_hashed_once_however_many_teams_there_are(
    key: str, hashed: Callable[[Callable[[], object]], int]
) -> None:
    costs = []
    for teams in (1, 1000):
        made = installation(teams)
        costs.append(hashed(lambda made=made: made.deliver(key, "/webhooks/team-0/github")))  # type: ignore[misc]

    assert costs == [1, 1]


def test_on_the_common_path_a_few_keys_are_tried_however_many_teams_there_are(
    hashed: Callable[[Callable[[], object]], int],
) -> None:
    made = installation(1000)
    cost = hashed(lambda: made.deliver("guessed", COMMON_PATH))

    assert cost == COMMON_KEYS
    assert len(made.secrets.asked) <= COMMON_SECRETS


def test_a_delivery_to_an_unknown_path_is_not_hashed_and_reads_no_secret(
    hashed: Callable[[Callable[[], object]], int],
) -> None:
    made = installation(3)
    paths = ("/webhooks/team-0/another", "/webhooks/nobody/github", "/webhooks/team-0/github/x")
    for path in paths:
        assert hashed(lambda path=path: made.deliver("key-0", path)) == 0  # type: ignore[misc]
        assert made.deliver("key-0", path).status == "401 Unauthorized"

    assert made.secrets.asked == []


@pytest.mark.parametrize("path", ["/webhooks/", "/webhooks/another", "/webhooks//github"])
def test_a_path_that_names_no_secret_is_not_found(path: str) -> None:
    assert installation(1).deliver("key-0", path).status == "404 Not Found"


def test_a_key_affects_only_the_plans_of_its_own_secret() -> None:
    made = installation(3)
    own = made.deliver("key-1", "/webhooks/team-1/github", SMALL)
    others = made.deliver("key-1", "/webhooks/team-2/github", SMALL)

    assert (own.status, others.status) == ("202 Accepted", "401 Unauthorized")
    assert [key.namespace for key in made.looked_at] == ["team-1"]


def test_a_later_team_displaces_nobody_on_the_common_path() -> None:
    made = installation(COMMON_KEYS)
    for number in range(100):
        made.add(f"a-flood-{number}", f"other-{number}", made=1000 + number)

    assert made.deliver(f"key-{COMMON_KEYS - 1}", COMMON_PATH, SMALL).status == "202 Accepted"
    assert made.deliver("other-0", COMMON_PATH, SMALL).status == "401 Unauthorized"


def test_an_organisations_shared_key_affects_all_its_plans_on_the_common_path() -> None:
    made = Teams()
    for name in ("one", "two"):
        made.add(name, "shared")
    made.deliver("shared", COMMON_PATH, SMALL)

    assert {key.namespace for key in made.looked_at} == {"one", "two"}


@pytest.mark.parametrize("path", ["/webhooks/team-0/github", COMMON_PATH])
def test_the_secret_of_a_plan_that_is_not_admitted_is_not_read(path: str) -> None:
    made = installation(1, condition="Admitted")

    assert made.deliver("key-0", path, SMALL).status == "401 Unauthorized"
    assert made.secrets.asked == []


def test_a_flood_from_one_team_does_not_make_another_teams_delivery_new_again() -> None:
    made = installation(2)
    first = made.deliver("key-0", "/webhooks/team-0/github", SMALL)
    for number in range(2000):
        made.deliver("key-1", "/webhooks/team-1/github", f'{SMALL[:-1]}, "n": {number}}}')
    again = made.deliver("key-0", "/webhooks/team-0/github", SMALL)

    assert (first.status, again.status) == ("202 Accepted", "200 OK")


def counted(namespace: str) -> float:
    labels = {"namespace": namespace, "result": "401"}
    return REGISTRY.get_sample_value("resync_webhooks_total", labels) or 0.0


def test_deliveries_are_counted_by_namespace_and_an_invented_one_is_not_a_label() -> None:
    made = installation(1)
    before = counted("team-0"), counted("")
    made.deliver("guessed", "/webhooks/team-0/github", SMALL)
    made.deliver("guessed", "/webhooks/made-up/github", SMALL)

    assert (counted("team-0"), counted("")) == (before[0] + 1, before[1] + 1)
    assert counted("made-up") == 0.0


def test_a_key_is_cached_for_a_while() -> None:
    made = installation(1)
    for _ in range(100):
        made.deliver("guessed", "/webhooks/team-0/github", SMALL)

    assert made.secrets.asked == [ObjectKey("team-0", "github")]
