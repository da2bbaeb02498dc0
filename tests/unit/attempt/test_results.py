"""A container's result passes a host's requested wait on to the controller."""

from pathlib import Path

import pytest

from resync_argo.attempt.results import failure, load_result, save_result
from resync_argo.contract import CHECKOUT, Report
from resync_argo.errors import ResyncError, Stalled, Transient
from resync_argo.forge.interface import RateLimited
from tests.git.builders import make_world


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (RateLimited("Slow down.", retry_after=900.0), 900.0),
        (Transient("It is away."), None),
        (Stalled("Forbidden", "It may not."), None),
    ],
    ids=["limited", "away", "a person's"],
)
def test_the_wait_that_a_host_asked_for_reaches_the_controller(
    tmp_path: Path, error: ResyncError, wait: float | None
) -> None:
    attempt = make_world(tmp_path).attempt().attempt
    attempt.layout.trusted.mkdir(parents=True, exist_ok=True)

    save_result(attempt, CHECKOUT, failure(error))

    result = load_result(attempt, CHECKOUT)
    assert result is not None
    assert result.report is not None
    told = Report.parse(f"main: Error (exit code 1): {result.report.whole}")
    assert told == Report(reason=error.reason, message=str(error), retry_after=wait)
