"""The `Forge` on GitHub and GitHub Enterprise Server.

Each method sends one request; an App's first call sends two more, for its installation and a token.
So a clean sync stays cheap: find, create, label. The attempt and the controller create a
`GitHubForge` from a Plan's downstream and its Secret. Sources: GitHub's REST API pages "Pulls",
"Issues", "Commit statuses", "Git references" and "Collaborators".
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from resync_argo.api.plan import RepositoryName
from resync_argo.forge.credentials import Credentials
from resync_argo.forge.github.answers import (
    COMMENTS,
    FILES,
    PULLS,
    REFS,
    CommentAnswer,
    ComparisonAnswer,
    PermissionAnswer,
    PullAnswer,
    RepositoryAnswer,
    ReviewersAnswer,
)
from resync_argo.forge.github.branch_rules import has_linear_history
from resync_argo.forge.github.client import Ask, Connection
from resync_argo.forge.github.moved import Moved
from resync_argo.forge.github.open_pulls import open_pulls
from resync_argo.forge.github.requester import PER_PAGE, PLAIN, CallPolicy
from resync_argo.forge.github.settling import (
    Settling,
    hides_pull_request,
    lacks_commit,
    lacks_head,
    lacks_pull_request,
)
from resync_argo.forge.github.tokens import AppTokens
from resync_argo.forge.interface import (
    Access,
    ChangedFile,
    Comment,
    CommitStatus,
    ForgeUnavailable,
    NotModified,
    ObjectNotFound,
    PullRequest,
    PullRequestState,
    RequestRefused,
)
from resync_argo.settings import HostSettings

WRITERS = {"admin", "write"}
CONTAINED = {"behind", "identical"}
LONGEST_DESCRIPTION = 140

_MERGE_METHODS = ("merge", "squash", "rebase")


class GitHubForge:
    """One repository on GitHub; implements `Forge`. Threads may share it."""

    def __init__(
        self,
        repository: RepositoryName,
        *,
        credentials: Credentials | AppTokens,
        hosts: Mapping[str, HostSettings],
        head_repository: RepositoryName | None = None,
        policy: CallPolicy = PLAIN,
    ) -> None:
        """Prepare.

        Args:
            repository: where pull requests are opened.
            credentials: token or App, or a source of an App's tokens.
            hosts: `Settings.hosts`.
            head_repository: the fork that holds the branches; None: they are in the repository itself.
            policy: how forges are treated.
        """
        self._connection = Connection(
            host=repository.host,
            repository=repository.path,
            credentials=credentials,
            hosts=hosts,
            policy=policy,
        )
        head = head_repository or repository
        self._shown = str(repository)
        self._name = repository.path
        self._path = f"/repos/{repository.path}"
        self._head = head
        self._head_path = f"/repos/{head.path}"
        self._head_shown = str(head)
        self._is_fork = head != repository
        self._has_one_owner = head.owner.lower() == repository.owner.lower()
        self._settling = Settling(policy.clock)

    def __enter__(self) -> Self:
        """Return the forge; leaving the block closes its connections."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections after the current call; another call opens new ones."""
        self._connection.close()

    @property
    def requests(self) -> int:
        """Return how many requests were sent, without those for an App's token."""
        return self._connection.requests

    @property
    def quota_left(self) -> int | None:
        """Return the requests left in the current hour, from the last answer; None: the forge did not say."""
        return self._connection.quota_left

    def find_pull_request(self, branch: str, *, base: str | None = None) -> PullRequest | None:
        """See `Forge`; "List pull requests" with `head`. Ignores anything else that the forge lists."""
        query = {"state": "all", "head": f"{self._head.owner}:{branch}", "sort": "created"}
        query |= {"direction": "desc", "per_page": str(PER_PAGE)} | ({"base": base} if base else {})
        with self._call("look for a pull request") as ask:
            _, answer = ask("GET", f"{self._path}/pulls", query=query)
            listed = PULLS.validate_python(answer)
            found = [it for it in listed if self._is_for(it, branch, base)]
            newest = next(iter([*(it for it in found if it.state == "open"), *found]), None)
            if newest is not None and newest.is_abandoned:
                newest, _ = self._read(ask, newest.number)
            return newest.pull_request() if newest is not None else None

    def get_pull_request(
        self, number: int, *, etag: str | None = None
    ) -> tuple[PullRequest | NotModified, str | None]:
        """See `Forge`; a 304 does not count against the rate limit."""
        headers = {"If-None-Match": etag} if etag else {}
        with self._about(number, "read") as ask:
            answered, answer = ask("GET", self._pull(number), headers=headers)
            if answer is None and etag is not None:
                return NotModified(), etag
            found, tag = self._pull_of(number, answer), answered.get("etag")
            if found.is_abandoned:
                found, tag = self._read(ask, number)
            return found.pull_request(), tag

    def list_open(self, base: str) -> list[PullRequest]:
        """See `Forge`; "List pull requests" with `base`."""
        doing = f"list the open pull requests into {base}"
        found = open_pulls(lambda: self._call(doing), f"{self._path}/pulls", base)
        return [it.pull_request() for it in found if it.base.is_of(self._name, base)]

    def create_pull_request(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """See `Forge`; "Create a pull request", which names a fork of the same owner by `head_repo`."""
        head = f"{self._head.owner}:{branch}" if self._is_fork else branch
        wanted = {"head": head, "base": base, "title": title, "body": body}
        if self._is_fork and self._has_one_owner:
            wanted["head_repo"] = self._head.path
        with self._settling.of(branch, lacks_head):
            try:
                with self._call(f"open a pull request from {branch} into {base}") as ask:
                    _, answer = ask("POST", f"{self._path}/pulls", body=wanted)
                    return PullAnswer.model_validate(answer).pull_request()
            except RequestRefused as refused:
                found = self.find_pull_request(branch, base=base)
                if found is not None and found.state is PullRequestState.OPEN:
                    return found
                if hides_pull_request(refused):
                    raise ForgeUnavailable(f"{refused} It does not show it yet.") from refused
                raise

    def update_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        """See `Forge`; "Update a pull request"."""
        changes = {"title": title, "body": body}
        return self._change(number, {key: it for key, it in changes.items() if it is not None})

    def close_pull_request(self, number: int) -> PullRequest:
        """See `Forge`."""
        return self._change(number, {"state": "closed"})

    def merge_pull_request(self, number: int, *, commit: str) -> None:
        """See `Forge`; "Merge a pull request"; a repository may forbid some of its methods."""
        for method in _MERGE_METHODS:
            wanted = {"sha": commit, "merge_method": method}
            try:
                with self._about(number, "merge") as ask:
                    ask("PUT", f"{self._pull(number)}/merge", body=wanted)
                    return
            except RequestRefused as refused:
                if method == _MERGE_METHODS[-1] or "not allowed" not in str(refused):
                    raise

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """See `Forge`; "Add labels to an issue" creates missing labels."""
        if labels:
            unseen = self._settling.of(f"labels of {number}", lacks_pull_request)
            with unseen, self._about(number, "label") as ask:
                ask("POST", f"{self._issue(number)}/labels", body={"labels": list(labels)})

    def has_reviewers(self, number: int) -> bool:
        """See `Forge`; "Get all requested reviewers", which leaves out those who have reviewed already."""
        with self._about(number, "list the reviewers of") as ask:
            _, answer = ask("GET", f"{self._pull(number)}/requested_reviewers")
            asked = ReviewersAnswer.model_validate(answer)
            if asked.users or asked.teams:
                return True
            return next(_pages(ask, f"{self._pull(number)}/reviews", {}), None) is not None

    def request_reviewers(self, number: int, *, users: Sequence[str], teams: Sequence[str]) -> None:
        """See `Forge`; GitHub declines the whole request if one of them may not review."""
        if users or teams:
            wanted = {"reviewers": list(users), "team_reviewers": list(teams)}
            unseen = self._settling.of(f"reviewers of {number}", lacks_pull_request)
            with unseen, self._about(number, "ask reviewers for") as ask:
                ask("POST", f"{self._pull(number)}/requested_reviewers", body=wanted)

    def comment(self, number: int, body: str) -> Comment:
        """See `Forge`; "Create an issue comment"."""
        unseen = self._settling.of(f"comments of {number}", lacks_pull_request)
        with unseen, self._about(number, "comment on") as ask:
            _, answer = ask("POST", f"{self._issue(number)}/comments", body={"body": body})
            return CommentAnswer.model_validate(answer).comment()

    def list_comments(self, number: int, *, since: datetime | None = None) -> list[Comment]:
        """See `Forge`; "List issue comments"."""
        moment = {"since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")} if since else {}
        with self._about(number, "list the comments of") as ask:
            found = list(_pages(ask, f"{self._issue(number)}/comments", moment))
            listed = COMMENTS.validate_python(found)
            ours = [it for it in listed if it.issue_url.endswith(f"/issues/{number}")]
            return [it.comment() for it in ours]

    def list_files(self, number: int) -> list[ChangedFile]:
        """See `Forge`."""
        with self._about(number, "list the files of") as ask:
            found = list(_pages(ask, f"{self._pull(number)}/files", {}))
            return [it.changed_file() for it in FILES.validate_python(found)]

    def set_commit_status(self, commit: str, status: CommitStatus) -> None:
        """See `Forge`; "Create a commit status"."""
        wanted = {"context": status.context, "state": status.state.value}
        wanted["description"] = status.description[:LONGEST_DESCRIPTION]
        if status.url:
            wanted["target_url"] = status.url
        unseen = self._settling.of(commit, lacks_commit)
        doing = f"set a status on {commit[:12]}"
        with unseen, self._call(doing, missing="such commit") as ask:
            ask("POST", f"{self._path}/statuses/{quote(commit, safe='')}", body=wanted)

    def can_write(self, user: str) -> bool:
        """See `Forge`; "Get repository permissions for a user"."""
        path = f"{self._path}/collaborators/{quote(user, safe='')}/permission"
        try:
            with self._call(f"read the permissions of {user}", missing="such user") as ask:
                answer = PermissionAnswer.model_validate(ask("GET", path)[1])
                is_other = answer.user is not None and answer.user.login.lower() != user.lower()
                return answer.permission in WRITERS and not is_other
        except ObjectNotFound:
            return False

    def list_branches(self, prefix: str) -> dict[str, str]:
        """See `Forge`; "List matching references"."""
        path = f"{self._head_path}/git/matching-refs/heads/{quote(prefix)}"
        with self._connection.call(self._head_shown, "list branches") as ask:
            _, answer = ask("GET", path)
            return {
                it.ref.removeprefix("refs/heads/"): it.object.sha
                for it in REFS.validate_python(answer)
                if it.ref.startswith(f"refs/heads/{prefix}")
            }

    def delete_branch(self, branch: str) -> None:
        """See `Forge`; "Delete a reference" answers 422 if it is gone already."""
        path = f"{self._head_path}/git/refs/heads/{quote(branch)}"
        try:
            with self._connection.call(self._head_shown, f"delete the branch {branch}") as ask:
                ask("DELETE", path)
        except RequestRefused as refused:
            if "does not exist" not in str(refused):
                raise

    def contains(self, branch: str, commit: str) -> bool:
        """See `Forge`; "Compare two commits"; asks for a later page, since only the first lists files."""
        path = f"{self._path}/compare/{quote(branch, safe='')}...{quote(commit, safe='')}"
        query = {"per_page": "1", "page": "2"}
        try:
            with self._call(f"look for {commit[:12]} in {branch}", missing="such commit") as ask:
                answer = ComparisonAnswer.model_validate(ask("GET", path, query=query)[1])
                return answer.status in CONTAINED and answer.merge_base_commit.sha == commit
        except ObjectNotFound:
            return False

    def has_linear_history(self, branch: str) -> bool | None:
        """See `Forge`; reads the branch's rules, then its protection, which not all credentials may see."""
        with self._call(f"read the rules of {branch}", missing="such branch") as ask:
            return has_linear_history(ask, self._path, branch)

    def access(self) -> Access:
        """See `Forge`; reads the repository, a classic token's scopes, or an App's permissions."""
        with self._call("read the repository") as ask:
            headers, answer = ask("GET", self._path)
            found = RepositoryAnswer.model_validate(answer)
            if found.full_name.lower() != self._name.lower():
                raise Moved(self._path, found.full_name)
        granted = self._connection.permissions_of_app()
        if granted is not None:
            return found.access_of_app(granted)
        return found.access_of_token(headers.get("x-oauth-scopes"))

    def _change(self, number: int, changes: dict[str, str]) -> PullRequest:
        with self._about(number, "change") as ask:
            _, answer = ask("PATCH", self._pull(number), body=changes)
            return PullAnswer.model_validate(answer).pull_request()

    def _read(self, ask: Ask, number: int) -> tuple[PullAnswer, str | None]:
        """Read a pull request again if an answer shows it as closed without a merge.

        A forge may record the closing and the merge separately, and answer with what it read in
        between.
        """
        answered, answer = ask("GET", self._pull(number))
        return self._pull_of(number, answer), answered.get("etag")

    def _pull_of(self, number: int, answer: object) -> PullAnswer:
        found = PullAnswer.model_validate(answer)
        if found.number != number:
            raise ValueError("the answer is another pull request")
        return found

    def _is_for(self, found: PullAnswer, branch: str, base: str | None) -> bool:
        target = base if base is not None else found.base.ref
        return found.head.is_of(self._head.path, branch) and found.base.is_of(self._name, target)

    def _call(self, doing: str, *, missing: str | None = None) -> AbstractContextManager[Ask]:
        return self._connection.call(self._shown, doing, missing=missing)

    def _about(self, number: int, doing: str) -> AbstractContextManager[Ask]:
        name = f"pull request #{number}"
        return self._call(f"{doing} {name}", missing=name)

    def _pull(self, number: int) -> str:
        return f"{self._path}/pulls/{number}"

    def _issue(self, number: int) -> str:
        return f"{self._path}/issues/{number}"


def _pages(ask: Ask, path: str, query: dict[str, str]) -> Iterator[Any]:
    """Yield the items of all pages; the call's bounds stop an endless list."""
    page = 1
    while True:
        paging = {"per_page": str(PER_PAGE), "page": str(page)}
        _, items = ask("GET", path, query=query | paging)
        if not isinstance(items, list):
            raise TypeError("a page of a list is not a list")
        yield from items
        if len(items) < PER_PAGE:
            return
        page += 1
