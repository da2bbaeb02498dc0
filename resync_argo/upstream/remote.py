"""Reads what an upstream repository offers: git tags, or the newest commits of branches.

In: a `Git` and a `Remote`. Out: `GitTag`s or `Tip`s, from one `git ls-remote`; for its date, a
branch's newest commit is fetched, and nothing else. The controller shares one answer among all
Plans of an upstream, and checkout asks about a release that somebody submitted by hand. Answers are
bounded in time and size.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from resync_argo.budget import Budget
from resync_argo.git import LOOK, LOOK_AT_REFS, Git, Remote, commit_time, scratch_repository
from resync_argo.hosts.refs import list_refs
from resync_argo.hosts.refusals import explained, refs_at_second_look
from resync_argo.upstream.branches import Head, Tip, choose, missing
from resync_argo.upstream.git_tags import GitTag, is_safe_name, read_listing

_HEADS = "refs/heads/"
_TIP = "refs/look/tip"
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=tree:0", "--depth=1")


def list_tags(git: Git, remote: Remote, *, budget: Budget = LOOK_AT_REFS) -> tuple[GitTag, ...]:
    """Return the repository's tags by name, annotated ones with the commit they point to.

    Args:
        git: in any folder.
        remote: the repository.
        budget: the limits.

    Raises:
        Stalled: the repository does not exist, or a person must act for another reason.
        Transient: it cannot be reached or read, or seems empty; the message quotes git.
    """
    with explained(remote):
        listing = git.within(budget).run("ls-remote", "--tags", "--", remote.url, remote=remote)
    return read_listing(listing or refs_at_second_look(remote))


def list_heads(
    git: Git, remote: Remote, wanted: Iterable[str], *, budget: Budget = LOOK_AT_REFS
) -> dict[str, Head]:
    """Return the heads of the branches that Plans follow, by the Plans' names or patterns.

    Args:
        git: in any folder.
        remote: the upstream.
        wanted: names and patterns; those without a branch are left out.
        budget: the limits.

    Raises:
        Stalled: the repository does not exist, or a person must act for another reason.
        Transient: it cannot be reached or read.
    """
    names = {one: _HEADS + one for one in wanted}
    if not names:
        return {}
    refs = list_refs(git.within(budget), remote, *names.values())
    heads = {name.removeprefix(_HEADS): commit for name, commit in refs.items()}
    safe = [name for name in heads if is_safe_name(name)]
    chosen = {one: choose(safe, one) for one in names}
    return {
        one: Head(branch=name, commit=heads[name])
        for one, name in chosen.items()
        if name is not None
    }


def date(remote: Remote, head: Head, *, budget: Budget = LOOK) -> Tip:
    """Return the head with the time of its commit; fetches nothing else of it.

    Raises:
        Stalled: the commit does not exist, or a person must act for another reason.
        Transient: it cannot be read within the budget.
    """
    with scratch_repository(remote, budget) as git, explained(remote, _HEADS + head.branch):
        git.run(*_FETCH, "origin", f"+{head.commit}:{_TIP}", remote=remote)
        seconds = commit_time(git, _TIP)
    return Tip(branch=head.branch, commit=head.commit, time=datetime.fromtimestamp(seconds, UTC))


def look_at_branch(git: Git, remote: Remote, wanted: str) -> Tip:
    """Return the newest commit of the branch that a Plan follows.

    Raises:
        Stalled: the branch (reason `BranchNotFound`) or the repository does not exist.
        Transient: it cannot be reached or read.
    """
    head = list_heads(git, remote, [wanted]).get(wanted)
    if head is None:
        raise missing(wanted)
    return date(remote, head)
