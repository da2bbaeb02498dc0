"""The variables for a Plan's steps and texts, and the source of each value.

A Plan's `config.env` gives a literal `value` or a path in `from`. Paths into the Plan are known
when it is compiled; paths into the Tag are known when an attempt runs. `compile` puts the first
kind into the containers' environment. Checkout writes the second kind to a file that the step
wrapper reads.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal, cast, get_args

from resync_argo.api.plan import Config
from resync_argo.errors import Stalled
from resync_argo.reasons.plan import INVALID_PATH

_REFERENCE = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z_]\w*)(?:(?P<operator>:[+-])(?P<words>[^{}]*))?\}|(?P<plain>[A-Za-z_]\w*))",
    re.ASCII,
)
"""A variable in the text of an action; a shell's "Parameter Expansion" without braces inside braces."""

TagField = Literal["version", "ref", "commit", "previous"]

TAG_FIELDS: tuple[TagField, ...] = get_args(TagField)

ALWAYS_SET = (
    "UPSTREAM_TAG",
    "UPSTREAM_VERSION",
    "UPSTREAM_MINOR",
    "UPSTREAM_COMMIT",
    "PREVIOUS_TAG",
    "PREVIOUS_VERSION",
    "PREVIOUS_COMMIT",
    "DOWNSTREAM_BRANCH",
    "PLAN_NAME",
    "RESYNC_INCLUDED",
)
"""Variables that every step has by default."""


def defined(config: Config) -> set[str]:
    """Return the names of all variables that steps and texts of a Plan have."""
    own = (*(it.name for it in config.env), *(it.name for it in config.parameters))
    return {*own, *ALWAYS_SET}


def references(text: str) -> Iterator[tuple[str, int]]:
    """Yield the names of the variables in the text of an action, each with its offset in characters."""
    for found in _REFERENCE.finditer(text):
        yield found["braced"] or found["plain"], found.start()
        if found["words"]:
            yield from (
                (name, found.start("words") + at) for name, at in references(found["words"])
            )


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Return the text of an action with the values of its variables.

    `$NAME` and `${NAME}` give the value. `${NAME:+words}` gives the words unless the value is
    empty, `${NAME:-words}` only if it is empty.

    Raises:
        KeyError: a variable has no value; the error names it.
    """

    def value(found: re.Match[str]) -> str:
        held = variables[found["braced"] or found["plain"]]
        if found["operator"] is None or (found["operator"] == ":-" and held):
            return held
        is_empty = found["operator"] == ":+" and not held
        return "" if is_empty else expand(found["words"], variables)

    return _REFERENCE.sub(value, text)


def static_variables(config: Config) -> dict[str, str]:
    """Return the variables whose values the Plan itself holds.

    Raises:
        Stalled: reason `InvalidPath`; a `from` names no existing path; the message lists those that
            exist.
    """
    values = _paths(config)
    return {
        variable.name: variable.value
        if variable.value is not None
        else values[variable.from_ or ""]
        for variable in config.env
        if not _is_tag_path(_checked(variable.from_, values))
    }


def tag_variables(config: Config) -> dict[str, TagField]:
    """Return the Tag's field behind each of the other variables."""
    return {
        variable.name: cast(TagField, variable.from_.removeprefix(".tag."))
        for variable in config.env
        if variable.from_ is not None and _is_tag_path(variable.from_)
    }


def _is_tag_path(path: str | None) -> bool:
    return path is not None and path.removeprefix(".tag.") in TAG_FIELDS


def _checked(path: str | None, values: Mapping[str, str]) -> str | None:
    if path is None or path in values or path in _tag_paths():
        return path
    possible = ", ".join(f"`{known}`" for known in [*sorted(values), *_tag_paths()])
    raise Stalled(
        INVALID_PATH,
        f"`{path}` in `config.env` does not lead to a value. Possible paths: {possible}.",
    )


def _tag_paths() -> list[str]:
    return [f".tag.{field}" for field in TAG_FIELDS]


def _paths(config: Config) -> dict[str, str]:
    # `env` could refer to itself, and lists have no paths.
    return dict(_leaves(".config", config.dump()))


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _leaves(f"{path}.{name}", inner)
        case bool():
            yield path, "true" if value else "false"
        case str():
            yield path, value
        case _:
            return
