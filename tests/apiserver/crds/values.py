"""Invalid values of parameters for a Tag and a Sync, with their messages."""

from typing import Any

NAME = "every name must be that of a parameter of a Plan, such as `JIRA`"
VALUE = "a value must be one line of printable characters that does not begin with `-`"

PARAMETERS_REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"jira": "A-1"}, NAME),
    ({"A" * 64: "A-1"}, NAME),
    ({"A": "-x"}, VALUE),
    ({"A": " x"}, VALUE),
    ({"A": "a\nb"}, VALUE),
    ({"A": "a\u0000b"}, VALUE),
    ({"A": ""}, "should be at least 1 chars long"),
    ({"A": "x" * 257}, "may not be more than 256"),
    ({"A": 1}, "must be of type string"),
    ({f"A{n}": "x" for n in range(51)}, "must have at most"),
]
