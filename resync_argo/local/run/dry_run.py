"""A run without external changes: its pushes stay on this machine, its pull requests are printed.

After checkout has fetched everything, `redirect` replaces the attempt's push repository by a
scratch one, so that no later command knows the real one. `DryRunForge` forwards reads and prints
writes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.clone import PUSH, fetch
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
from resync_argo.git import Git
from resync_argo.hosts.refs import list_refs
from resync_argo.local.console import say
from resync_argo.reasons.forge import CREDENTIALS_MISSING, OBJECT_NOT_FOUND

PRETENDED = 0
"""Number of a pull request that was not opened."""
ADDRESS = "(not opened: this is a dry run)"


def redirect(attempt: Attempt) -> Attempt:
    """Return the attempt with a scratch repository to push to, which has the real one's branches.

    It pushes no tag: that would go to the downstream itself.
    """
    scratch = attempt.layout.trusted / "dry-run.git"
    scratch.mkdir()
    target = Git(directory=scratch)
    target.run("init", "--quiet", "--bare", "--template=", ".")
    # It borrows the clone's objects, so that a push sends only what is new.
    borrowed = attempt.layout.repository / "objects"
    (scratch / "objects" / "info" / "alternates").write_text(f"{borrowed}\n")
    refs = _refs_of_sync(attempt)
    if refs:
        fetch(attempt, PUSH, [f"+{name}:refs/resync-argo/dry-run/{name}" for name in refs])
    branch = f"refs/heads/{attempt.contract.config.downstream.branch}"
    refs[branch] = attempt.replay_input().head
    commands = "".join(f"create {name} {commit}\n" for name, commit in refs.items())
    target.run("update-ref", "--stdin", stdin=commands.encode())
    attempt.repository.run("config", f"remote.{PUSH}.url", str(scratch))
    config = attempt.contract.config
    if config.push_tag:
        say(f"A dry run pushes no tag, so {config.downstream.name} does not get {attempt.version}.")
    contract = attempt.contract.model_copy(
        update={"config": config.model_copy(update={"push_tag": False})}
    )
    addresses = {**attempt.addresses, attempt.pushed_to: str(scratch)}
    return replace(attempt, contract=contract, addresses=addresses, shown_push=attempt.push.url)


def _refs_of_sync(attempt: Attempt) -> dict[str, str]:
    conflicts = f"refs/heads/resync/{attempt.plan}/conflicts/{attempt.line}/*"
    patterns = (
        f"refs/heads/{attempt.sync_branch}",
        attempt.record_ref,
        attempt.include_ref,
        conflicts,
    )
    return list_refs(attempt.repository, attempt.push, *patterns)


class DryRunForge:
    """Reads from a forge, if there is one, and shows the writes; implements `Forge`."""

    def __init__(self, forge: Forge | None) -> None:
        """Take the forge to read from; None without credentials for it."""
        self._forge = forge

    def find_pull_request(self, branch: str, *, base: str | None = None) -> PullRequest | None:
        """See `Forge`."""
        return self._forge.find_pull_request(branch, base=base) if self._forge else None

    def get_pull_request(
        self, number: int, *, etag: str | None = None
    ) -> tuple[PullRequest | NotModified, str | None]:
        """See `Forge`."""
        return self._real().get_pull_request(number, etag=etag)

    def list_open(self, base: str) -> list[PullRequest]:
        """See `Forge`."""
        if self._forge is None:
            raise ObjectNotFound(
                CREDENTIALS_MISSING,
                "`config.include` needs a token, for the pull requests are looked up on the forge: set GITHUB_TOKEN.",
            )
        return self._forge.list_open(base)

    def create_pull_request(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Show the pull request."""
        say(f"Pull request that would be opened, {branch} into {base}:", "cyan")
        say(f"  {title}\n", bold=True)
        say(_indented(body))
        return PullRequest(
            number=PRETENDED,
            url=ADDRESS,
            state=PullRequestState.OPEN,
            head_branch=branch,
            head_commit="",
            base_branch=base,
            title=title,
            body=body,
            labels=(),
            author="",
            merged_commit=None,
            updated_at=datetime.now(UTC),
        )

    def update_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        """Show the new text."""
        say(f"Pull request #{number} would be changed:", "cyan")
        say(_indented("\n\n".join(text for text in (title, body) if text)))
        pull, _ = self._real().get_pull_request(number)
        if isinstance(pull, NotModified):
            raise _refused(f"read #{number}")
        return pull

    def close_pull_request(self, number: int) -> PullRequest:
        """Refuse: no run closes one."""
        raise _refused(f"close #{number}")

    def merge_pull_request(self, number: int, *, commit: str) -> None:  # noqa: ARG002
        """Refuse: no run merges one."""
        raise _refused(f"merge #{number}")

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Show the labels."""
        _show(number, "labels", labels)

    def has_reviewers(self, number: int) -> bool:
        """See `Forge`."""
        return number != PRETENDED and self._real().has_reviewers(number)

    def request_reviewers(self, number: int, *, users: Sequence[str], teams: Sequence[str]) -> None:
        """Show the reviewers."""
        _show(number, "reviewers", [*users, *teams])

    def comment(self, number: int, body: str) -> Comment:
        """Show the comment."""
        say(f"Comment on #{number} that would be written:\n{_indented(body)}", "cyan")
        return Comment(id=0, author="", body=body, created_at=datetime.now(UTC))

    def list_comments(self, number: int, *, since: datetime | None = None) -> list[Comment]:
        """See `Forge`."""
        if number == PRETENDED or self._forge is None:
            return []
        return self._forge.list_comments(number, since=since)

    def list_files(self, number: int) -> list[ChangedFile]:
        """See `Forge`."""
        return self._real().list_files(number)

    def set_commit_status(self, commit: str, status: CommitStatus) -> None:
        """Show the status."""
        say(f"Status of {commit[:12]}: {status.context}, {status.state}: {status.description}")

    def can_write(self, user: str) -> bool:
        """See `Forge`."""
        return self._real().can_write(user)

    def has_linear_history(self, branch: str) -> bool | None:
        """See `Forge`."""
        return self._real().has_linear_history(branch)

    def list_branches(self, prefix: str) -> dict[str, str]:
        """See `Forge`."""
        return self._forge.list_branches(prefix) if self._forge else {}

    def delete_branch(self, branch: str) -> None:
        """Refuse: no run deletes one."""
        raise _refused(f"delete {branch}")

    def contains(self, branch: str, commit: str) -> bool:
        """See `Forge`."""
        return self._real().contains(branch, commit)

    def access(self) -> Access:
        """See `Forge`."""
        return self._real().access()

    def _real(self) -> Forge:
        if self._forge is None:
            raise _refused("ask the forge without credentials for it")
        return self._forge


def _refused(what: str) -> ObjectNotFound:
    return ObjectNotFound(OBJECT_NOT_FOUND, f"A dry run cannot {what}.")


def _show(number: int, what: str, names: Sequence[str]) -> None:
    if names:
        whose = f"#{number}" if number else "it"
        say(f"  {what} of {whose}: {', '.join(names)}")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())
