"""All calls with a limited token wait, and the token is forgotten afterwards."""

from dataclasses import dataclass, replace

import pytest

from resync_argo.forge.credentials import App, Token
from resync_argo.forge.gate import LONGEST_SECONDS, Gate, token_identity
from resync_argo.forge.interface import ForgeUnavailable, ObjectNotFound, RateLimited

WHERE = "forge.test/o/n: could not look"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_waits_and_is_forgotten_afterwards() -> None:
    clock = Clock()
    gate = Gate(clock)
    assert gate.wait_seconds("a") == 0

    gate.close_for("a", 30)
    clock.now += 10
    assert (gate.wait_seconds("a"), gate.wait_seconds("b"), gate.remembered) == (20, 0, 1)
    with pytest.raises(RateLimited, match=r"^forge.test/o/n: .* wait 20 s more") as told:
        gate.check("a", WHERE)
    assert told.value.retry_after == 20

    clock.now += 20
    assert (gate.wait_seconds("a"), gate.remembered) == (0, 0)
    gate.check("a", WHERE)


def test_a_shorter_wait_does_not_end_a_longer_one_and_none_is_endless() -> None:
    gate = Gate(Clock())

    gate.close_for("a", 30)
    gate.close_for("a", 5)
    gate.close_for("b", 1e9)

    assert gate.wait_seconds("a") == 30
    assert gate.wait_seconds("b") == LONGEST_SECONDS


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (RateLimited("slow down", retry_after=7), 7),
        (ForgeUnavailable("back soon", retry_after=3), 3),
        (ForgeUnavailable("who knows"), 0),
        (ObjectNotFound("ObjectNotFound", "no"), 0),
    ],
)
def test_a_rate_limit_holds_the_next_call_with_the_same_token(
    error: Exception, wait: float
) -> None:
    gate = Gate(Clock())

    with pytest.raises(type(error)), gate.passed("a", WHERE):
        raise error

    assert gate.wait_seconds("a") == wait


def test_identities_distinguish_tokens_without_revealing_them() -> None:
    app = App(app_id="12", private_key="key")
    made = {
        token_identity("github.com", Token(value="s3cret"), owner="o"),
        token_identity("ghe.test", Token(value="s3cret"), owner="o"),
        token_identity("github.com", Token(value="other"), owner="o"),
        token_identity("github.com", app, owner="o"),
        token_identity("github.com", app, owner="another"),
        token_identity("github.com", replace(app, private_key="renewed"), owner="o"),
        token_identity("github.com", replace(app, installation_id=7), owner="o"),
    }

    assert len(made) == 7
    assert not any("s3cret" in identity or "key" in identity for identity in made)


def test_an_identity_belongs_to_the_token_and_not_to_the_owner() -> None:
    token, app = Token(value="t"), App(app_id="12", private_key="key", installation_id=7)

    for credentials in (token, app):
        one = token_identity("github.com", credentials, owner="o")
        assert token_identity("GitHub.com", credentials, owner="another") == one
