"""`preview` forecasts a run's decisions by the Plan's rules."""

from typing import Any

import pytest

from tests.git.builders import BRANCH
from tests.git.local.preview.test_program import look
from tests.git.local_runs import MERGE, PULL_REQUEST, Laptop


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        ({"keepDeleted": True}, []),
        ({"keepDeleted": True, "resolve": "Upstream"}, []),
        ({"resolve": "Union"}, ["a.txt"]),
    ],
)
def test_a_deletion_is_forecast_as_the_run_decides(
    laptop: Laptop, rule: dict[str, Any], asked: list[str]
) -> None:
    laptop.world.downstream.commit(BRANCH, {"a.txt": None}, message="Drop a.txt")
    laptop.write_plan(MERGE, PULL_REQUEST, conflicts=[{"paths": ["*.txt"], **rule}])

    (release,) = [it for it in look(laptop)["releases"] if it["standing"] == "Submit"]
    ran = laptop.run_json()

    assert release["forecast"]["conflicts"] == asked
    assert (ran["conflict"] or {"files": []})["files"] == asked
    assert release["forecast"]["byRules"] == ([] if asked else ["a.txt"])
    if not asked:
        assert "| 1 (keepDeleted) |" in laptop.pull_request(1)
