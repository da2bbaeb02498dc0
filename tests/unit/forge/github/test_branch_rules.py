"""Rules of a branch that forbid merge commits are found, if the credentials may see them."""

import pytest

from resync_argo.errors import Transient
from tests.hosts import Asked, Reply
from tests.unit.forge.github.scripted_forge import (
    refused,
    site,
)

RULES: dict[str, tuple[dict[str, Reply], bool | None]] = {
    "an old server": ({"rules": refused(404, "Not Found")}, False),
    "a plan without rules": ({"rules": refused(403, "Upgrade to GitHub Pro.")}, False),
    "hidden protection": (
        {
            "main": Reply(body={"protected": True}),
            "protection": refused(403, "Resource not accessible"),
        },
        None,
    ),
    "linear protection": (
        {
            "main": Reply(body={"protected": True}),
            "protection": Reply(body={"required_linear_history": {"enabled": True}}),
        },
        True,
    ),
    "other protection": (
        {"main": Reply(body={"protected": True}), "protection": Reply(body={"url": "x"})},
        False,
    ),
    "no such branch": ({"main": refused(404, "Branch not found")}, None),
}


@pytest.mark.parametrize(("replies", "expected"), RULES.values(), ids=RULES)
def test_visible_rules_are_read(
    replies: dict[str, Reply],
    expected: bool | None,  # noqa: FBT001  pytest passes parameters by name
) -> None:
    replies = {"rules": Reply(body=[]), "main": Reply(body={"protected": False})} | replies

    def script(asked: Asked) -> Reply:
        name = "rules" if "/rules/" in asked.path else asked.path.rpartition("/")[2]
        return replies[name]

    with site(script) as here:
        assert here.forge.has_linear_history("main") is expected


def test_a_rate_limit_is_not_a_hidden_rule() -> None:
    with (
        site(lambda _: refused(403, "API rate limit exceeded")) as here,
        pytest.raises(Transient) as limited,
    ):
        here.forge.has_linear_history("main")

    assert limited.value.reason == "RateLimited"
