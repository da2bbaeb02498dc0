"""The program behind the command `preview`: reads both repositories and asks what comes next.

The controller's own `decide` chooses which releases are due, and in which order. What the
controller knows from Tags, this reads from the branch. A release's age counts from when this machine
first saw it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from resync_argo.api.plan import Plan
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.clone import fetch, fetch_downstream, make_repository
from resync_argo.attempt.repository.contained import contained_releases, last_release
from resync_argo.attempt.repository.needed import fetch_for_forecast
from resync_argo.attempt.repository.squashed import forget_records, graft_squashed
from resync_argo.attempt.repository.upstream_release import (
    newest_contained,
    reachable,
)
from resync_argo.attempt.resolve.request import CARRY
from resync_argo.errors import ResyncError
from resync_argo.forge.grafts import Brought, record_refspec
from resync_argo.git import Git
from resync_argo.local.console import progress
from resync_argo.local.preview.carries import Branch, forecast_carry
from resync_argo.local.preview.clone import open_clone
from resync_argo.local.preview.first_seen import first_seen
from resync_argo.local.preview.forecast import (
    Forecasted,
    first_call,
    first_word,
    forecast,
    options_of,
)
from resync_argo.local.preview.included import look_for_included
from resync_argo.local.preview.report import LeftOut, PreviewReport, Release
from resync_argo.local.preview.standings import (
    CONTAINED,
    candidates_of,
    standings_of,
    still_young,
)
from resync_argo.reasons.attempt import UNCLEAR_CARRY
from resync_argo.reasons.turn import NOT_A_COMMIT
from resync_argo.upstream import eligibility
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.graph import Standing
from resync_argo.upstream.remote import list_tags, look_at_branch

MOST_FORECASTS = 20
"""How many releases to forecast; the branch will have changed much before later ones are due."""

_HEAD = "refs/resync-argo/preview/head"
_RELEASES = "refs/resync-argo/preview/releases"


def preview(plan: Plan, environ: Mapping[str, str]) -> PreviewReport:
    """Return what the Plan would do next.

    Raises:
        UsageError: git is too old.
        Stalled, Transient: a repository cannot be read.
    """
    with open_clone(plan, environ) as attempt:
        return _look(plan, attempt)


def look_ahead(plan: Plan, environ: Mapping[str, str]) -> tuple[Release, ...]:
    """Return the releases that the Plan wants, oldest first, without a forecast.

    Raises:
        UsageError: git is too old.
        Stalled, Transient: a repository cannot be read.
    """
    with open_clone(plan, environ) as attempt:
        return _look(plan, attempt, forecasting=False).releases


@dataclass(frozen=True, kw_only=True)
class Surveyed:
    """What both repositories show about a Plan's releases.

    Attributes:
        tags: upstream's.
        selection: the releases that the Plan wants, and the refused tags.
        head: the downstream branch's commit; `history` holds all commits that it contains.
        seen: when this machine first saw each release's git tag; `now` is the time of this look.
    """

    tags: Sequence[GitTag]
    selection: eligibility.Selection
    head: str
    history: set[bytes]
    seen: Mapping[str, datetime]
    now: datetime


def survey(attempt: Attempt) -> Surveyed:
    """Read both repositories into the cached clone.

    Raises:
        Stalled, Transient: a repository cannot be read.
    """
    with progress("Reading upstream's tags"):
        tags = list_tags(attempt.git_in(attempt.layout.trusted), attempt.upstream)
        selection = select_releases(attempt, tags)
    with progress("Fetching both repositories"):
        head, _ = read_branch(attempt)
    now = datetime.now(UTC)
    seen = first_seen(attempt.layout.trusted, (it.tag for it in selection.releases), now)
    return Surveyed(
        tags=tags,
        selection=selection,
        head=head,
        history=reachable(attempt.repository, head),
        seen=seen,
        now=now,
    )


def _look(plan: Plan, attempt: Attempt, *, forecasting: bool = True) -> PreviewReport:
    config, git = plan.spec.config, attempt.repository
    surveyed = survey(attempt)
    tags, selection, head = surveyed.tags, surveyed.selection, surveyed.head
    history = surveyed.history
    newest = newest_contained(config, tags, history)
    young = still_young(plan, surveyed.seen, surveyed.now)
    candidates = candidates_of(plan, selection.releases, history, young)
    standings = standings_of(candidates)
    looked_at = _fetch_due(attempt, selection.releases, standings)
    strange = {it.tag.ref for it in looked_at if not is_commit(git, it.tag.commit)}
    releases = tuple(it for it in selection.releases if it.tag.ref not in strange)
    # Leave out tags of anything but a commit, so that no release waits for them.
    standings = standings_of({str(it.version): candidates[str(it.version)] for it in releases})
    due = [it for it in looked_at if it.tag.ref not in strange]
    included, include_problem = look_for_included(attempt, head, due) if forecasting else ((), "")
    last = last_release(git, config, tags, head=head, history=history)
    inside = contained_releases(config, tags, history)
    branch = Branch(
        head=head,
        pulls=included,
        released=last.tag.commit if last else None,
        contained=tuple(it.tag.commit for it in inside),
    )
    forecasts = _forecasts(attempt, plan, branch, due) if forecasting else {}
    return PreviewReport(
        plan=plan.metadata.name,
        upstream=config.upstream.name,
        downstream=config.downstream.name,
        branch=config.downstream.branch,
        contained=str(newest.version) if newest else None,
        rebases=first_word([step.run or "" for step in plan.spec.steps]) == "rebase",
        releases=tuple(_release(it, standings, forecasts) for it in releases),
        parameters=config.parameters,
        left_out=(
            *(
                LeftOut(tag=it.tag.name, reason=it.refusal.reason, message=it.refusal.message)
                for it in selection.refused
            ),
            *(
                LeftOut(tag=it.tag.name, reason=NOT_A_COMMIT, message="It does not name a commit.")
                for it in looked_at
                if it.tag.ref in strange
            ),
        ),
        included=included,
        include_problem=include_problem,
    )


def select_releases(attempt: Attempt, tags: Sequence[GitTag]) -> eligibility.Selection:
    """Return the releases that the Plan wants; if it follows a branch, that is its newest commit.

    Raises:
        Stalled, Transient: the branch cannot be read.
    """
    config, git = attempt.contract.config, attempt.git_in(attempt.layout.trusted)
    if config.upstream.branch is None:
        return eligibility.select(tags, config)
    tip = look_at_branch(git, attempt.upstream, config.upstream.branch)
    release = eligibility.Release(version=tip.version, tag=tip.tag)
    return eligibility.Selection(releases=(release,), refused=())


def read_branch(attempt: Attempt) -> tuple[str, tuple[Brought, ...]]:
    """Fetch the downstream branch into the clone; return its commit, and its valid records of squashed releases.

    Raises:
        Stalled, Transient: the repository cannot be read.
    """
    git, branch = attempt.repository, attempt.contract.config.downstream.branch
    make_repository(attempt, {})
    forget_records(git)
    # Fetch it under a fixed name: the clone may still have a branch `a` when the branch is `a/b`.
    fetch_downstream(attempt, [f"+refs/heads/{branch}:{_HEAD}", record_refspec(branch)])
    head = git.text("rev-parse", "--verify", _HEAD)
    return head, graft_squashed(attempt, head)


def _fetch_due(
    attempt: Attempt,
    releases: tuple[eligibility.Release, ...],
    standings: Mapping[str, Standing],
) -> list[eligibility.Release]:
    """Fetch and return the releases to forecast."""
    due = [it for it in releases if standings[str(it.version)].action in ("Submit", "Wait")]
    looked_at = due[:MOST_FORECASTS]
    if looked_at:
        with progress("Fetching releases"):
            fetch_releases(attempt, looked_at)
    return looked_at


def fetch_releases(attempt: Attempt, releases: Sequence[eligibility.Release]) -> None:
    """Fetch releases; one that cannot be fetched does not affect the others."""
    refs = [f"+{it.tag.source}:{_RELEASES}/{it.tag.commit}" for it in releases]
    try:
        fetch(attempt, "upstream", refs)
    except ResyncError:
        failed = 0
        for ref in refs:
            try:
                fetch(attempt, "upstream", [ref])
            except ResyncError:
                failed += 1
        if failed == len(refs):
            raise


def is_commit(git: Git, oid: str) -> bool:
    """Return whether an object is in the clone, and is a commit."""
    return git.attempt("cat-file", "-t", oid).stdout.strip() == b"commit"


def _forecasts(
    attempt: Attempt,
    plan: Plan,
    branch: Branch,
    releases: Sequence[eligibility.Release],
) -> dict[str, Forecasted | ResyncError]:
    """Return the forecast of each release, or why there is none."""
    scripts = [step.run or "" for step in plan.spec.steps]
    options, (call, _) = options_of(scripts), first_call(scripts)
    carries = call is not None and call.command == CARRY
    found: dict[str, Forecasted | ResyncError] = {}
    if releases and not carries:
        with progress("Fetching releases"):
            fetch_for_forecast(attempt, branch.head, [it.tag.commit for it in releases])
    for release in releases:
        with progress(f"Forecasting {release.version}"):
            try:
                if call is not None and carries:
                    forecasted = forecast_carry(attempt, branch, release.tag, call, options)
                else:
                    forecasted = forecast(
                        attempt,
                        branch.head,
                        release.tag.commit,
                        options,
                        released=branch.released,
                        contained=branch.contained,
                    )
                found[str(release.version)] = forecasted
            except ResyncError as error:
                found[str(release.version)] = error
    return found


def _release(
    release: eligibility.Release,
    standings: Mapping[str, Standing],
    forecasts: Mapping[str, Forecasted | ResyncError],
) -> Release:
    standing = standings[str(release.version)]
    found = forecasts.get(str(release.version))
    return Release(
        version=str(release.version),
        tag=release.tag.name,
        standing="Contained" if standing is CONTAINED else standing.action,
        reason=standing.reason,
        message=standing.message,
        due_time=standing.due_time,
        forecast=found.forecast if isinstance(found, Forecasted) else None,
        problem=str(found) if isinstance(found, ResyncError) else "",
        refused=isinstance(found, ResyncError) and found.reason == UNCLEAR_CARRY,
        people=found.people if isinstance(found, Forecasted) else (),
    )
