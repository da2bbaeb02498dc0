"""Looks up the pull requests that the next sync will include, as its checkout would find them."""

from collections.abc import Sequence

from resync_argo.api.include import IncludedPull
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.include.find import find_included
from resync_argo.errors import ResyncError
from resync_argo.local.console import progress
from resync_argo.upstream.eligibility import Release


def look_for_included(
    attempt: Attempt, head: str, due: Sequence[Release]
) -> tuple[tuple[IncludedPull, ...], str]:
    """Return the pull requests included with the releases that are due; and why these are not known, or "".

    Args:
        attempt: has the Plan and the clone.
        head: the branch's commit.
        due: the releases, the next one first.
    """
    if not due or not attempt.contract.config.include:
        return (), ""
    with progress("Looking for pull requests that come along"):
        try:
            return find_included(attempt, head, due[0].tag.commit).included, ""
        except ResyncError as error:
            return (), str(error)
