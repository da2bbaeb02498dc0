"""Parses the parts of GitHub's answers that we use: JSON in, our own data out.

Names are GitHub's. An answer that differs from GitHub's documentation is refused, never guessed: an
unknown state is not "closed", and an object is not an empty list. A test compares the fields used
here with those of the test forge.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, TypeAdapter

from resync_argo.forge.interface import Access, ChangedFile, Comment, PullRequest, PullRequestState

NOBODY = "ghost"
"""GitHub's name for a deleted account."""


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("it is not text")  # noqa: TRY004 - pydantic expects a ValueError
    return value


Number = Annotated[int, Field(strict=True, gt=0, lt=2**63)]
Flag = Annotated[bool, Field(strict=True)]
Moment = Annotated[AwareDatetime, BeforeValidator(_text)]
"""RFC 3339; pydantic alone would take any number for one."""
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
Address = Annotated[str, Field(pattern=r"^https?://[!-~]+$", max_length=1024)]
Word = Annotated[str, Field(pattern=r"^[!-~]+$")]


class UserAnswer(BaseModel):
    """An account."""

    login: str


class LabelAnswer(BaseModel):
    """A label."""

    name: str


class NamedAnswer(BaseModel):
    """A repository in another object's answer."""

    full_name: str


class BranchAnswer(BaseModel):
    """One side of a pull request; `repo` is missing when a fork was deleted, `label` is `owner:branch`."""

    ref: str
    sha: Commit
    label: str | None = None
    repo: NamedAnswer | None = None

    def is_of(self, repository: str, branch: str) -> bool:
        """Return whether it is a branch of the repository `owner/name`; GitHub ignores case in that name."""
        if self.ref != branch:
            return False
        if self.repo is not None:
            return self.repo.full_name.lower() == repository.lower()
        owner = repository.partition("/")[0]
        return (self.label or "").lower() == f"{owner}:{branch}".lower()


class PullAnswer(BaseModel):
    """A pull request; lists lack `merged` and `mergeable`.

    `mergeable` is null while GitHub computes it, which each request triggers ("Get a pull
    request").
    """

    number: Number
    html_url: Address
    state: Literal["open", "closed"]
    title: str
    body: str | None
    labels: list[LabelAnswer]
    user: UserAnswer | None
    head: BranchAnswer
    base: BranchAnswer
    merged_at: Moment | None
    merge_commit_sha: Commit | None
    updated_at: Moment
    mergeable: Flag | None = None
    draft: Flag = False

    @property
    def is_abandoned(self) -> bool:
        """Return whether it was closed without being merged."""
        return self.state == "closed" and self.merged_at is None

    def pull_request(self) -> PullRequest:
        """Return it as our own data."""
        is_merged = self.merged_at is not None
        closed = PullRequestState.MERGED if is_merged else PullRequestState.CLOSED
        return PullRequest(
            number=self.number,
            url=self.html_url,
            state=PullRequestState.OPEN if self.state == "open" else closed,
            head_branch=self.head.ref,
            head_commit=self.head.sha,
            base_branch=self.base.ref,
            title=self.title,
            body=self.body or "",
            labels=tuple(label.name for label in self.labels),
            author=self.user.login if self.user else NOBODY,
            # Before the merge, this is GitHub's test merge, which is in no branch.
            merged_commit=self.merge_commit_sha if is_merged else None,
            updated_at=self.updated_at,
            merges=self.mergeable,
            is_draft=self.draft,
        )


class CommentAnswer(BaseModel):
    """A comment; `issue_url` ends with the number of its issue or pull request."""

    id: Number
    issue_url: str
    body: str | None
    user: UserAnswer | None
    created_at: Moment

    def comment(self) -> Comment:
        """Return it as our own data."""
        return Comment(
            id=self.id,
            author=self.user.login if self.user else NOBODY,
            body=self.body or "",
            created_at=self.created_at,
        )


class ReviewersAnswer(BaseModel):
    """The requested reviewers of a pull request who have not reviewed it yet."""

    users: list[object]
    teams: list[object]


class FileAnswer(BaseModel):
    """A file of a pull request's diff."""

    filename: str
    status: str
    previous_filename: str | None = None
    additions: int
    deletions: int

    def changed_file(self) -> ChangedFile:
        """Return it as our own data."""
        return ChangedFile(
            path=self.filename,
            status=self.status,
            previous_path=self.previous_filename,
            additions=self.additions,
            deletions=self.deletions,
        )


class InstallationAnswer(BaseModel):
    """An App's installation."""

    id: Number


class TokenAnswer(BaseModel):
    """A token of an installation, and its permissions."""

    token: Word = Field(repr=False)
    expires_at: Moment
    permissions: dict[str, str]


class PermissionAnswer(BaseModel):
    """An account's permission in the repository."""

    permission: str
    user: UserAnswer | None


class ObjectAnswer(BaseModel):
    """What a ref points to."""

    sha: Commit


class RefAnswer(BaseModel):
    """A ref by its full name."""

    ref: str
    object: ObjectAnswer


class CommitAnswer(BaseModel):
    """A commit."""

    sha: Commit


class ComparisonAnswer(BaseModel):
    """A comparison of a commit with a branch; the merge base is the last common commit."""

    status: str
    merge_base_commit: CommitAnswer


class PermissionsAnswer(BaseModel):
    """The permissions of the credentials' owner."""

    push: Flag


class RepositoryAnswer(BaseModel):
    """A repository; some kinds of credentials do not see `permissions` and the merge methods."""

    full_name: Word
    archived: Flag = False
    allow_merge_commit: Flag | None = None
    default_branch: str
    private: Flag
    permissions: PermissionsAnswer | None = None

    def access_of_token(self, scopes: str | None) -> Access:
        """Return a token's permissions; only classic tokens list their scopes."""
        push = self.permissions.push if self.permissions else None
        if scopes is None:
            return self._access(push=push, workflows=None)
        held = {scope.strip() for scope in scopes.split(",")}
        enough = "repo" in held or (not self.private and "public_repo" in held)
        return self._access(
            push=enough and push is not False,
            pull_requests=enough,
            issues=enough,
            statuses=enough or "repo:status" in held,
            workflows="workflow" in held,
        )

    def access_of_app(self, permissions: Mapping[str, str]) -> Access:
        """Return the permissions of an App's installation."""
        return self._access(
            push=permissions.get("contents") == "write",
            pull_requests=permissions.get("pull_requests") == "write",
            issues=permissions.get("issues") == "write",
            statuses=permissions.get("statuses") == "write",
            workflows=permissions.get("workflows") == "write",
        )

    def _access(
        self,
        *,
        push: bool | None,
        workflows: bool | None,
        pull_requests: bool | None = None,
        issues: bool | None = None,
        statuses: bool | None = None,
    ) -> Access:
        return Access(
            default_branch=self.default_branch,
            private=self.private,
            archived=self.archived,
            merge_commits=self.allow_merge_commit,
            push=push,
            pull_requests=pull_requests,
            issues=issues,
            statuses=statuses,
            workflows=workflows,
        )


PULLS = TypeAdapter(list[PullAnswer])
COMMENTS = TypeAdapter(list[CommentAnswer])
FILES = TypeAdapter(list[FileAnswer])
REFS = TypeAdapter(list[RefAnswer])
