"""A release in the branch is not synced, unless a person requests it."""

import pytest

from resync_argo.api.naming import Naming
from resync_argo.upstream.candidate import Candidate
from resync_argo.upstream.graph import decide
from resync_argo.upstream.versions import Version
from tests.unit.upstream.test_graph import candidate, outcome, say


def test_releases_older_than_the_newest_in_the_branch_are_superseded() -> None:
    contained = candidate("3.7.1", "Finished", reason="AlreadySynced")

    assert outcome(contained, candidate("3.5.14"), candidate("3.8.0")) == {
        "3.5.14": "Skip Superseded",
        "3.7.1": "Keep AlreadySynced",
        "3.8.0": "Submit Next",
    }


@pytest.mark.parametrize(
    "known",
    [
        [candidate("1.0.0", "Finished", merged=True), candidate("1.5.0", "Finished", merged=True)],
        [candidate("1.0.0", "Finished", merged=True, contains=Version.parse("1.5.0"))],
    ],
)
def test_the_newest_release_in_the_branch_counts(known: list[Candidate]) -> None:
    assert outcome(*known, candidate("1.2.0"))["1.2.0"] == "Skip Superseded"


def test_a_failure_that_was_overtaken_by_a_merge_no_longer_blocks() -> None:
    merged = candidate("1.2.0", "Finished", merged=True)

    assert outcome(candidate("1.1.0", "Failed"), merged, candidate("1.3.0")) == {
        "1.1.0": "Skip Superseded",
        "1.2.0": "Keep",
        "1.3.0": "Submit Next",
    }


def test_a_persons_retry_overrides_superseded() -> None:
    merged = candidate("3.7.1", "Finished", merged=True)
    retried = candidate("3.5.14", "Skipped", reason="Superseded", retry=True)

    standing = decide([merged, retried])[retried.key]

    assert (standing.action, standing.force) == ("Submit", True)


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (None, "Record AlreadySynced"),
        ("Pending", "Skip Superseded"),
        ("Failed", "Skip Superseded"),
    ],
)
def test_a_release_that_another_plan_merged_is_not_synced_again(
    phase: str | None, expected: str
) -> None:
    merged = candidate("1.0.0", "Finished", plan="a", merged=True)
    other = candidate("1.0.0", phase, plan="b")

    assert say(decide([merged, other])[other.key]) == expected


def test_the_release_that_an_attempt_found_in_the_branch_is_recorded() -> None:
    found = candidate("1.0.0", "Skipped", reason="Superseded", contains=Version.parse("1.2.0"))

    assert outcome(found, candidate("1.1.0"), candidate("1.2.0"), candidate("1.3.0")) == {
        "1.0.0": "Keep Superseded",
        "1.1.0": "Skip Superseded",
        "1.2.0": "Record AlreadySynced",
        "1.3.0": "Submit Next",
    }


def test_a_person_may_sync_a_release_that_an_attempt_found_in_the_branch() -> None:
    found = candidate("1.0.0", "Skipped", reason="Superseded", contains=Version.parse("1.2.0"))
    asked = candidate("1.2.0", retry=True)

    standing = decide([found, asked])[asked.key]

    assert (standing.action, standing.force) == ("Submit", True)


def test_versions_of_another_upstream_do_not_supersede() -> None:
    merged = candidate("9.0.0", "Finished", merged=True, source=("github.com/x/y", Naming()))

    assert outcome(merged, candidate("1.0.0"))["1.0.0"] == "Submit Next"
