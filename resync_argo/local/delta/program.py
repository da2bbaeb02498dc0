"""The program behind the command `delta`: reads both repositories, and lists the fork's own commits."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from resync_argo.api.plan import Plan
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.upstream_release import newest_contained, reachable
from resync_argo.attempt.resolve.request import CARRY
from resync_argo.errors import ResyncError
from resync_argo.git import Git
from resync_argo.local.console import progress
from resync_argo.local.delta.delta import FATES, Delta, Own, sum_up
from resync_argo.local.delta.details import Changes, read_changes, read_signatures
from resync_argo.local.delta.listing import Listed, list_carries, list_merged
from resync_argo.local.preview.clone import open_clone
from resync_argo.local.preview.forecast import first_call
from resync_argo.local.preview.program import (
    fetch_releases,
    is_commit,
    read_branch,
    select_releases,
)
from resync_argo.upstream.eligibility import Release
from resync_argo.upstream.remote import list_tags

MOST_TRIED = 20
"""Newest releases of which one has to name a commit."""


def look_at_fork(plan: Plan, environ: Mapping[str, str]) -> Delta:
    """Return the commits that only a Plan's branch has.

    Raises:
        UsageError: git is too old, or a local clone cannot be used.
        Stalled, Transient: a repository cannot be read; or `UnclearCarry`: it is not certain what is the fork's own.
        ResyncError: upstream has no release that the Plan wants.
    """
    with open_clone(plan, environ) as attempt:
        return _look(plan, attempt)


def _look(plan: Plan, attempt: Attempt) -> Delta:
    config, git = plan.spec.config, attempt.repository
    with progress("Reading upstream's tags"):
        tags = list_tags(attempt.git_in(attempt.layout.trusted), attempt.upstream)
        releases = select_releases(attempt, tags).releases
    with progress("Fetching both repositories"):
        head, _ = read_branch(attempt)
        release = _newest(attempt, releases)
    contained = newest_contained(config, tags, reachable(git, head))
    call, _ = first_call(step.run or "" for step in plan.spec.steps)
    with progress("Reading the fork's own commits"):
        if call is not None and call.command == CARRY:
            listed = list_carries(attempt, head, call, release, contained)
        else:
            listed = list_merged(attempt, head, release, tags)
        changes = read_changes(git, [it.id for it in listed.commits])
        own = tuple(_own(git, listed, changes))
    return Delta(
        plan=plan.metadata.name,
        upstream=config.upstream.name,
        downstream=config.downstream.name,
        branch=config.downstream.branch,
        contained=str(contained.version) if contained else None,
        release=str(listed.release.version),
        tag=listed.release.tag.name,
        operation=listed.operation,
        last=listed.span.last,
        commits=own,
        totals=sum_up(own, changes),
        by_fate={fate: sum_up([it for it in own if it.fate == fate], changes) for fate in FATES},
        notes=listed.notes,
    )


def _newest(attempt: Attempt, releases: Sequence[Release]) -> Release:
    """Fetch and return the newest release whose tag names a commit."""
    for release in releases[: -MOST_TRIED - 1 : -1]:
        fetch_releases(attempt, [release])
        if is_commit(attempt.repository, release.tag.commit):
            return release
    raise ResyncError(
        "Upstream has no release that the Plan wants, so there is nothing to hold the branch against:"
        " look at `config.upstream`."
    )


def _own(git: Git, listed: Listed, changes: Mapping[str, Changes]) -> Iterator[Own]:
    now = datetime.now(UTC)
    signatures = read_signatures(git, [it.id for it in listed.commits])
    for one, fate, why in zip(listed.commits, listed.fates, listed.why, strict=True):
        signed, changed = signatures[one.id], changes[one.id]
        yield Own(
            commit=one.id,
            subject=one.subject,
            author=signed.author,
            email=one.author,
            time=signed.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            age_days=max((now - signed.time).days, 0),
            files=len(changed.paths),
            added=changed.added,
            deleted=changed.deleted,
            fate=fate,
            why=why,
        )
