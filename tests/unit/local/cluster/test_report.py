"""The report of a cluster says the same as the controller's page."""

import json

from resync_argo.local.cluster.report import report
from resync_argo.local.cluster.view import View
from tests.unit.local.cluster.clusters import TAGS, plan, sync

NOW = "2026-01-01T12:00:00Z"
QUESTION = {"pullRequest": "https://forge.test/pull/2", "number": 2, "files": ["a", "b"]}
VIEW = View(
    plans=(plan(),),
    tags=TAGS,
    syncs=(
        sync("1.21.1", phase="Finished", pullRequest="https://forge.test/pull/1", merged=True),
        sync("1.21.2", phase="Conflict", reason="WaitingForResolution", conflict=QUESTION),
    ),
)


def test_html_is_complete() -> None:
    text = report(VIEW, "html", NOW, namespace="default")

    assert text.startswith("<!doctype html>")
    assert "1 thing needs a person" in text
    assert "https://forge.test/pull/2" in text
    assert "/style.css" not in text


def test_json_and_markdown_say_the_same() -> None:
    told = json.loads(report(VIEW, "json", NOW))
    text = report(VIEW, "markdown", NOW)

    (need,) = told["needs"]["items"]
    assert (need["files"], need["state"]) == (["a", "b"], "Conflict")
    assert "| 3 h | Conflict | kubernetes 1.21.2 → release [#2]" in text


def test_runs_are_linked_if_the_argo_ui_is_known() -> None:
    (run,) = (sync("1.21.2", phase="Failed", reason="StepFailed", workflow="w-1"),)
    view = View(plans=(plan(),), tags=TAGS, syncs=(run,))

    text = report(view, "html", NOW, runs_url=lambda ns: f"https://argo.test/workflows/{ns}")

    assert "https://argo.test/workflows/default/w-1" in text
