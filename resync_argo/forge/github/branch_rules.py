"""Checks whether a branch allows merge commits: reads rulesets, which everybody may read, and classic protection.

Sources: GitHub's "Get rules for a branch" and "Get branch protection", which needs an
administrator's token.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from github import GithubException
from pydantic import BaseModel, TypeAdapter

from resync_argo.forge.github.client import Ask
from resync_argo.forge.github.errors import is_rate_limit

MERGE = "merge"


class _Parameters(BaseModel):
    allowed_merge_methods: list[str] | None = None


class RuleAnswer(BaseModel):
    """A rule that applies to a branch."""

    type: str
    parameters: _Parameters = _Parameters()

    @property
    def forbids_merges(self) -> bool:
        """Return whether it forbids merge commits."""
        methods = self.parameters.allowed_merge_methods
        is_other_method = self.type == "pull_request" and methods is not None
        return self.type == "required_linear_history" or (
            is_other_method and MERGE not in (methods or ())
        )


class _Switch(BaseModel):
    enabled: bool


class ProtectionAnswer(BaseModel):
    """A branch's classic protection."""

    required_linear_history: _Switch = _Switch(enabled=False)


class BranchAnswer(BaseModel):
    """A branch; `protected` means classic protection."""

    protected: bool


_RULES = TypeAdapter(list[RuleAnswer])


def has_linear_history(ask: Ask, path: str, branch: str) -> bool | None:
    """Return whether rules forbid merge commits in a branch; None: not all rules are readable.

    Args:
        ask: makes requests.
        path: of the repository, `/repos/owner/name`.
        branch: its name.

    Raises:
        GithubException: the forge refuses for another reason.
    """
    quoted = quote(branch, safe="")
    rules = _read(ask, f"{path}/rules/branches/{quoted}", {"per_page": "100"})
    if rules is not None and any(it.forbids_merges for it in _RULES.validate_python(rules)):
        return True
    branch_path = f"{path}/branches/{quoted}"
    found = _read(ask, branch_path)
    if found is None:
        return None
    if not BranchAnswer.model_validate(found).protected:
        return False
    protection = _read(ask, f"{branch_path}/protection")
    if protection is None:
        return None
    return ProtectionAnswer.model_validate(protection).required_linear_history.enabled


def _read(ask: Ask, path: str, query: dict[str, str] | None = None) -> Any:
    """Return an answer; None if these credentials may not see it, or this forge lacks it."""
    try:
        return ask("GET", path, query=query)[1]
    except GithubException as error:
        is_hidden = error.status == HTTPStatus.FORBIDDEN and not is_rate_limit(error)
        if is_hidden or error.status == HTTPStatus.NOT_FOUND:
            return None
        raise
