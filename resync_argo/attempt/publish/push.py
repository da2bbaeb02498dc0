"""Pushes a sync's result without overwriting anybody's work.

A ref next to the branch records our last push; the same atomic push moves both. If the branch is
elsewhere, a person changed it and we leave it. Called by `pull_request`; another module pushes the
conflict's branches.
"""

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.include.record import to_push
from resync_argo.attempt.repository.clone import PUSH, fetch, fetch_for_push
from resync_argo.attempt.repository.ownership import claim, refuse_others
from resync_argo.attempt.repository.step_objects import has_commit
from resync_argo.errors import ResyncError
from resync_argo.forge.interface import PullRequestState
from resync_argo.git import GitError
from resync_argo.hosts.refs import list_refs
from resync_argo.hosts.refusals import explained
from resync_argo.reasons.attempt import FOREIGN_COMMIT

ABSENT = ""
"""A lease on a ref that must not exist (git-push, `--force-with-lease`)."""


class ForeignCommit(ResyncError):
    """The branch has a commit that we did not push.

    Attributes:
        commit: the branch's tip.
    """

    reason = FOREIGN_COMMIT

    def __init__(self, branch: str, commit: str) -> None:
        """Describe the error."""
        self.commit = commit
        super().__init__(
            f"The branch {branch} has the commit {commit[:12]}, which resync-argo did not make; it stays as it is."
        )


def publish(attempt: Attempt, commit: str) -> str:
    """Push a commit to the sync's branch, unless the branch has an equal one.

    Returns:
        The commit that the branch has now.

    Raises:
        ForeignCommit: a person changed the branch.
        Stalled: the push is refused, or the branch belongs to another Plan.
        Transient: the host cannot be reached.
    """
    branch = f"refs/heads/{attempt.sync_branch}"
    there = _remote_refs(attempt)
    refuse_others(attempt, there)
    included = to_push(attempt, "Published")
    tip, recorded = there.get(branch, ABSENT), there.get(attempt.record_ref, ABSENT)
    if tip not in (ABSENT, recorded) and not _was_merged(attempt, tip):
        raise ForeignCommit(attempt.sync_branch, tip)
    is_equal = bool(tip) and _is_equal(attempt, tip, commit)
    if is_equal and not included:
        return tip
    made = tip if is_equal else commit
    if attempt.push != attempt.downstream:
        for it in (made, *included.values()):
            fetch_for_push(attempt, it, {*there.values()})
    wanted = {branch: made, attempt.record_ref: made, **included, **claim(attempt)}
    _push(attempt, wanted, {name: there.get(name, ABSENT) for name in wanted})
    return made


def _was_merged(attempt: Attempt, tip: str) -> bool:
    """Return whether the branch is left over from a merged pull request of a followed branch: nobody works on it."""
    config = attempt.contract.config
    if config.upstream.branch is None:
        return False
    found = attempt.forge.find_pull_request(attempt.sync_branch, base=config.downstream.branch)
    is_merged = found is not None and found.state is PullRequestState.MERGED
    return is_merged and found is not None and found.head_commit == tip


def _remote_refs(attempt: Attempt) -> dict[str, str]:
    patterns = ["refs/heads/*", attempt.record_ref, attempt.owner_ref, attempt.include_ref]
    if attempt.push == attempt.downstream:
        patterns[0] = f"refs/heads/{attempt.sync_branch}"
    return list_refs(attempt.repository, attempt.push, *patterns)


def _is_equal(attempt: Attempt, old: str, new: str) -> bool:
    """Return whether two commits have the same tree and parents."""
    git = attempt.repository
    if not has_commit(git, old):
        fetch(attempt, PUSH, [old])
    read = ("log", "--max-count=1", "--format=%T %P")
    contents = [git.text(*read, commit, "--") for commit in (old, new)]
    return contents[0] == contents[1]


def _push(attempt: Attempt, wanted: dict[str, str], leases: dict[str, str]) -> None:
    options = [f"--force-with-lease={name}:{expected}" for name, expected in leases.items()]
    refspecs = [f"{commit}:{name}" for name, commit in wanted.items()]
    argv = ("push", "--quiet", "--atomic", "--no-thin", *options, "--", PUSH)
    with explained(attempt.push, PUSH):
        try:
            attempt.published.run(*argv, *refspecs, remote=attempt.push)
        except GitError as error:
            if "rejected]" in error.stderr and _has_arrived(attempt, wanted, leases):
                return
            raise


def _has_arrived(attempt: Attempt, wanted: dict[str, str], leases: dict[str, str]) -> bool:
    """Return whether a rejected push arrived after all: git pushes again if the answer was lost.

    Raises:
        ForeignCommit: somebody else was faster; hosts word that differently.
        Stalled: another Plan of the same name was faster.
    """
    branch = f"refs/heads/{attempt.sync_branch}"
    there = _remote_refs(attempt)
    refuse_others(attempt, there)
    tip = there.get(branch, ABSENT)
    if tip not in (ABSENT, leases[branch], wanted[branch]):
        raise ForeignCommit(attempt.sync_branch, tip)
    return all(there.get(name) == commit for name, commit in wanted.items())
