"""The name of a tool as people see it."""

import pytest

from resync_argo.attempt.proposals.proposal import tool_of


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        ('mergiraf merge -p "$FILE" "$BASE" "$DOWNSTREAM" "$UPSTREAM"', "mergiraf"),
        ("# ours\n  A=b hack/propose.sh", "propose.sh"),
        ("`evil|` <b>", "evil"),
        ("'", "a tool"),
        ("", "a tool"),
    ],
)
def test_a_tool_is_named_by_its_program(command: str, tool: str) -> None:
    assert tool_of(command) == tool
