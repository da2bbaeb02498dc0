"""Only the present, non-empty keys of admitted Plans' Secrets count."""

import hmac
from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.serving.webhook_keys import COMMON_KEYS, KEY_SECONDS
from resync_argo.controller.serving.webhooks import COMMON_PATH
from tests.unit.controller.builders import Clock
from tests.world.teams import Teams

SMALL = '{"repository": {"full_name": "up/project"}}'
PATHS = ["/webhooks/team/github", COMMON_PATH]


@pytest.mark.parametrize("path", PATHS)
def test_a_secret_without_a_key_admits_nobody_and_blocks_nobody(path: str) -> None:
    made = Teams()
    made.add("team", "")
    made.add("other", "key", made=1)

    assert made.deliver("", path, SMALL).status == "401 Unauthorized"
    assert made.deliver("key", COMMON_PATH, SMALL).status == "202 Accepted"


@pytest.mark.parametrize("path", PATHS)
def test_a_missing_secret_has_no_key(path: str) -> None:
    made = Teams()
    made.add("team", "key")
    del made.secrets.keys[ObjectKey("team", "github")]

    assert made.deliver("key", path, SMALL).status == "401 Unauthorized"


@pytest.mark.parametrize("path", PATHS)
def test_a_plan_that_was_never_reconciled_has_no_key(path: str) -> None:
    made = Teams()
    made.add("team", "key", condition="")

    assert made.deliver("key", path, SMALL).status == "401 Unauthorized"
    assert made.secrets.asked == []


@pytest.mark.parametrize("path", PATHS)
def test_a_changed_key_counts_soon(path: str) -> None:
    clock = Clock()
    made = Teams(clock=clock)
    made.add("team", "first")
    made.deliver("first", path, SMALL)
    made.secrets.keys[ObjectKey("team", "github")] = "second"
    clock.now += KEY_SECONDS

    assert made.deliver("first", path, SMALL).status == "401 Unauthorized"
    assert made.deliver("second", path, SMALL).status == "202 Accepted"


def test_another_team_with_a_valid_key_displaces_nobody() -> None:
    made = Teams()
    for number in range(COMMON_KEYS):
        made.add(f"team-{number}", f"key-{number}", made=number)
    made.add("late", "key-0", made=1000)
    made.deliver("key-0", COMMON_PATH, SMALL)

    assert {key.namespace for key in made.looked_at} == {"team-0", "late"}


def test_a_forged_delivery_on_the_common_path_goes_through_no_plans(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, gone_through = Teams(), 0
    made.add("team", "key")
    everything = made.cluster.caches.plans.all

    def counted() -> Any:
        nonlocal gone_through
        gone_through += 1
        return everything()

    monkeypatch.setattr(made.cluster.caches.plans, "all", counted)
    for _ in range(10):
        made.deliver("guessed", COMMON_PATH, SMALL)

    assert gone_through == 1


@pytest.mark.parametrize("signature", ["", "sha1=0", "SHA256=0"])
def test_a_body_without_a_signature_is_not_hashed(
    signature: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Teams()
    made.add("team", "key")
    monkeypatch.setattr(hmac, "new", None)

    assert made.send(b"{}", signature, "/webhooks/team/github").status == "401 Unauthorized"
