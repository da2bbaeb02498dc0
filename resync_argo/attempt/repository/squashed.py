"""Shows git, in our own clone, the releases in a branch whose history was squashed.

A record (`forge.grafts`) becomes a graft: git treats the release as another parent of the commit
that brought it (git-replace, "--graft"). So a merge has the same ancestor as without the squash.
Pushed commits name real parents, since a graft changes no commit.
"""

import logging
from collections.abc import Iterable, Sequence

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.clone import PUSH, fetch
from resync_argo.attempt.repository.step_objects import descends_from, has_commit
from resync_argo.errors import ResyncError
from resync_argo.forge.grafts import Brought, read_records, record_refspec
from resync_argo.git import Git
from resync_argo.names import BROUGHT_REFS

LOG = logging.getLogger(__name__)

REPLACED = "refs/replace/"
"""Where git keeps replacements of objects (git-replace)."""


def graft_squashed(attempt: Attempt, head: str) -> tuple[Brought, ...]:
    """Graft a branch's records, and return the valid ones.

    A record is valid if the branch has the commit that it names, and its release can be fetched.

    Args:
        attempt: whose clone; it has the branch, and the records of the downstream repository.
        head: the branch's tip.

    Raises:
        Stalled: the repository is missing, or a permission.
        Transient: a host cannot be reached.
    """
    git = attempt.repository
    branch = attempt.contract.config.downstream.branch
    if attempt.push != attempt.downstream:
        fetch(attempt, PUSH, [record_refspec(branch)])
    records = {it.merged: it for it in read_records(git, branch)}
    return graft(attempt, head, records.values()) if records else ()


def graft(attempt: Attempt, head: str, records: Iterable[Brought]) -> tuple[Brought, ...]:
    """Graft some records, oldest first; return the valid ones.

    Args:
        attempt: whose clone; it has the branch.
        head: the branch's tip.
        records: one for each commit of the branch at most.
    """
    git = attempt.repository
    by_commit = {it.merged: it for it in records}
    history = git.text("rev-list", "--topo-order", "--reverse", head).split()
    own = [by_commit[commit] for commit in history if commit in by_commit]
    _fetch_releases(attempt, [it.release for it in own])
    return tuple(it for it in own if _is_new(git, it) and _graft(git, it))


def forget_records(git: Git) -> None:
    """Remove records and grafts from a reused clone, before it fetches the current ones."""
    listing = git.run("for-each-ref", "--format=delete %(refname)", BROUGHT_REFS, REPLACED)
    git.run("update-ref", "--stdin", stdin=listing)


def _fetch_releases(attempt: Attempt, commits: Sequence[str]) -> None:
    """Fetch the missing releases; those that upstream no longer has are left out."""
    for commit in commits:
        if has_commit(attempt.repository, commit):
            continue
        try:
            fetch(attempt, "upstream", [commit])
        except ResyncError as error:
            LOG.warning("the record of %s does not count: %s", commit, error)


def _is_new(git: Git, brought: Brought) -> bool:
    """Return whether a graft is new to git and allowed: no commit may be its own ancestor."""
    return (
        has_commit(git, brought.release)
        and not descends_from(git, brought.merged, brought.release)
        and not descends_from(git, brought.release, brought.merged)
    )


def _graft(git: Git, brought: Brought) -> bool:
    parents = git.text("log", "--max-count=1", "--format=%P", brought.merged, "--").split()
    return git.succeeds("replace", "--graft", brought.merged, *parents, brought.release)
