"""The variables of a Plan: what steps find in their environment, and `$VAR` in an action's texts.

Static ones are in the compiled template. Those that depend on the tag or on the branch's contents
come from here, in the file that the step wrapper reads. The actions expand titles, bodies and
messages with the same variables, so a text sees the same values as a step.
"""

import re
from collections.abc import Callable, Mapping

from resync_argo.api.parameters.values import variables_of
from resync_argo.api.variables import TagField, static_variables, tag_variables
from resync_argo.api.variables import expand as expand_variables
from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.errors import Stalled
from resync_argo.reasons.plan import UNDEFINED_VARIABLE

_MINOR = re.compile(r"\d+\.\d+", re.ASCII)
"""The prefix of a version: its first two numbers."""


def always_set(attempt: Attempt, replay: ReplayInput) -> dict[str, str]:
    """Return the variables in every step's environment."""
    return {
        "UPSTREAM_TAG": replay.tag,
        "UPSTREAM_VERSION": replay.version,
        "UPSTREAM_MINOR": _minor(replay.version),
        "UPSTREAM_COMMIT": replay.tag_commit,
        "PREVIOUS_TAG": replay.previous_tag or "",
        "PREVIOUS_VERSION": replay.previous_version or "",
        "PREVIOUS_COMMIT": replay.previous_commit or "",
        "DOWNSTREAM_BRANCH": attempt.contract.config.downstream.branch,
        "PLAN_NAME": attempt.plan,
        "RESYNC_INCLUDED": " ".join(it.ref for it in replay.included if not it.contained),
    }


def step_variables(attempt: Attempt, replay: ReplayInput) -> dict[str, str]:
    """Return the variables that the compiled template cannot have: those that depend on the tag.

    The dates make a replay's commits identical; the other variables keep git from prompting.
    """
    return {
        "GIT_AUTHOR_DATE": replay.committer["GIT_AUTHOR_DATE"],
        "GIT_COMMITTER_DATE": replay.committer["GIT_COMMITTER_DATE"],
        "GIT_EDITOR": "true",
        # Otherwise the message of a signed tag's merge would contain gpg's output here and now.
        "GIT_MERGE_AUTOEDIT": "yes",
        "GIT_TERMINAL_PROMPT": "0",
        **_tag_values(attempt, replay),
        **parameter_values(attempt),
        **always_set(attempt, replay),
    }


def parameter_values(attempt: Attempt) -> dict[str, str]:
    """Return the values of the Plan's parameters; "" where one has none.

    Raises:
        Stalled: a value is invalid for the Plan, which can happen if a person submitted the run.
    """
    return variables_of(attempt.contract.config.parameters, attempt.parameters.values)


def all_variables(
    attempt: Attempt, replay: ReplayInput, *, shown: Callable[[str], str] = str
) -> dict[str, str]:
    """Return every variable that an action's texts may name.

    Args:
        attempt: the run.
        replay: the observation of checkout.
        shown: converts an untrusted value for the text.

    Raises:
        Stalled: reason `InvalidPath`; a `from` of the Plan names no existing path.
    """
    values = parameter_values(attempt)
    return {
        **static_variables(attempt.contract.config),
        **_tag_values(attempt, replay),
        **{name: shown(value) for name, value in values.items()},
        **always_set(attempt, replay),
    }


def _tag_values(attempt: Attempt, replay: ReplayInput) -> dict[str, str]:
    values: dict[TagField, str] = {
        "version": replay.version,
        "ref": _ref(replay),
        "commit": replay.tag_commit,
        "previous": replay.previous_version or "",
    }
    named = tag_variables(attempt.contract.config)
    return {name: values[field] for name, field in named.items()}


def _ref(replay: ReplayInput) -> str:
    """Return the full name of upstream's ref for the release."""
    if replay.upstream_branch is not None:
        return f"refs/heads/{replay.upstream_branch}"
    return f"refs/tags/{replay.tag}"


def _minor(version: str) -> str:
    """Return a version's first two numbers, such as `1.21`; empty where it has none."""
    found = _MINOR.match(version)
    return found[0] if found else ""


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Return the text of an action with the values of its variables.

    Raises:
        Stalled: reason `UndefinedVariable`; the message names it. A title never has a gap.
    """
    try:
        return expand_variables(text, variables)
    except KeyError as error:
        message = f"`${error.args[0]}` has no value; define it in `config.env` or take it out of the text."
        raise Stalled(UNDEFINED_VARIABLE, message) from None
