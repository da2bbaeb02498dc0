"""The program behind the command `preview`: reads both repositories and asks what comes next.

Which releases are due, and in which order, is decided by the controller's own `decide`; what it would
know from Tags is read from the branch here.
"""

from collections.abc import Mapping
from dataclasses import replace

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.clone import fetch, make_repository
from resync_argo.attempt.repository.upstream_release import newest_contained, reachable
from resync_argo.contract import Layout
from resync_argo.git import Git
from resync_argo.local.console import progress
from resync_argo.local.preview.cache import cached_layout
from resync_argo.local.preview.forecast import check_git, fetch_needed, forecast
from resync_argo.local.preview.outlook import Forecast, LeftOut, Outlook, Release
from resync_argo.local.reader import make_reader, sign_in
from resync_argo.reasons.turn import ALREADY_SYNCED
from resync_argo.upstream import eligibility
from resync_argo.upstream.graph import Candidate, CandidateKey, Standing, decide
from resync_argo.upstream.remote import list_tags

MOST_FORECASTS = 20
"""Releases that are looked at; what comes after so many will be another story by then."""

CONTAINED = Standing(action="Keep", reason=ALREADY_SYNCED, message="The branch contains it.")


def preview(plan: Plan, environ: Mapping[str, str]) -> Outlook:
    """Return what the Plan would do next.

    Raises:
        UsageError: git is too old.
        Stalled, Transient: a repository cannot be read.
    """
    reader = make_reader(plan, Layout(), environ)
    with cached_layout(reader.upstream.url, reader.downstream.url, environ) as layout:
        check_git(Git(directory=layout.trusted))
        return _look(plan, sign_in(replace(reader, layout=layout), environ))


def _look(plan: Plan, attempt: Attempt) -> Outlook:
    config, git = plan.spec.config, attempt.repository
    with progress("Reading upstream's tags"):
        tags = list_tags(Git(directory=attempt.layout.trusted), attempt.upstream)
    selection = eligibility.select(tags, config)
    branch = f"refs/heads/{config.downstream.branch}"
    with progress("Fetching both repositories"):
        make_repository(attempt, {})
        fetch(attempt, "downstream", [f"+{branch}:{branch}"])
    head = git.text("rev-parse", "--verify", branch)
    history = reachable(git, head)
    newest = newest_contained(config, tags, history)
    standings = _decide(plan, selection.releases, history)
    return Outlook(
        plan=plan.metadata.name,
        upstream=config.upstream.name,
        downstream=config.downstream.name,
        branch=config.downstream.branch,
        contained=str(newest.version) if newest else None,
        releases=_releases(attempt, head, selection.releases, standings),
        left_out=tuple(
            LeftOut(tag=it.tag.name, reason=it.refusal.reason, message=it.refusal.message)
            for it in selection.refused
        ),
    )


def _decide(
    plan: Plan, releases: tuple[eligibility.Release, ...], history: set[bytes]
) -> dict[str, Standing]:
    candidates, upstream = {}, plan.spec.config.upstream
    for release in releases:
        is_contained = release.tag.commit.encode() in history
        key = CandidateKey(plan=plan.metadata.key, tag=ObjectKey("", str(release.version)))
        candidates[str(release.version)] = Candidate(
            key=key,
            source=(upstream.name, upstream.tag_prefix),
            version=release.version,
            order=plan.spec.config.order,
            phase="Finished" if is_contained else None,
            reason=ALREADY_SYNCED if is_contained else "",
            suspended=plan.spec.suspend,
        )
    decided = decide(candidates.values())
    return {
        version: CONTAINED if it.phase == "Finished" else decided[it.key]
        for version, it in candidates.items()
    }


def _releases(
    attempt: Attempt,
    head: str,
    releases: tuple[eligibility.Release, ...],
    standings: Mapping[str, Standing],
) -> tuple[Release, ...]:
    due = [it for it in releases if standings[str(it.version)].action in ("Submit", "Wait")]
    looked_at = due[:MOST_FORECASTS]
    forecasts: dict[str, Forecast] = {}
    if looked_at:
        with progress("Fetching releases"):
            fetch(attempt, "upstream", [f"+{it.tag.ref}:{it.tag.ref}" for it in looked_at])
            fetch_needed(attempt, head, [it.tag.commit for it in looked_at])
    for release in looked_at:
        with progress(f"Forecasting {release.version}"):
            forecasts[str(release.version)] = forecast(attempt, head, release.tag.commit)
    return tuple(
        Release(
            version=str(release.version),
            tag=release.tag.name,
            standing="Contained" if standing is CONTAINED else standing.action,
            reason=standing.reason,
            message=standing.message,
            forecast=forecasts.get(str(release.version)),
        )
        for release in releases
        for standing in (standings[str(release.version)],)
    )
