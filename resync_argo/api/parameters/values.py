"""The values of a Plan's parameters for one release, and how they reach its run.

What people set is a mapping of names to values; `choose` combines those of the Tag and the Sync;
`variables_of` gives each parameter its value, its default or "".
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.errors import Stalled
from resync_argo.reasons.parameters import INVALID_VALUE, VALUE_MISSING

Values = Mapping[str, str]
"""Values that people set, by the parameters' names."""

ON_TAG = "`spec.parameters` of the Tag"
ON_SYNC = "`spec.parameters` of the Sync"


def choose(parameters: Sequence[Parameter], *, tag: Values, sync: Values) -> dict[str, str]:
    """Return what people set for a release; the Sync's values override the Tag's.

    A Tag may have values for the parameters of other Plans.

    Raises:
        Stalled: reason `InvalidValue` or `ValueMissing`; the message says what to set, and where.
    """
    places = {**dict.fromkeys(tag, ON_TAG), **dict.fromkeys(sync, ON_SYNC)}
    return checked(parameters, {**_known(parameters, tag), **sync}, places)


def checked(
    parameters: Sequence[Parameter], values: Values, places: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the values, checked for validity and completeness.

    Args:
        parameters: of the Plan.
        values: what people set.
        places: where each was set.

    Raises:
        Stalled: reason `InvalidValue` or `ValueMissing`.
    """
    where = places or {}
    for name in sorted(set(values) - {parameter.name for parameter in parameters}):
        raise Stalled(INVALID_VALUE, f"{unknown(parameters, name)}{_advice(where, name)}")
    for parameter in parameters:
        name, value = parameter.name, values.get(parameter.name)
        if value is not None and (refused := parameter.refusal(value)) is not None:
            raise Stalled(INVALID_VALUE, f"{refused}{_advice(where, name)}")
        if value is None and parameter.required:
            message = f"{name} has no value, and the Plan requires one, which {parameter.rule}."
            raise Stalled(
                VALUE_MISSING, f"{message} Set it with `resync-argo set`, or in {ON_TAG}."
            )
    return dict(values)


def unknown(parameters: Sequence[Parameter], name: str) -> str:
    """Return a sentence that lists the existing parameters, in place of an unknown one."""
    known = ", ".join(parameter.name for parameter in parameters)
    there = f"the Plan has {known}" if known else "the Plan has none"
    return f"{name} is not a parameter of the Plan: {there}."


def variables_of(parameters: Sequence[Parameter], values: Values) -> dict[str, str]:
    """Return each parameter as a variable.

    Raises:
        Stalled: see `checked`.
    """
    given = checked(parameters, values)
    return {it.name: given.get(it.name, it.default or "") for it in parameters}


def changed(before: Values, now: Values, names: Iterable[str]) -> list[str]:
    """Return the names whose values have changed."""
    return [name for name in names if before.get(name) != now.get(name)]


def to_json(values: Values) -> str:
    """Return JSON in which neither Argo nor Kubernetes finds anything to replace; "" if nothing is set."""
    pairs = (f"{_quoted(name)}:{_quoted(value)}" for name, value in sorted(values.items()))
    return "{" + ",".join(pairs) + "}" if values else ""


def from_json(text: str) -> dict[str, str]:
    """Read what `to_json` wrote, or what a person wrote instead.

    Raises:
        Stalled: reason `InvalidValue`; the text has another form.
    """
    try:
        read = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        example = """`{"JIRA":"ABC-1"}`"""
        raise Stalled(
            INVALID_VALUE, f"`values` must be a JSON object of strings such as {example}."
        )
    return read


def _quoted(text: str) -> str:
    return re.sub("[{}$]", lambda it: f"\\u{ord(it[0]):04x}", json.dumps(text))


def _known(parameters: Sequence[Parameter], values: Values) -> dict[str, str]:
    names = {parameter.name for parameter in parameters}
    return {name: value for name, value in values.items() if name in names}


def _advice(places: Mapping[str, str], name: str) -> str:
    return f" Correct it in {places[name]}." if name in places else ""
