"""Forecasts what people would have to decide if the fork's patches were carried onto each coming release."""

from collections.abc import Iterator, Sequence

from resync_argo.api.plan import Plan
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.options import Call
from resync_argo.attempt.resolve.request import CARRY
from resync_argo.errors import ResyncError
from resync_argo.local.console import progress
from resync_argo.local.doctor.checkup import CarryCost
from resync_argo.local.preview.carries import Branch, forecast_carry
from resync_argo.local.preview.forecast import Forecasted, first_call, options_of
from resync_argo.reasons.attempt import UNCLEAR_CARRY
from resync_argo.upstream.eligibility import Release

MOST_RELEASES = 5
"""How many releases to forecast; the branch will have changed much before later ones come."""


def carry_call(plan: Plan) -> Call | None:
    """Return how a Plan's steps call `git carry`; None if they bring in releases another way."""
    call, _ = first_call(step.run or "" for step in plan.spec.steps)
    return call if call is not None and call.command == CARRY else None


def carry_costs(
    plan: Plan, attempt: Attempt, branch: Branch, call: Call, releases: Sequence[Release]
) -> Iterator[CarryCost]:
    """Yield what each of the next releases would cost.

    Args:
        plan: the Plan.
        attempt: its clone has the releases' commits.
        branch: the downstream branch.
        call: how the Plan's steps call `git carry`.
        releases: the coming ones, oldest first.
    """
    for release in releases[:MOST_RELEASES]:
        with progress(f"Forecasting {release.version}"):
            yield _cost(release, forecast(plan, attempt, branch, call, release))


def forecast(
    plan: Plan, attempt: Attempt, branch: Branch, call: Call, release: Release
) -> Forecasted | ResyncError:
    """Return the forecast of one release, or why there is none."""
    options = options_of(step.run or "" for step in plan.spec.steps)
    try:
        return forecast_carry(attempt, branch, release.tag, call, options)
    except ResyncError as error:
        return error


def _cost(release: Release, found: Forecasted | ResyncError) -> CarryCost:
    version = str(release.version)
    if isinstance(found, ResyncError):
        refused = found.reason == UNCLEAR_CARRY
        return CarryCost(version=version, problem=str(found), refused=refused)
    return CarryCost(version=version, forecast=found.forecast)
