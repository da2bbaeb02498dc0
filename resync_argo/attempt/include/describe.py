"""What the final pull request says about included pull requests. Pure."""

from collections.abc import Sequence

from resync_argo.api.include import IncludedPull
from resync_argo.attempt.markdown import code


def describe_included(pulls: Sequence[IncludedPull], left: Sequence[str]) -> str:
    """Return Markdown for the final pull request; "" if nothing was included and there is nothing to report."""
    lines = [f"- {_one(it)}" for it in pulls]
    if lines:
        lines = ["**Pull requests that came along:**", "", *lines]
    if left:
        lines += ["", *left] if lines else left
    return "\n".join(lines)


def _one(pull: IncludedPull) -> str:
    # Without an address: the forge links a number by itself, and shows the reference on the other pull request.
    named = f"#{pull.number} {code(pull.title)} of {code(pull.author)}, at {code(pull.head[:12])}"
    if pull.contained:
        return f"{named}: not brought, for the branch has all of its commits{_also(pull)}"
    return f"{named}{_also(pull)}"


def _also(pull: IncludedPull) -> str:
    return f"; {pull.news}" if pull.news else ""
