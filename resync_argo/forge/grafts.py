"""Records of releases that a branch has without their history, because a squash or a rebase left it out.

A record is a ref next to the branch, in the repository itself, so that it outlives every cluster.
It points to an empty commit whose message names two others: the branch's commit that brought in the
release, and the release's. The controller writes it when a sync's pull request is merged that way;
`doctor` writes records of earlier merges.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from resync_argo.budget import Budget
from resync_argo.git import LOOK, Git, Remote, scratch_repository
from resync_argo.hosts.empty_commit import empty_commit
from resync_argo.hosts.refusals import explained
from resync_argo.names import brought_ref

_ID = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
_SUBJECT = re.compile(rf"(?P<merged>{_ID}) brought (?P<release>{_ID})")
_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Brought:
    """A commit of a branch that brought in a release without its history.

    Attributes:
        merged: id of the branch's commit.
        release: id of the release's commit, which is not an ancestor of `merged`.
    """

    merged: str
    release: str


def record_refspec(branch: str) -> str:
    """Return the refspec that fetches a branch's records under their own names."""
    return f"+{brought_ref(branch, '*')}:{brought_ref(branch, '*')}"


def write_record(remote: Remote, branch: str, brought: Brought, *, budget: Budget = LOOK) -> None:
    """Write a record; it replaces an earlier one for the same commit of the branch.

    Args:
        remote: the repository.
        branch: the branch that has the release.
        brought: the record.
        budget: the limits.

    Raises:
        Stalled: the repository or the right to push is missing.
        Transient: the host did not answer within the budget.
    """
    with scratch_repository(remote, budget) as git:
        made, ref = _commit(git, brought), brought_ref(branch, brought.merged)
        with explained(remote, ref):
            git.run("push", "--quiet", "--", "origin", f"+{made}:{ref}", remote=remote)


def _commit(git: Git, brought: Brought) -> str:
    """Create the commit; the same record gets the same id, so writing it again changes nothing."""
    text = (
        f"{brought.merged} brought {brought.release}\n\n"
        "The first commit has the changes of the second, but not its history.\n"
    )
    return empty_commit(git, text, write=True)


def fetch_records(remote: Remote, branch: str, *, budget: Budget = LOOK) -> tuple[Brought, ...]:
    """Return a branch's records.

    Args:
        remote: the repository.
        branch: the branch.
        budget: the limits.

    Raises:
        Stalled: the repository does not exist, or a person must act for another reason.
        Transient: it cannot be read within the budget.
    """
    with scratch_repository(remote, budget) as git:
        fetch = ("fetch", "--quiet", "--no-tags", "--filter=tree:0", "--stdin", "origin")
        with explained(remote):
            git.run(*fetch, stdin=f"{record_refspec(branch)}\n".encode(), remote=remote)
        return tuple(read_records(git, branch))


def read_records(git: Git, branch: str) -> Iterator[Brought]:
    """Yield the records that were fetched into a repository; invalid ones are ignored."""
    stem = brought_ref(branch, "")
    listing = git.run("for-each-ref", "--format=%(refname) %(contents:subject)", stem)
    for line in listing.decode(errors="replace").splitlines():
        ref, _, subject = line.partition(" ")
        found = _SUBJECT.fullmatch(subject[:_LONGEST])
        if found is not None and ref == brought_ref(branch, found["merged"]):
            yield Brought(merged=found["merged"], release=found["release"])
