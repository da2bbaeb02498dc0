"""Reads values from the command line, `NAME=value`."""

from collections.abc import Iterable, Sequence

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.api.parameters.values import checked
from resync_argo.errors import Stalled, UsageError


def read_assignments(words: Iterable[str]) -> dict[str, str]:
    """Return values by name; "" removes a value.

    Raises:
        UsageError: a word is not an assignment, or a name is repeated.
    """
    values: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not name or not sign:
            raise UsageError(
                f"`{word}` is not an assignment: write `NAME=value`, such as `JIRA=ABC-1`."
            )
        if name in values:
            raise UsageError(f"`{name}` is given twice: leave one out.")
        values[name] = value
    return values


def given(parameters: Sequence[Parameter], words: Iterable[str]) -> dict[str, str]:
    """Return the values for a run of a Plan.

    Raises:
        UsageError: a value does not fit its parameter, or a required one is missing.
    """
    values = {name: value for name, value in read_assignments(words).items() if value}
    try:
        return checked(parameters, values)
    except Stalled as error:
        raise UsageError(str(error)) from error
