"""One pull request moves from commit to commit of an upstream branch, and people can stop it."""

from typing import Any

from resync_argo.api.naming import Naming
from resync_argo.upstream.candidate import Candidate
from resync_argo.upstream.graph import decide
from tests.unit.upstream.test_graph import candidate, outcome

FIRST, SECOND, THIRD = (f"0.0.0-2024010{day}000000-aaaaaaaaaaaa" for day in (1, 2, 3))
SOURCE = ("github.com/a/b", Naming(branch="main"))


def commit(version: str, phase: Any = None, **more: Any) -> Candidate:
    known: dict[str, Any] = {"order": "Latest", "is_of_branch": True, "source": SOURCE}
    return candidate(version, phase, **(known | more))


def test_an_open_pull_request_moves_on_to_the_newest_commit() -> None:
    first = commit(FIRST, "Finished", reason="PullRequestOpen", open_pull_request=True)

    assert outcome(first, commit(SECOND), commit(THIRD)) == {
        FIRST: "Keep PullRequestOpen",
        SECOND: "Skip NewerVersion",
        THIRD: "Submit Next",
    }


def test_the_earlier_commit_is_done_once_the_pull_request_has_the_later_one() -> None:
    first = commit(FIRST, "Finished", reason="PullRequestOpen", open_pull_request=True)
    second = commit(SECOND, "Finished", reason="PullRequestOpen", open_pull_request=True)

    assert outcome(first, second) == {FIRST: "Skip MovedOn", SECOND: "Keep PullRequestOpen"}


def test_the_next_commit_waits_for_a_run_and_a_conflict() -> None:
    for phase in ("Running", "Conflict"):
        assert outcome(commit(FIRST, phase), commit(SECOND))[SECOND] == "Wait BranchBusy"


def test_a_persons_commit_keeps_the_pull_request_where_it_is() -> None:
    opened = commit(FIRST, "Finished", reason="PullRequestOpen", open_pull_request=True)
    stopped = commit(SECOND, "Failed", reason="ForeignCommit")
    waiting = commit(THIRD)

    standings = decide([opened, stopped, waiting])

    assert standings[waiting.key].reason == "EarlierPullRequestOpen"
    assert "A person's commit" in standings[waiting.key].message
    retried = commit(SECOND, "Failed", reason="ForeignCommit", retry=True)
    assert outcome(opened, retried)[SECOND] == "Submit Next"
    skipped = commit(SECOND, "Skipped", reason="SkipRequested", skip=True)
    assert outcome(opened, skipped, waiting)[THIRD] == "Submit Next"


def test_another_failure_is_superseded_by_the_next_commit() -> None:
    failed = commit(FIRST, "Failed", reason="StepFailed")

    assert outcome(failed, commit(SECOND))[SECOND] == "Submit Next"


def test_other_plans_wait_for_the_pull_request() -> None:
    first = commit(FIRST, "Finished", reason="PullRequestOpen", open_pull_request=True)

    other = outcome(first, candidate("1.0.0", plan="tags"))
    same = outcome(first, commit(SECOND, plan="branch-too"))

    assert other["1.0.0"] == same[SECOND] == "Wait EarlierPullRequestOpen"
