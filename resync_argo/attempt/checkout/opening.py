"""Parses how the first step merges the release, if it does that first and nothing can interfere.

The grammar is strict: one plain `git merge` with known options. A script that does anything before
it, or one of git's own variables in the Plan's `env`, could merge differently. A tool that proposes
files needs the step to run.
"""

import re
import shlex

from resync_argo.api.variables import expand, static_variables
from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.attempt.merge.options import (
    STRATEGIES,
    MergeOptions,
    is_strategy_option,
    merge_options,
    parse_call,
)
from resync_argo.attempt.variables import step_variables

_FLAGS = re.compile(
    r"-[enqv]|--(no-)?(edit|ff|log|stat|progress|signoff|verify)|--(quiet|verbose|commit|no-gpg-sign)"
)
"""Options of git-merge that do not affect what is in conflict."""

_VALUED = {"-m": "", "--message": "", "-X": "option", "--strategy-option": "option"} | {
    "-s": "strategy",
    "--strategy": "strategy",
}
"""Options of git-merge with a value -> the value's meaning."""

_DOING_MORE = re.compile(r"[;&|<>`(){}*?\[\]~!\\]")
"""In a command line: an operator, a substitution, a pattern or an escape of the shell."""

_QUOTED = re.compile(r'"(?:[^"`$\\]|\$\w)*"')
_BRACED = re.compile(r"\$\{(\w{1,200})\}")


def opening_merge(attempt: Attempt, replay: ReplayInput) -> MergeOptions | None:
    """Return how the first step merges the release; None if that is uncertain."""
    config = attempt.contract.config
    names = [*(it.name for it in config.env), *(it.name for it in config.parameters)]
    is_plain = not (
        config.include
        or any(name.startswith("GIT_") for name in names)
        or any(it.propose for it in config.conflicts)  # a tool proposes in the step's container
    )
    words = _words(attempt.contract.opening or "") if is_plain else []
    if words[:2] != ["git", "merge"]:
        return None
    variables = {**static_variables(config), **step_variables(attempt, replay)}
    operands = _operands(words[2:])
    try:
        named = [expand(word, variables) for word in operands or ()]
    except KeyError:
        return None
    if len(named) != 1 or named[0] not in _names(attempt, replay):
        return None
    return merge_options(parse_call(words[1:]), settings={})


def _names(attempt: Attempt, replay: ReplayInput) -> set[str]:
    """Return the names of the release in the steps' clone."""
    return {
        replay.tag,
        f"tags/{replay.tag}",
        f"refs/tags/{replay.tag}",
        replay.tag_commit,
        attempt.contract.config.upstream.name,
    }


def _words(line: str) -> list[str]:
    """Return the words of a command; none if it is more than a plain command."""
    plain = _BRACED.sub(r"$\1", line)
    if _DOING_MORE.search(_QUOTED.sub("", plain)) or ("'" in line and "$" in line):
        return []
    try:
        return shlex.split(plain, comments=True)
    except ValueError:
        return []


def _operands(words: list[str]) -> list[str] | None:
    """Return the revisions to merge; None if an option is unknown."""
    operands = []
    rest = iter(words)
    for word in rest:
        name, value = _option(word)
        if name in _VALUED:
            if not _is_known(_VALUED[name], next(rest, "") if value is None else value):
                return None
        elif word.startswith("-"):
            if not _FLAGS.fullmatch(word):
                return None
        else:
            operands.append(word)
    return operands


def _option(word: str) -> tuple[str, str | None]:
    """Return an option's name, and its value if that is in the same word."""
    if word.startswith("--"):
        name, is_given, value = word.partition("=")
        return name, value if is_given else None
    return word[:2], word[2:] or None


def _is_known(kind: str, value: str) -> bool:
    if kind == "option":
        return is_strategy_option(value)
    return kind != "strategy" or value in STRATEGIES
