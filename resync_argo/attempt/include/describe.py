"""What the final pull request says about the pull requests that came along. Pure."""

from collections.abc import Sequence

from resync_argo.api.include import IncludedPull
from resync_argo.attempt.markdown import code


def describe_included(pulls: Sequence[IncludedPull], left: Sequence[str]) -> str:
    """Return Markdown for the final pull request; "" where nothing came along and nothing is to be said."""
    lines = [f"- {_one(it)}" for it in pulls]
    if lines:
        lines = ["**Pull requests that came along:**", "", *lines]
    if left:
        lines += ["", *left] if lines else left
    return "\n".join(lines)


def _one(pull: IncludedPull) -> str:
    # Without an address: on the forge a number links by itself, and tells the other pull request.
    named = f"#{pull.number} {code(pull.title)} of {code(pull.author)}, at {code(pull.head[:12])}"
    if pull.contained:
        return f"{named}: not brought, for the branch has all of its commits{_also(pull)}"
    return f"{named}{_also(pull)}"


def _also(pull: IncludedPull) -> str:
    return f"; {pull.news}" if pull.news else ""
