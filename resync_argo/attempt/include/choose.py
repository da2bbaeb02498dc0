"""Selects the open pull requests to include, by the Plan. Pure."""

from collections.abc import Iterable, Sequence

from resync_argo.api.include import Include, IncludedPull, title_pattern
from resync_argo.errors import Stalled
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.reasons.attempt import TOO_MANY_INCLUDED

MAX_INCLUDED = 10
MAX_TITLE = 300
_OWN = "resync/"
"""The prefix of our own branches' names."""


def choose(wanted: Sequence[Include], pulls: Iterable[PullRequest]) -> list[IncludedPull]:
    """Return the pull requests to include, in order of number.

    Args:
        wanted: the Plan's `config.include`.
        pulls: the open ones into the downstream branch.

    Raises:
        Stalled: reason `TooManyIncluded`, or `InvalidPattern`.
    """
    found = sorted((it for it in pulls if fits(wanted, it)), key=lambda it: it.number)
    if len(found) > MAX_INCLUDED:
        named = ", ".join(f"#{it.number}" for it in found[: MAX_INCLUDED + 1])
        raise Stalled(
            TOO_MANY_INCLUDED,
            f"{len(found)} open pull requests fit `config.include`, and {MAX_INCLUDED} come along at most: narrow it by"
            f" `title` or `label`, or merge or close some of {named}.",
        )
    return [
        IncludedPull(
            number=it.number,
            head=it.head_commit,
            title=it.title[:MAX_TITLE],
            author=it.author,
            url=it.url,
        )
        for it in found
    ]


def fits(wanted: Sequence[Include], pull: PullRequest) -> bool:
    """Return whether to include an open pull request: it is ready, not our own, and matches an entry."""
    if pull.state is not PullRequestState.OPEN or pull.is_draft:
        return False
    return not pull.head_branch.startswith(_OWN) and any(_fits(it, pull) for it in wanted)


def _fits(one: Include, pull: PullRequest) -> bool:
    if one.author is None and one.label is None:
        return False  # Anybody can write a title.
    if one.author is not None and one.author.lower() != pull.author.lower():
        return False
    if one.label is not None and one.label not in pull.labels:
        return False
    return one.title is None or title_pattern(one.title).search(pull.title) is not None
