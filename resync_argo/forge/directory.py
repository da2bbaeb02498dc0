"""The `Forge` of a laptop: a pull request is branches of a local repository, and one readable file.

In: a folder for the files, and the downstream's repository. A pull request is open until its file
says otherwise or its base branch contains its head's commit: a person merges with plain `git
merge`. The local run uses it, so that the same code as in the cluster publishes and waits.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from resync_argo.forge import directory_file
from resync_argo.forge.changed_files import changed_files
from resync_argo.forge.directory_file import WrittenComment, WrittenPullRequest
from resync_argo.forge.interface import (
    Access,
    ChangedFile,
    Comment,
    CommitStatus,
    NotModified,
    ObjectNotFound,
    PullRequest,
    PullRequestState,
    RequestRefused,
)
from resync_argo.git import Git
from resync_argo.reasons.forge import OBJECT_NOT_FOUND, REQUEST_REFUSED

AUTHOR = "resync-argo"
_FILE_WAS_GONE = (
    "The branches show that this was merged; its first file is gone, or in another folder."
)
STATUSES = "statuses.json"


class DirectoryForge:
    """One local repository with pull requests in a folder; implements `Forge`."""

    def __init__(
        self,
        directory: Path,
        *,
        repository: Path,
        git_environment: Mapping[str, str] | None = None,
    ) -> None:
        """Take the folder for the files, made if missing, and the repository that holds the branches.

        Args:
            directory: the folder.
            repository: the repository.
            git_environment: variables for git, such as its owner's safe directories.
        """
        self._directory = directory
        self._directory.mkdir(parents=True, exist_ok=True)
        self._git = Git(directory=repository, environment=git_environment or {})
        # Record earlier merges before a push moves the head.
        for number in self._numbers():
            self._settled(self._read(number))

    def find_pull_request(self, branch: str, *, base: str | None = None) -> PullRequest | None:
        """See `Forge`."""
        found = [
            self._shown(number)
            for number in reversed(self._numbers())
            if self._is_for(number, branch, base)
        ]
        still_open = [pull for pull in found if pull.state is PullRequestState.OPEN]
        if not found and base is not None:
            return self._merged_before(branch, base)
        return next(iter([*still_open, *found]), None)

    def _merged_before(self, branch: str, base: str) -> PullRequest | None:
        """Return a merged pull request, known by its branches, whose file is missing or elsewhere.

        Since a person merged it, record the merge again instead of asking again.
        """
        head, tip = self._tip(branch), self._tip(base)
        if head is None or tip is None or not self._contains(tip, head):
            return None
        return self._write(f"{branch} (merged earlier)", branch, base, head, _FILE_WAS_GONE)

    def get_pull_request(
        self, number: int, *, etag: str | None = None
    ) -> tuple[PullRequest | NotModified, str | None]:
        """See `Forge`; the ETag covers the file and both branches."""
        pull = self._shown(number)
        current = hashlib.sha256(repr(pull).encode()).hexdigest()
        return (NotModified() if current == etag else pull), current

    def list_open(self, base: str) -> list[PullRequest]:
        """See `Forge`."""
        shown = [it for it in map(self._shown, self._numbers()) if it.base_branch == base]
        return [it for it in shown if it.state is PullRequestState.OPEN]

    def create_pull_request(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """See `Forge`."""
        with directory_file.alone(self._directory):
            existing = self.find_pull_request(branch, base=base)
            if existing is not None and existing.state is PullRequestState.OPEN:
                return existing
            head, tip = self._tip(branch), self._tip(base)
            if head is None or tip is None or self._contains(tip, head):
                missing = branch if head is None else base if tip is None else None
                why = f"there is no branch {missing}" if missing else f"{base} has all of {branch}"
                raise RequestRefused(REQUEST_REFUSED, f"could not open a pull request: {why}.")
            return self._write(title, branch, base, head, body)

    def _write(self, title: str, branch: str, base: str, head: str, body: str) -> PullRequest:
        number = max(self._numbers(), default=0) + 1
        made = WrittenPullRequest(
            number=number,
            state=PullRequestState.OPEN,
            title=title,
            head=branch,
            base=base,
            head_commit=head,
            author=AUTHOR,
            created_at=datetime.now(UTC).replace(microsecond=0),
            body=body,
        )
        directory_file.write(self._file(number), made)
        return self._shown(number)

    def update_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        """See `Forge`."""
        changes = {"title": title, "body": body}
        self._change(number, {key: it for key, it in changes.items() if it is not None})
        return self._shown(number)

    def close_pull_request(self, number: int) -> PullRequest:
        """See `Forge`."""
        pull = self._shown(number)
        if pull.state is not PullRequestState.OPEN:
            return pull
        self._change(number, {"state": PullRequestState.CLOSED})
        return self._shown(number)

    def merge_pull_request(self, number: int, *, commit: str) -> None:
        """See `Forge`: by moving the base to the head, as `git push` does."""
        pull = self._shown(number)
        tip = self._tip(pull.base_branch)
        if pull.head_commit != commit or tip is None or not self._contains(commit, tip):
            raise RequestRefused(
                REQUEST_REFUSED, f"could not merge {pull.url}: its branches have moved on."
            )
        self._git.run("update-ref", f"refs/heads/{pull.base_branch}", commit, tip)
        self._shown(number)

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """See `Forge`."""
        held = self._read(number).labels
        self._change(number, {"labels": [*held, *(it for it in labels if it not in held)]})

    def has_reviewers(self, number: int) -> bool:
        """See `Forge`."""
        held = self._read(number)
        return bool(held.reviewers or held.team_reviewers)

    def request_reviewers(self, number: int, *, users: Sequence[str], teams: Sequence[str]) -> None:
        """See `Forge`; reviewers are written down, nobody is notified."""
        self._change(number, {"reviewers": list(users), "team_reviewers": list(teams)})

    def comment(self, number: int, body: str) -> Comment:
        """See `Forge`."""
        held = self._read(number).comments
        moment = datetime.now(UTC).replace(microsecond=0)
        identity = max((it.id for it in held), default=0) + 1
        made = WrittenComment(id=identity, author=AUTHOR, created_at=moment, body=body)
        self._change(number, {"comments": [*held, made]})
        return _comment(made)

    def list_comments(self, number: int, *, since: datetime | None = None) -> list[Comment]:
        """See `Forge`."""
        held = [_comment(comment) for comment in self._read(number).comments]
        return [it for it in held if since is None or it.created_at >= since]

    def list_files(self, number: int) -> list[ChangedFile]:
        """See `Forge`."""
        pull = self._shown(number)
        sides = (f"{self._tip(pull.base_branch)}...{pull.head_commit}", "--")
        names = self._git.run("diff", "--name-status", "-z", "-M", *sides)
        counts = self._git.run("diff", "--numstat", "-z", "-M", *sides)
        return changed_files(names, counts)

    def set_commit_status(self, commit: str, status: CommitStatus) -> None:
        """See `Forge`; kept in `statuses.json`."""
        value = {"state": status.state, "description": status.description, "url": status.url}
        directory_file.add_status(self._directory / STATUSES, commit, {status.context: value})

    def can_write(self, user: str) -> bool:  # noqa: ARG002  the folder's owner has all permissions
        """See `Forge`: everybody who can edit the files can."""
        return True

    def list_branches(self, prefix: str) -> dict[str, str]:
        """See `Forge`."""
        layout = "--format=%(refname:lstrip=2)%00%(objectname)"
        lines = self._git.text("for-each-ref", layout, "refs/heads/").splitlines()
        branches = dict(line.split("\0", 1) for line in lines)
        return {name: commit for name, commit in branches.items() if name.startswith(prefix)}

    def delete_branch(self, branch: str) -> None:
        """See `Forge`; git refuses if a person has the branch checked out."""
        done = self._git.attempt("branch", "--quiet", "--delete", "--force", "--", branch)
        if done.returncode and self._tip(branch) is not None:
            why = done.stderr.decode(errors="replace").strip()
            raise RequestRefused(REQUEST_REFUSED, f"could not delete the branch {branch}: {why}")

    def contains(self, branch: str, commit: str) -> bool:
        """See `Forge`."""
        tip = self._tip(branch)
        return tip is not None and self._contains(tip, commit)

    def has_linear_history(self, branch: str) -> bool | None:  # noqa: ARG002  there are no rules
        """See `Forge`: no branch has."""
        return False

    def access(self) -> Access:
        """See `Forge`: everything is allowed."""
        default = self._git.text("symbolic-ref", "--short", "HEAD")
        return Access(
            default_branch=default,
            private=True,
            merge_commits=True,
            push=True,
            pull_requests=True,
            issues=True,
            statuses=True,
            workflows=True,
        )

    def _numbers(self) -> list[int]:
        return sorted(int(file.stem) for file in self._directory.glob("[0-9]*.md"))

    def _file(self, number: int) -> Path:
        return self._directory / f"{number:04d}.md"

    def _read(self, number: int) -> WrittenPullRequest:
        file = self._file(number)
        if not file.exists():
            raise ObjectNotFound(OBJECT_NOT_FOUND, f"{file}: there is no pull request #{number}.")
        return directory_file.read(file)

    def _change(self, number: int, changes: dict[str, object]) -> None:
        directory_file.write(self._file(number), self._read(number).model_copy(update=changes))

    def _is_for(self, number: int, branch: str, base: str | None) -> bool:
        written = self._read(number)
        return written.head == branch and base in {None, written.base}

    def _shown(self, number: int) -> PullRequest:
        written, file = self._settled(self._read(number)), self._file(number)
        merged = written.state is PullRequestState.MERGED
        return PullRequest(
            number=number,
            url=str(file),
            state=written.state,
            head_branch=written.head,
            head_commit=written.head_commit,
            base_branch=written.base,
            title=written.title,
            body=written.body,
            labels=tuple(written.labels),
            author=written.author,
            merged_commit=self._tip(written.base) if merged else None,
            updated_at=directory_file.updated_at(file),
        )

    def _settled(self, written: WrittenPullRequest) -> WrittenPullRequest:
        """Record the head's new commits, and a person's merge, in the file of an open pull request."""
        if written.state is not PullRequestState.OPEN:
            return written
        head, base = self._tip(written.head) or written.head_commit, self._tip(written.base)
        is_merged = base is not None and self._contains(base, head)
        changed = written.model_copy(
            update={
                "head_commit": head,
                "state": PullRequestState.MERGED if is_merged else PullRequestState.OPEN,
            }
        )
        if changed != written:
            directory_file.write(self._file(written.number), changed)
        return changed

    def _tip(self, branch: str) -> str | None:
        argv = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"refs/heads/{branch}")
        done = self._git.attempt(*argv)
        return None if done.returncode else done.stdout.decode().strip()

    def _contains(self, tip: str, commit: str) -> bool:
        return self._git.succeeds("merge-base", "--is-ancestor", commit, tip)


def _comment(written: WrittenComment) -> Comment:
    return Comment(
        id=written.id, author=written.author, body=written.body, created_at=written.created_at
    )
