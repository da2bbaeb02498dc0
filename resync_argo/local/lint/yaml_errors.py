"""Explains in plain words why a file is not valid YAML, and what to do."""

import yaml

_ADVICE = (
    (r"\t", "a tab cannot indent YAML: use spaces"),
    ("expected <block end>", "{above}: indent it like its neighbours"),
    (
        "mapping values are not allowed",
        "a `:` is not expected here: quote the text, or check the indentation",
    ),
    ("could not find expected ':'", "a key needs a `:` and a space after it"),
    ("found unexpected end of stream", "{above} is not closed: add the missing quote"),
    ("expected ',' or ", "{above} is not closed: add the missing comma or bracket"),
    (
        "found undefined alias",
        "there is no anchor of this name: quote the text that begins with `*`",
    ),
    ("expected alphabetic or numeric", "quote the text that begins with `*`, `&` or `!`"),
    ("cannot start any token", "quote the text that begins with this character"),
)
"""What PyYAML's problem contains, and what to say instead."""


def explain(error: yaml.MarkedYAMLError) -> str:
    """Return one sentence about an error."""
    problem = str(error.problem)
    mark = error.context_mark
    begun = f"what begins on line {mark.line + 1}" if mark is not None else "what begins before"
    for part, advice in _ADVICE:
        if part in problem:
            above = f"this line does not fit {begun}" if "block" in part else begun
            return f"this is not YAML: {advice.format(above=above)}"
    return f"this is not YAML: {problem}"
