"""A forge and a chat that keep their state in memory, for tests with real git.

`MemoryForge` implements `Forge` over a bare repository: branches are real, pull requests are
objects in a list. For people's actions (edit, merge, close) it has methods outside of the protocol.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from resync_argo.forge.interface import (
    Access,
    ChangedFile,
    Comment,
    CommitStatus,
    NotModified,
    PullRequest,
    PullRequestState,
)
from resync_argo.notify.interface import Message

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class MemoryForge:
    """Pull requests in memory, branches in a real repository."""

    repository: Path
    pulls: list[PullRequest] = field(default_factory=list)
    comments: dict[int, list[Comment]] = field(default_factory=dict)
    reviewers: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    statuses: dict[str, CommitStatus] = field(default_factory=dict)

    def find_pull_request(self, branch: str, *, base: str | None = None) -> PullRequest | None:
        """See `Forge`."""
        found = [
            self._fresh(pull)
            for pull in self.pulls
            if pull.head_branch == branch and base in (None, pull.base_branch)
        ]
        found.sort(key=lambda pull: (pull.state is PullRequestState.OPEN, pull.number))
        return found[-1] if found else None

    def get_pull_request(
        self, number: int, *, etag: str | None = None
    ) -> tuple[PullRequest | NotModified, str | None]:
        """See `Forge`; nothing is ever unmodified here."""
        del etag
        return self._fresh(self.pulls[number - 1]), None

    def list_open(self, base: str) -> list[PullRequest]:
        """See `Forge`."""
        found = [self._fresh(it) for it in self.pulls if it.base_branch == base]
        return [it for it in found if it.state is PullRequestState.OPEN]

    def propose(self, branch: str, *, base: str, **facts: object) -> PullRequest:
        """Open a pull request from a branch as somebody else; `facts` are more fields of `PullRequest`."""
        made = self.create_pull_request(branch=branch, base=base, title=branch, body="")
        return self._put(replace(made, **facts))  # type: ignore[arg-type]  # of the right kinds

    def create_pull_request(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """See `Forge`."""
        found = self.find_pull_request(branch, base=base)
        if found is not None and found.state is PullRequestState.OPEN:
            return found
        number = len(self.pulls) + 1
        self.pulls.append(
            PullRequest(
                number=number,
                url=f"https://forge.test/downstream/project/pull/{number}",
                state=PullRequestState.OPEN,
                head_branch=branch,
                head_commit=self._tip(branch),
                base_branch=base,
                title=title,
                body=body,
                labels=(),
                author="resync-argo",
                merged_commit=None,
                updated_at=EPOCH,
            )
        )
        return self.pulls[-1]

    def update_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        """See `Forge`."""
        pull = self.pulls[number - 1]
        return self._put(replace(pull, title=title or pull.title, body=body or pull.body))

    def close_pull_request(self, number: int) -> PullRequest:
        """See `Forge`."""
        return self._put(replace(self.pulls[number - 1], state=PullRequestState.CLOSED))

    def merge_pull_request(self, number: int, *, commit: str) -> None:  # noqa: ARG002
        """See `Forge`."""
        self._put(replace(self.pulls[number - 1], state=PullRequestState.MERGED))

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """See `Forge`."""
        pull = self.pulls[number - 1]
        self._put(replace(pull, labels=tuple(dict.fromkeys((*pull.labels, *labels)))))

    def has_reviewers(self, number: int) -> bool:
        """See `Forge`."""
        return number in self.reviewers

    def request_reviewers(self, number: int, *, users: Sequence[str], teams: Sequence[str]) -> None:
        """See `Forge`."""
        self.reviewers[number] = (tuple(users), tuple(teams))

    def comment(self, number: int, body: str) -> Comment:
        """See `Forge`."""
        written = self.comments.setdefault(number, [])
        written.append(
            Comment(id=len(written) + 1, author="resync-argo", body=body, created_at=EPOCH)
        )
        return written[-1]

    def list_comments(self, number: int, *, since: datetime | None = None) -> list[Comment]:
        """See `Forge`."""
        del since
        return list(self.comments.get(number, []))

    def list_files(self, number: int) -> list[ChangedFile]:
        """See `Forge`."""
        pull = self.pulls[number - 1]
        listing = self._git("diff", "--name-only", f"{pull.base_branch}...{pull.head_branch}")
        return [
            ChangedFile(path=path, status="modified", previous_path=None, additions=0, deletions=0)
            for path in listing.splitlines()
        ]

    def set_commit_status(self, commit: str, status: CommitStatus) -> None:
        """See `Forge`."""
        self.statuses[commit] = status

    def can_write(self, user: str) -> bool:
        """See `Forge`."""
        return user == "maintainer"

    def has_linear_history(self, branch: str) -> bool | None:
        """See `Forge`."""
        del branch
        return False

    def list_branches(self, prefix: str) -> dict[str, str]:
        """See `Forge`."""
        listing = self._git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/")
        names = (line.removeprefix("refs/heads/").split(" ") for line in listing.splitlines())
        return {name: commit for name, commit in names if name.startswith(prefix)}

    def delete_branch(self, branch: str) -> None:
        """See `Forge`."""
        self._git("update-ref", "-d", f"refs/heads/{branch}")

    def contains(self, branch: str, commit: str) -> bool:
        """See `Forge`."""
        return commit in self._git("rev-list", f"refs/heads/{branch}").split()

    def access(self) -> Access:
        """See `Forge`."""
        return Access(
            default_branch="main",
            private=False,
            push=True,
            pull_requests=True,
            issues=True,
            statuses=True,
            workflows=True,
        )

    def edit(self, number: int, **changes: str) -> None:
        """Change a title or a body as a person does."""
        self._put(replace(self.pulls[number - 1], **changes))  # type: ignore[arg-type]  # only texts

    def mark_merged(self, number: int, commit: str) -> None:
        """Mark a pull request as merged by a person; the test has changed the branch."""
        self._put(
            replace(self.pulls[number - 1], state=PullRequestState.MERGED, merged_commit=commit)
        )

    def _put(self, pull: PullRequest) -> PullRequest:
        self.pulls[pull.number - 1] = pull
        return pull

    def _fresh(self, pull: PullRequest) -> PullRequest:
        tip = self.list_branches(pull.head_branch).get(pull.head_branch, pull.head_commit)
        return replace(pull, head_commit=tip)

    def _tip(self, branch: str) -> str:
        return self._git("rev-parse", "--verify", f"refs/heads/{branch}").strip()

    def _git(self, *argv: str) -> str:
        return subprocess.run(
            ["git", *argv], cwd=self.repository, check=True, capture_output=True, text=True
        ).stdout


@dataclass
class MemoryNotifier:
    """Messages in memory."""

    posted: list[tuple[str, Message]] = field(default_factory=list)

    def post(
        self, channel: str, message: Message, *, thread: str | None = None, loud: bool = False
    ) -> str:
        """See `Notifier`."""
        assert not loud or thread, "only what is said in a thread has to be made loud"
        self.posted.append((channel, message))
        return thread or str(len(self.posted))
