"""Doubles that implement our protocols and keep their state in memory: people act through methods."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from resync_argo.api.plan import RepositoryName
from resync_argo.forge.credentials import Credentials
from resync_argo.forge.interface import (
    Access,
    ChangedFile,
    Comment,
    CommitStatus,
    Forge,
    NotModified,
    ObjectNotFound,
    PullRequest,
    PullRequestState,
)
from resync_argo.forge.spending import spend

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
GRANTED = Access(
    default_branch="main",
    private=False,
    merge_commits=True,
    push=True,
    pull_requests=True,
    issues=True,
    statuses=True,
    workflows=True,
)


@dataclass
class FakeForge:
    """Pull requests of one repository, without git; `requests` says what was asked, in order."""

    repository: str = "forge.test/down/project"
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    files: dict[int, tuple[str, ...]] = field(default_factory=dict)
    comments: dict[int, list[Comment]] = field(default_factory=dict)
    writers: set[str] = field(default_factory=set)
    branches: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, CommitStatus] = field(default_factory=dict)
    contained: set[str] = field(default_factory=set)
    reviewed: set[int] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    failure: Exception | None = None
    linear: bool | None = False
    granted: Access = GRANTED

    def open(self, branch: str, *, base: str = "main", files: Sequence[str] = ()) -> PullRequest:
        """Open a pull request as the pod does."""
        number = len(self.pulls) + 1
        self.branches[branch] = f"{number:040x}"
        self.files[number] = tuple(files)
        self.pulls[number] = PullRequest(
            number=number,
            url=f"https://{self.repository}/pull/{number}",
            state=PullRequestState.OPEN,
            head_branch=branch,
            head_commit=f"{number:040x}",
            base_branch=base,
            title=branch,
            body="",
            labels=(),
            author="resync-argo",
            merged_commit=None,
            updated_at=EPOCH,
        )
        return self.pulls[number]

    def set_state(self, number: int, state: PullRequestState) -> None:
        """Merge, close or reopen a pull request as a person does."""
        self.pulls[number] = replace(self.pulls[number], state=state)

    def push(self, number: int, commit: str) -> None:
        """Move a pull request's head as a push does."""
        pull = self.pulls[number]
        moved = pull.updated_at + timedelta(minutes=1)
        self.pulls[number] = replace(pull, head_commit=commit, updated_at=moved)
        self.branches[pull.head_branch] = commit

    def knows(self, number: int, *, merges: bool | None) -> None:
        """Find out whether a pull request merges, or forget it."""
        self.pulls[number] = replace(self.pulls[number], merges=merges)

    def label(self, number: int, *labels: str) -> None:
        """Give a pull request other labels as a person does."""
        self.pulls[number] = replace(self.pulls[number], labels=labels)

    def say(self, number: int, author: str, body: str) -> None:
        """Comment as a person does."""
        written = self.comments.setdefault(number, [])
        written.append(Comment(id=len(written) + 1, author=author, body=body, created_at=EPOCH))
        pull = self.pulls[number]
        self.pulls[number] = replace(pull, updated_at=pull.updated_at + timedelta(minutes=1))

    def find_pull_request(self, branch: str, *, base: str | None = None) -> PullRequest | None:
        """See `Forge`."""
        self._asked(f"find {branch}")
        found = [p for p in self.pulls.values() if p.head_branch == branch]
        found = [p for p in found if base in (None, p.base_branch)]
        return max(found, key=lambda p: (p.state is PullRequestState.OPEN, p.number), default=None)

    def get_pull_request(
        self, number: int, *, etag: str | None = None
    ) -> tuple[PullRequest | NotModified, str | None]:
        """See `Forge`; the ETag is made of what is there."""
        self._asked(f"get {number}")
        if number not in self.pulls:
            raise ObjectNotFound("ObjectNotFound", f"There is no pull request {number}.")
        now = repr(self.pulls[number])
        return (NotModified() if etag == now else self.pulls[number]), now

    def list_open(self, base: str) -> list[PullRequest]:
        """See `Forge`."""
        self._asked(f"list {base}")
        found = [it for it in self.pulls.values() if it.base_branch == base]
        return [it for it in found if it.state is PullRequestState.OPEN]

    def create_pull_request(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """See `Forge`."""
        self._asked(f"create {branch}")
        made = self.open(branch, base=base)
        self.pulls[made.number] = replace(made, title=title, body=body)
        return self.pulls[made.number]

    def update_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        """See `Forge`."""
        self._asked(f"update {number}")
        pull = self.pulls[number]
        self.pulls[number] = replace(pull, title=title or pull.title, body=body or pull.body)
        return self.pulls[number]

    def close_pull_request(self, number: int) -> PullRequest:
        """See `Forge`."""
        self._asked(f"close {number}")
        self.set_state(number, PullRequestState.CLOSED)
        return self.pulls[number]

    def merge_pull_request(self, number: int, *, commit: str) -> None:  # noqa: ARG002
        """See `Forge`."""
        self._asked(f"merge {number}")
        self.set_state(number, PullRequestState.MERGED)

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """See `Forge`."""
        self._asked(f"label {number}")
        pull = self.pulls[number]
        self.pulls[number] = replace(pull, labels=(*pull.labels, *labels))

    def has_reviewers(self, number: int) -> bool:
        """See `Forge`."""
        self._asked(f"look for reviewers {number}")
        return number in self.reviewed

    def request_reviewers(self, number: int, *, users: Sequence[str], teams: Sequence[str]) -> None:
        """See `Forge`."""
        self._asked(f"reviewers {number} {users} {teams}")

    def comment(self, number: int, body: str) -> Comment:
        """See `Forge`."""
        self._asked(f"comment {number}")
        self.say(number, "resync-argo", body)
        return self.comments[number][-1]

    def list_comments(self, number: int, *, since: datetime | None = None) -> list[Comment]:
        """See `Forge`."""
        self._asked(f"comments {number}")
        written = self.comments.get(number, [])
        return [c for c in written if since is None or c.created_at >= since]

    def list_files(self, number: int) -> list[ChangedFile]:
        """See `Forge`."""
        self._asked(f"files {number}")
        return [
            ChangedFile(path=path, status="modified", previous_path=None, additions=1, deletions=0)
            for path in self.files[number]
        ]

    def set_commit_status(self, commit: str, status: CommitStatus) -> None:
        """See `Forge`."""
        self._asked(f"status {commit}")
        self.statuses[commit] = status

    def can_write(self, user: str) -> bool:
        """See `Forge`."""
        self._asked(f"permission {user}")
        return user in self.writers

    def list_branches(self, prefix: str) -> dict[str, str]:
        """See `Forge`."""
        self._asked(f"branches {prefix}")
        return {name: tip for name, tip in self.branches.items() if name.startswith(prefix)}

    def delete_branch(self, branch: str) -> None:
        """See `Forge`."""
        self._asked(f"delete {branch}")
        self.branches.pop(branch, None)

    def contains(self, branch: str, commit: str) -> bool:
        """See `Forge`."""
        self._asked(f"contains {branch} {commit}")
        return commit in self.contained

    def has_linear_history(self, branch: str) -> bool | None:
        """See `Forge`."""
        self._asked(f"rules {branch}")
        return self.linear

    def access(self) -> Access:
        """See `Forge`."""
        self._asked("access")
        return self.granted

    def _asked(self, what: str) -> None:
        self.requests.append(what)
        spend()
        if self.failure is not None:
            raise self.failure


@dataclass
class FakeForges:
    """Forges by repository; its `connect` goes where the controller's way to GitHub would."""

    made: dict[str, FakeForge] = field(default_factory=dict)
    credentials: dict[str, set[Credentials]] = field(default_factory=dict)

    def connect(
        self,
        repository: RepositoryName,
        *,
        credentials: Credentials,
        head_repository: RepositoryName | None,
    ) -> Forge:
        """Return the one forge of a repository, whoever asks."""
        del head_repository
        self.credentials.setdefault(str(repository), set()).add(credentials)
        return self.at(str(repository))

    def at(self, repository: str) -> FakeForge:
        """Return the forge of a repository."""
        return self.made.setdefault(repository, FakeForge(repository=repository))

    def requests(self) -> list[str]:
        """Return what was asked of any of them."""
        return list(itertools.chain.from_iterable(f.requests for f in self.made.values()))
