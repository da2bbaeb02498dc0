"""docs/figures.md agrees with the kept summaries, and each file that was decided otherwise has a reason."""

import json
from pathlib import Path

import pytest

from resync_argo.local.plan_file import load_plan
from tests.history.figures.page import KEPT, LAST, PAGE, STAGES, page
from tests.history.figures.summary import summarized
from tests.history.reasons import UNEXPLAINED, Reason, Reasons

PLANS = KEPT.parent / "stages"


def test_the_page_is_what_is_generated() -> None:
    text = PAGE.read_text()

    assert text == page(text), "run `python -m tests.history.figures` and commit docs/figures.md"
    assert f"| `{LAST}` |" in text


def test_each_stage_is_a_plan() -> None:
    assert {load_plan(it).metadata.name for it in PLANS.glob("*.yaml")} == set(STAGES)


@pytest.mark.parametrize("kept", sorted(KEPT.glob("*.json")), ids=lambda it: it.stem)
def test_each_file_that_was_decided_otherwise_has_a_reason(kept: Path) -> None:
    otherwise = json.loads(kept.read_text())["otherwise"]

    assert [it for it in otherwise if it["plan"] == LAST and it["why"] == UNEXPLAINED] == []


def test_files_with_one_reason_share_a_row_and_an_unfinished_plan_has_none() -> None:
    reasons = Reasons([Reason(release="v1.0.0", paths=("vendor/*",), why="another Go")])
    files = [("vendor/a/b.go", 3), ("vendor/c.go", 4), ("f.txt", 5)]
    wrong = [{"path": path, "lines": lines, "was_in_conflict": False} for path, lines in files]
    ways = {"done": {"wrong": wrong}, "begun": {"wrong": wrong}}
    each = [{"tag": "v1.0.0", "merge": "0" * 40, "plans": ways}]
    plans = {"done": {"bumps": 2}, "begun": {"bumps": 1}}
    counted = {"bumps": 2, "unreadable": [], "clean": 1, "files": 0, "plans": plans, "each": each}

    kept = summarized(counted, reasons)

    assert kept["plans"] == {"done": {"bumps": 2}}
    assert [(it["files"], it["lines"], it["why"]) for it in kept["otherwise"]] == [
        (2, 7, "another Go"),
        (1, 5, UNEXPLAINED),
    ]
