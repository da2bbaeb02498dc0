"""Whether a branch may hold merge commits: by rulesets, which everybody may read, and by classic protection.

Sources: GitHub's "Get rules for a branch" and "Get branch protection", which wants an administrator's token.
"""

from http import HTTPStatus
from urllib.parse import quote

from github import GithubException
from pydantic import BaseModel, TypeAdapter

from resync_argo.forge.github.client import Ask

MERGE = "merge"


class _Parameters(BaseModel):
    allowed_merge_methods: list[str] | None = None


class RuleAnswer(BaseModel):
    """A rule that holds for a branch."""

    type: str
    parameters: _Parameters = _Parameters()

    @property
    def forbids_merges(self) -> bool:
        """Tell whether it keeps merge commits out."""
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


_RULES = TypeAdapter(list[RuleAnswer])


def has_linear_history(ask: Ask, path: str, branch: str) -> bool | None:
    """Tell whether rules keep merge commits out of a branch; None: not all of them may be read.

    Args:
        ask: makes requests.
        path: of the repository, `/repos/owner/name`.
        branch: its name.
    """
    quoted = quote(branch, safe="")
    try:
        _, rules = ask("GET", f"{path}/rules/branches/{quoted}", query={"per_page": "100"})
        if any(rule.forbids_merges for rule in _RULES.validate_python(rules)):
            return True
    except GithubException as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        # An Enterprise Server from before rulesets.
    try:
        _, protection = ask("GET", f"{path}/branches/{quoted}/protection")
    except GithubException as error:
        return _unprotected(error)
    return ProtectionAnswer.model_validate(protection).required_linear_history.enabled


def _unprotected(error: GithubException) -> bool | None:
    """Return False for a branch that is not protected, None where that may not be seen."""
    said = str(error.data.get("message", "")) if isinstance(error.data, dict) else ""
    if error.status == HTTPStatus.NOT_FOUND:
        return False if "not protected" in said else None
    if error.status == HTTPStatus.FORBIDDEN and "rate limit" not in said.lower():
        return None
    raise error
