"""The contract: which contents steps get, and how a report is passed on.

A merge does not need the contents of the branch's own commits.
"""

from typing import Any

import pytest

from resync_argo.contract import Report, build_contract, reads_commits
from resync_argo.settings import Settings
from tests.unit.controller.builders import plan


@pytest.mark.parametrize(
    "script",
    [
        "git rebase --onto $UPSTREAM_TAG v1.20.0",
        "git cherry-pick a..b",
        "git format-patch -3 --stdout | git am -3",
        "git apply -3 carried/*.patch",
        "make rebase",
        "hack/update",
        "cd vendor && ./update",
        "sh hack/update.sh",
        "echo begin\n/opt/tools/sync",
        "if true; then\n\n  hack/update\nfi",
    ],
)
def test_a_step_that_may_work_on_single_commits_gets_their_contents(script: str) -> None:
    assert reads_commits(["git merge $UPSTREAM_TAG", script])


@pytest.mark.parametrize(
    "script",
    [
        "git merge $UPSTREAM_TAG",
        "make update\ngit add -A\ngit commit -m 'UPSTREAM: <drop>: make update'",
        "go mod tidy && go mod vendor",
        "sed -i 's/a/b/' go.mod",
        "curl --fail https://example.com/x",
    ],
)
def test_a_merge_and_tidying_after_it_need_none(script: str) -> None:
    assert not reads_commits([script])


@pytest.mark.parametrize("wait", [None, 1.0, 3600.0])
def test_no_part_of_a_report_is_lost(wait: float | None) -> None:
    report = Report(reason="RateLimited", message="Slow down.", lines=("a", "b"), retry_after=wait)

    assert Report.parse(report.whole) == report
    assert Report.parse(f"main: Error (exit code 1): {report.whole}\n") == report


def test_no_line_of_a_step_is_taken_for_a_wait() -> None:
    said = Report(reason="StepFailed", message="It failed.", lines=("StepFailed (after 9 s): x",))

    assert Report.parse(said.whole) == said


def test_the_contract_does_not_depend_on_the_refresh_setting() -> None:
    wishes = ("BaseMoved", "Conflicts", "Never")

    told = {build_contract(plan(refresh=wish), Settings()).to_json() for wish in wishes}

    assert len(told) == 1


def test_the_contract_has_a_parameters_pattern_but_not_its_description() -> None:
    jira: dict[str, Any] = {"name": "JIRA", "pattern": "[A-Z]+-[0-9]+"}
    same = [jira, jira | {"description": "the bug"}]
    others = [jira | {"pattern": ".+"}, jira | {"default": "A-1"}, jira | {"required": True}]

    def told(parameter: dict[str, Any]) -> str:
        return build_contract(plan(parameters=[parameter]), Settings()).to_json()

    assert len({told(it) for it in same}) == 1
    assert len({told(it) for it in [jira, *others]}) == 4
