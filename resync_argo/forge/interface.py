"""The interface of a forge: the `Forge` protocol, its plain data and its errors.

A forge is the host of pull requests (GitHub, a GitHub Enterprise Server, or a directory on a
laptop). A `Forge` object is for one repository, with one set of credentials. Pull requests are
opened *in* that repository; their branches are in it too, or, in fork mode, in the repository given
as `head_repository` when the object was made. The attempt (publishing) and the controller
(watching) call it. Implementations: `github`, `directory`. Every method may raise a `ForgeError`,
which is a `Transient` (try again, after `retry_after` seconds if given) or a `Stalled` (a person
must act; the message says how). Times are timezone-aware UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from resync_argo.errors import ResyncError, Stalled, Transient
from resync_argo.reasons.forge import FORGE_UNAVAILABLE, RATE_LIMITED


class PullRequestState(StrEnum):
    """The state of a pull request; `CLOSED` means closed without a merge."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class CommitState(StrEnum):
    """The states of a commit status, in GitHub's words ("Create a commit status")."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """A pull request as the forge shows it.

    Attributes:
        number: its number in the repository.
        url: its address for people.
        state: open, merged or closed; the forge decides what is merged, never a comparison of
            trees.
        head_branch: branch name without `refs/heads/`; in fork mode a branch of the fork.
        head_commit: full object id of the head's tip as the forge last saw it.
        base_branch: branch name without `refs/heads/`.
        title: one line.
        body: Markdown; "" if it has none.
        labels: names, in the forge's order.
        author: login of the person or bot that opened it.
        merged_commit: the commit that the merge created; only if merged.
        updated_at: time of its last change.
        merges: whether it merges without a conflict; None: the forge does not know, or did not say.
        is_draft: its author marked it as not ready.
    """

    number: int
    url: str
    state: PullRequestState
    head_branch: str
    head_commit: str
    base_branch: str
    title: str
    body: str
    labels: tuple[str, ...]
    author: str
    merged_commit: str | None
    updated_at: datetime
    merges: bool | None = None
    is_draft: bool = False


@dataclass(frozen=True, kw_only=True)
class NotModified:
    """The answer to a conditional read: nothing changed since the given ETag."""


@dataclass(frozen=True, kw_only=True)
class Comment:
    """One comment in a pull request's conversation."""

    id: int
    author: str
    body: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangedFile:
    """One file of a pull request's diff; `status` is added, modified, removed, renamed, copied or changed."""

    path: str
    status: str
    previous_path: str | None
    additions: int
    deletions: int


@dataclass(frozen=True, kw_only=True)
class CommitStatus:
    """The argument of `set_commit_status`; a new status with the same `context` replaces the old one.

    Attributes:
        context: its name, e.g. `resync/resolution`.
        state: see `CommitState`.
        description: one line; cut to GitHub's 140 characters.
        url: address with details, or None.
    """

    context: str
    state: CommitState
    description: str
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Access:
    """The permissions of the credentials in the repository; None if the forge does not reveal one.

    Attributes:
        default_branch: the repository's default branch.
        private: whether the repository is private.
        archived: whether it is archived, and so read-only.
        merge_commits: whether its settings allow merge commits.
        push: may push branches.
        pull_requests: may open and change pull requests.
        issues: may create the labels of pull requests.
        statuses: may set commit statuses.
        workflows: may push commits that change `.github/workflows`.
    """

    default_branch: str
    private: bool
    archived: bool = False
    merge_commits: bool | None = None
    push: bool | None
    pull_requests: bool | None
    issues: bool | None
    statuses: bool | None
    workflows: bool | None


class Forge(Protocol):
    """One repository on a forge. The module's docstring lists the errors."""

    def find_pull_request(self, branch: str, *, base: str | None = None) -> PullRequest | None:
        """Find the pull request whose head is `branch`: the open one, else the newest of any state."""

    def get_pull_request(
        self, number: int, *, etag: str | None = None
    ) -> tuple[PullRequest | NotModified, str | None]:
        """Read one pull request, conditionally if `etag` is given; return it with its new ETag."""

    def list_open(self, base: str) -> list[PullRequest]:
        """List all open pull requests into a branch, lowest number first.

        Raises `RequestRefused` if there are too many.
        """

    def create_pull_request(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request from `branch` into `base`.

        Call `find_pull_request` first. If, in a race, an open one exists nevertheless, return that.
        """

    def update_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        """Change the title, the body, or both; None means no change."""

    def close_pull_request(self, number: int) -> PullRequest:
        """Close it without a merge; closing a closed or merged one changes nothing."""

    def merge_pull_request(self, number: int, *, commit: str) -> None:
        """Merge it, by any merge method that the repository allows, if its head is still at `commit`."""

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Add labels, creating those that the repository lacks; without labels, the forge is not asked."""

    def has_reviewers(self, number: int) -> bool:
        """Return whether anybody is asked to review a pull request, or has reviewed it."""

    def request_reviewers(self, number: int, *, users: Sequence[str], teams: Sequence[str]) -> None:
        """Ask users (logins) and teams (slugs) for a review; without any, the forge is not asked."""

    def comment(self, number: int, body: str) -> Comment:
        """Write a comment (Markdown)."""

    def list_comments(self, number: int, *, since: datetime | None = None) -> list[Comment]:
        """List the comments, oldest first; with `since`, those created or changed at or after it."""

    def list_files(self, number: int) -> list[ChangedFile]:
        """List the files of the diff, at most 3,000 on GitHub ("List pull requests files")."""

    def set_commit_status(self, commit: str, status: CommitStatus) -> None:
        """Set a status on a commit of the repository."""

    def can_write(self, user: str) -> bool:
        """Return whether a login may push to the repository; False for an unknown login."""

    def list_branches(self, prefix: str) -> dict[str, str]:
        """Map the head repository's branches that begin with `prefix` to their commits."""

    def delete_branch(self, branch: str) -> None:
        """Delete a branch of the head repository; one that is gone already is not an error."""

    def contains(self, branch: str, commit: str) -> bool:
        """Return whether a commit is in the history of a branch; False for an unknown commit.

        Args:
            branch: of the repository in which pull requests are opened.
            commit: full object id.
        """

    def has_linear_history(self, branch: str) -> bool | None:
        """Return whether rules forbid everybody's merge commits in a branch; None: the forge does not say."""

    def access(self) -> Access:
        """Return the credentials' permissions; raises `RepositoryNotFound` if they cannot see the repository."""


class ForgeError(ResyncError):
    """The forge refused, or did not answer."""


class ForgeUnavailable(ForgeError, Transient):
    """The forge did not answer, answered 5xx, or sent something that is not its API's format."""

    reason = FORGE_UNAVAILABLE


class RateLimited(ForgeError, Transient):
    """The forge limits the rate; `retry_after` is in seconds, if the forge says how long."""

    reason = RATE_LIMITED


class CredentialsRefused(ForgeError, Stalled):
    """401: the credentials are wrong, expired or revoked; or the Secret holds no usable ones."""


class Forbidden(ForgeError, Stalled):
    """403: the credentials lack a permission, or another obstacle must be removed first."""


class RepositoryMoved(ForgeError, Stalled):
    """The repository was renamed or transferred: the Plan must use its new name."""


class RepositoryNotFound(ForgeError, Stalled):
    """404 for the repository itself: it does not exist, or the credentials may not see it."""


class ObjectNotFound(ForgeError, Stalled):
    """404 for something in an existing repository: a pull request, a branch, a user."""


class RequestRefused(ForgeError, Stalled):
    """Any other 4xx (409, 410, 422 …): the forge declined the request; the message holds its reason."""
