"""The candidates of a Plan's releases and their standings, without a cluster's Tags. Pure.

What the controller knows from Tags and Syncs is read from the branch here and, on demand, from the
forge. The decision is the controller's own `decide`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.reasons.turn import ALREADY_SYNCED
from resync_argo.upstream.candidate import Candidate, CandidateKey
from resync_argo.upstream.eligibility import Release
from resync_argo.upstream.graph import Standing, decide

CONTAINED = Standing(action="Keep", reason=ALREADY_SYNCED, message="The branch contains it.")


def still_young(plan: Plan, seen: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    """Return when each too young git tag will be old enough, counted from when it was first seen."""
    cool_down = plan.spec.config.upstream.cool_down
    return {name: time + cool_down for name, time in seen.items() if time + cool_down > now}


def candidates_of(
    plan: Plan,
    releases: Iterable[Release],
    history: Collection[bytes],
    young: Mapping[str, datetime],
) -> dict[str, Candidate]:
    """Return the candidate of each release by its version.

    Args:
        plan: the Plan.
        releases: those that it wants.
        history: the commits that the branch contains.
        young: when each too young git tag will be old enough.
    """
    found, upstream = {}, plan.spec.config.upstream
    for release in releases:
        is_contained = release.tag.commit.encode() in history
        version = str(release.version)
        found[version] = Candidate(
            key=CandidateKey(plan=plan.metadata.key, tag=ObjectKey("", version)),
            source=(upstream.name, upstream.naming),
            version=release.version,
            order=plan.spec.config.effective_order,
            phase="Finished" if is_contained else None,
            reason=ALREADY_SYNCED if is_contained else "",
            suspended=plan.spec.suspend,
            suspend_reason=plan.spec.suspend_reason,
            matures=young.get(release.tag.name),
        )
    return found


def standings_of(candidates: Mapping[str, Candidate]) -> dict[str, Standing]:
    """Return what to do with each candidate of one Plan."""
    decided = decide(candidates.values())
    return {
        version: CONTAINED if it.phase == "Finished" else decided[it.key]
        for version, it in candidates.items()
    }
