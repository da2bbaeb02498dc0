"""Opens a pull request with the Plan's labels and reviewers: the final one or a conflict's.

If the forge does not answer, this attempt or the next continues from where it stopped: a pull
request without labels was opened but not finished, and if the Plan names no labels, so was one
without reviewers. Otherwise people's changes to an existing one stay. A sync does not fail because
some reviewers cannot be asked: the pull request names them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from resync_argo.api.plan import GitHub
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.markdown import code
from resync_argo.attempt.retrying import retrying
from resync_argo.errors import Stalled
from resync_argo.forge.interface import (
    Forbidden,
    Forge,
    ObjectNotFound,
    PullRequest,
    RequestRefused,
)
from resync_argo.reasons.forge import PERMISSION_MISSING

T = TypeVar("T")

MAX_RETRY_FOR_SECONDS = 80.0
"""Together with an attempt's time for retries, it is less than the pod's grace period."""

_NOT_ASKED = "Not everybody whom the Plan names could be asked to review this:"
_REFUSALS = (Forbidden, ObjectNotFound, RequestRefused)


def open_new(
    attempt: Attempt, forge: Forge, *, branch: str, base: str, title: str, body: str
) -> PullRequest:
    """Open a pull request and return it.

    Raises:
        Stalled: the forge refuses.
        Transient: it does not answer, and the time for retries is over.
    """
    wanted = {"branch": branch, "base": base, "title": title, "body": body}
    opening = _Opening(forge=forge, github=_github(attempt), wanted=wanted)
    return _carried_out(attempt, opening.go_on)


def finish(attempt: Attempt, forge: Forge, found: PullRequest) -> None:
    """Label an open pull request and request its reviews, if an earlier attempt did not.

    Raises:
        Stalled: the forge refuses.
        Transient: it does not answer, and the time for retries is over.
    """
    github = _github(attempt)
    if github is None:
        return
    opening = _Opening(forge=forge, github=github, wanted={}, made=found)

    def go_on() -> None:
        if _is_unfinished(forge, github, found):
            opening.go_on()

    _carried_out(attempt, go_on)


def _is_unfinished(forge: Forge, github: GitHub, found: PullRequest) -> bool:
    if github.labels:
        return not found.labels
    is_asking = bool(github.reviewers or github.team_reviewers)
    return is_asking and not forge.has_reviewers(found.number)


def _github(attempt: Attempt) -> GitHub | None:
    return attempt.contract.config.github


def _carried_out(attempt: Attempt, do: Callable[[], T]) -> T:
    seconds = min(attempt.retry_for_seconds, MAX_RETRY_FOR_SECONDS)
    return retrying(replace(attempt, retry_for_seconds=seconds), do)


@dataclass(kw_only=True)
class _Opening:
    """Progress on a pull request: finished requests are not repeated, since they count against a quota."""

    forge: Forge
    github: GitHub | None
    wanted: dict[str, str]
    made: PullRequest | None = None
    has_reviewers: bool = False

    def go_on(self) -> PullRequest:
        """Do the rest, and return the pull request."""
        if self.made is None:
            self.made = self.forge.create_pull_request(**self.wanted)
        if self.github is None:
            return self.made
        if not self.has_reviewers:
            _request_reviewers(self.forge, self.made.number, self.github)
            self.has_reviewers = True
        # Last, since labels show `finish` that everything is done.
        self.forge.add_labels(self.made.number, self.github.labels)
        return self.made


def _request_reviewers(forge: Forge, number: int, github: GitHub) -> None:
    try:
        forge.request_reviewers(number, users=github.reviewers, teams=github.team_reviewers)
    except _REFUSALS as error:
        _raise_of_all(error)
        # GitHub rejects all reviewers if it rejects one.
        refused = list(_ask_each(forge, number, github))
        told = (comment.body for comment in forge.list_comments(number))
        if not refused or any(body.startswith(_NOT_ASKED) for body in told):
            return
        forge.comment(
            number,
            f"{_NOT_ASKED}\n\n"
            + "\n".join(f"- {line}" for line in refused)
            + "\n\nPlease ask somebody, and correct `reviewers` and `teamReviewers` of `config.github` in"
            " the Plan.",
        )


def _raise_of_all(error: Stalled) -> None:
    """Raise an error that affects more than a review, such as an archived repository."""
    if isinstance(error, Forbidden) and error.reason != PERMISSION_MISSING:
        raise error


def _ask_each(forge: Forge, number: int, github: GitHub) -> Iterator[str]:
    """Request reviews one by one; yield each refused reviewer with the forge's message."""
    users, teams = github.reviewers, github.team_reviewers
    each = [
        *((name, [name], []) for name in users),
        *((f"{name} (team)", [], [name]) for name in teams),
    ]
    for shown, user, team in each:
        try:
            forge.request_reviewers(number, users=user, teams=team)
        except _REFUSALS as error:
            _raise_of_all(error)
            yield f"{code(shown)}: {code(str(error))}"
