"""The program behind the command `doctor`: examines a fork, and writes missing records on request."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from resync_argo.api.plan import Plan
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.contained import contained_releases, last_release
from resync_argo.attempt.repository.needed import fetch_for_forecast
from resync_argo.attempt.repository.squashed import graft
from resync_argo.attempt.repository.upstream_release import newest_contained, reachable
from resync_argo.errors import ResyncError
from resync_argo.forge.grafts import Brought, write_record
from resync_argo.git import Git
from resync_argo.local.console import progress
from resync_argo.local.doctor.carries import carry_call, carry_costs
from resync_argo.local.doctor.carries import forecast as forecast_carries
from resync_argo.local.doctor.checkup import Checkup, Cost, Repair
from resync_argo.local.doctor.squashes import MOST_RELEASES, Squash, find_squashes
from resync_argo.local.preview.carries import Branch
from resync_argo.local.preview.clone import open_clone
from resync_argo.local.preview.forecast import forecast, options_of
from resync_argo.local.preview.program import (
    fetch_releases,
    is_commit,
    read_branch,
    select_releases,
)
from resync_argo.upstream.eligibility import Release, select
from resync_argo.upstream.remote import list_tags
from resync_argo.upstream.versions import precedence

LINEAR_AFTER = 50
"""Commits without a merge among them that say that people merge in another way."""


def examine(plan: Plan, environ: Mapping[str, str], *, write: bool) -> Checkup:
    """Return what is wrong with a Plan's branch; write missing records on request.

    Raises:
        UsageError: git is too old, or a local clone cannot be used.
        Stalled, Transient: a repository cannot be read or written.
    """
    with open_clone(plan, environ) as attempt:
        return _examine(plan, attempt, write=write)


def _examine(plan: Plan, attempt: Attempt, *, write: bool) -> Checkup:
    config, git = plan.spec.config, attempt.repository
    with progress("Fetching both repositories"):
        tags = list_tags(attempt.git_in(attempt.layout.trusted), attempt.upstream)
        head, known = read_branch(attempt)
        releases = select(tags, config).releases[-MOST_RELEASES:]
        fetch_releases(attempt, releases)
    newest = newest_contained(config, tags, reachable(git, head))
    with progress("Comparing files"):
        found = find_squashes(git, head, _newer(releases, newest))
    checkup = Checkup(
        plan=plan.metadata.name,
        upstream=config.upstream.name,
        downstream=config.downstream.name,
        branch=config.downstream.branch,
        contained=str(newest.version) if newest else None,
        records=len(known),
        repairs=tuple(_repair(git, it) for it in found),
        notes=tuple(_notes(plan, git, head, releases)),
    )
    history = reachable(git, head)
    last = last_release(git, config, tags, head=head, history=history)
    branch = Branch(
        head=head,
        released=last.tag.commit if last else None,
        contained=tuple(it.tag.commit for it in contained_releases(config, tags, history)),
    )
    call = carry_call(plan)
    if call is not None:
        # Now, while the missing records do not count yet.
        costs = carry_costs(plan, attempt, branch, call, _to_come(attempt, head, releases, newest))
        checkup = checkup.model_copy(update={"carries": tuple(costs)})
    if not found:
        return checkup
    cost = _cost(plan, attempt, branch, releases, found)
    if write:
        with progress("Writing the records"):
            for it in found:
                write_record(attempt.push, config.downstream.branch, _brought(it))
    return checkup.model_copy(update={"cost": cost, "written": write})


def _to_come(
    attempt: Attempt, head: str, releases: Sequence[Release], newest: Release | None
) -> Sequence[Release]:
    """Return the releases that the branch lacks; if the Plan follows a branch, its newest commit."""
    if attempt.contract.config.upstream.branch is not None:
        releases, newest = select_releases(attempt, ()).releases, None
        fetch_releases(attempt, releases)
    history, git = reachable(attempt.repository, head), attempt.repository
    return [
        it
        for it in _newer(releases, newest)
        if it.tag.commit.encode() not in history and is_commit(git, it.tag.commit)
    ]


def _newer(releases: Sequence[Release], contained: Release | None) -> Sequence[Release]:
    """Return the releases that come after the one that the branch contains.

    Older ones need no sync. A record of an older one could even hide what only that one has: a fix
    in a patch release, most of whose files came with a newer release.
    """
    if contained is None:
        return releases
    newest = precedence(contained.version)
    return [it for it in releases if precedence(it.version) > newest]


def _brought(squash: Squash) -> Brought:
    return Brought(merged=squash.commit, release=squash.release.tag.commit)


def _repair(git: Git, squash: Squash) -> Repair:
    return Repair(
        version=str(squash.release.version),
        tag=squash.release.tag.name,
        release=squash.release.tag.commit,
        commit=squash.commit,
        subject=git.text("log", "--max-count=1", "--format=%s", squash.commit, "--"),
        share=round(squash.share * 100),
    )


def _notes(plan: Plan, git: Git, head: str, releases: Sequence[Release]) -> list[str]:
    notes = []
    if plan.spec.config.upstream.branch is not None:
        notes.append(
            "The Plan follows a branch, and squashes are looked for among upstream's tags: what was brought after"
            " the newest of them that fits is asked once more."
        )
    if releases and not git.succeeds("merge-base", head, releases[-1].tag.commit):
        notes.append(
            "The branch and upstream have no common commit: the fork was begun with a copy of the files,"
            " or pushed from a shallow clone. A record gives git one."
        )
    span = f"{head}~{LINEAR_AFTER}..{head}"
    merges = git.attempt("rev-list", "--first-parent", "--merges", "--max-count=1", span, "--")
    if merges.returncode == 0 and not merges.stdout:
        notes.append(
            f"The last {LINEAR_AFTER} commits of the branch have no merge among them: it seems that pull"
            " requests are squashed or rebased. The controller then records each release that is merged."
        )
    return notes


def _cost(
    plan: Plan,
    attempt: Attempt,
    branch: Branch,
    releases: Sequence[Release],
    found: Sequence[Squash],
) -> Cost | None:
    """Return the cost of the next release; leaves the grafts in the clone."""
    later = releases[releases.index(found[-1].release) + 1 :]
    if not later:
        return None
    before = _conflicts(plan, attempt, branch, later[0])
    graft(attempt, branch.head, [_brought(it) for it in found])
    recorded = replace(branch, released=found[-1].release.tag.commit)
    after = _conflicts(plan, attempt, recorded, later[0])
    return Cost(version=str(later[0].version), before=before, after=after)


def _conflicts(plan: Plan, attempt: Attempt, branch: Branch, release: Release) -> int | None:
    """Return how many files a person must decide; None if the commits cannot be merged."""
    call, commit = carry_call(plan), release.tag.commit
    options = options_of(step.run or "" for step in plan.spec.steps)
    with progress(f"Forecasting {release.version}"):
        if call is not None:
            found = forecast_carries(plan, attempt, branch, call, release)
            return None if isinstance(found, ResyncError) else len(found.forecast.conflicts)
        try:
            fetch_for_forecast(attempt, branch.head, [commit])
            merged = forecast(
                attempt,
                branch.head,
                commit,
                options,
                released=branch.released,
                contained=branch.contained,
            )
            return len(merged.forecast.conflicts)
        except ResyncError:
            return None
