"""Notes on a Plan that does not just merge."""

import pytest

from resync_argo.api.plan import Plan
from resync_argo.local.learn.notes import notes_on


def notes(script: str) -> list[str]:
    config = {
        "upstream": {"name": "forge.test/up/x"},
        "downstream": {"name": "forge.test/down/x", "branch": "main"},
        "image": "unused",
    }
    spec = {"config": config, "steps": [{"run": script}]}
    return list(notes_on(Plan.parse({"metadata": {"name": "x"}, "spec": spec}), 3))


@pytest.mark.parametrize(
    ("script", "word"),
    [
        ("git carry", "`git carry`"),
        ("git checkout -q x\ngit rebase --onto a b", "`git rebase`"),
        ("git -c a.b=c cherry-pick $COMMIT", "`git cherry-pick`"),
    ],
)
def test_picked_commits_do_not_show_past_conflicts(script: str, word: str) -> None:
    (note,) = notes(script)
    assert word in note
    assert "Only merges can be learned from" in note
    assert "the 3 merges of a release" in note


def test_there_are_no_notes_on_a_plan_that_merges() -> None:
    assert notes("git merge $UPSTREAM_TAG") == []
