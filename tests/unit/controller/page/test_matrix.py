"""A table of releases and branches shows what statuses say or imply."""

from typing import Any

import pytest

from resync_argo.controller.page.facts import Cell, Column, Matrix, Read
from resync_argo.controller.page.views import Wanted, overview, upstream_facts
from tests.page.samples import EXPORTER, GOOD, KUBERNETES, READ, Sample, everything, library_of

LIBRARY = library_of(everything())


def table(upstream: str) -> Matrix:
    found = upstream_facts(LIBRARY, ("forks", upstream), Wanted())
    assert found is not None
    return found


def states(matrix: Matrix) -> dict[str, list[str | None]]:
    """Return each release's state and reason, by branch."""
    return {
        line.version: [f"{it.state} {it.reason}" if it else None for it in line.cells]
        for line in matrix.lines.items
    }


def test_releases_are_listed_newest_first_against_branches() -> None:
    matrix = table(KUBERNETES)

    assert [it.subject.branch for it in matrix.columns] == ["main", "release-4.20"]
    assert states(matrix) == {
        "1.36.0-rc.1": ["Pending BlockedByFailure", None],
        "1.35.7": ["Failed StepFailed", None],
        "1.35.6": ["Finished Merged", None],
        "1.34.9": [None, "Running Running"],
        "1.34.8": [None, "Finished Merged"],
    }
    assert list(states(matrix)) == ["1.36.0-rc.1", "1.35.7", "1.35.6", "1.34.9", "1.34.8"]


def test_a_branch_says_how_far_it_is_behind_and_since_when() -> None:
    sample = everything()
    main, release = table(KUBERNETES).columns
    (exporter,) = table(EXPORTER).columns

    assert (main.behind_by, main.behind_since, main.current) == (2, sample.ago(days=4), "1.35.6")
    assert (release.behind_by, release.behind_since) == (1, sample.ago(days=9))
    assert (exporter.behind_by, exporter.behind_since) == (2, sample.ago(days=20))
    assert exporter.coming is not None
    assert (exporter.coming.version, exporter.coming.reason) == ("1.12.1", "BranchBusy")


def test_the_short_table_has_open_releases_even_if_they_are_old() -> None:
    sample = everything()
    for number in range(30):
        sample.tag(EXPORTER, f"2.0.{number}", 1)

    tables = overview(library_of(sample), Wanted()).matrices.items
    found = next(it for it in tables if it.upstream == EXPORTER)

    assert [it.version for it in found.lines.items] == [
        *("2.0.29", "2.0.28", "2.0.27", "2.0.26", "1.12.1", "1.12.0"),
    ]
    assert found.lines.total == 34


def cell(version: str, **changes: Any) -> Cell | None:
    """Return the state of a release without a Sync on a branch that contains 1.1.0 and takes 1.2.0 next."""
    sample = Sample()
    coming = {
        "version": "1.2.0",
        "reason": "TooYoung",
        "message": "",
        "dueTime": "2026-12-03T00:00:00Z",
    }
    known = {"status": {"current": "1.1.0", "next": coming, "pending": 3}}
    sample.plan("p", KUBERNETES, "main", **(known | changes))
    sample.tag(KUBERNETES, version, skip=version == "1.4.0")
    found = upstream_facts(library_of(sample), ("forks", KUBERNETES), Wanted())
    assert found is not None
    return found.lines.items[0].cells[0]


@pytest.mark.parametrize(
    ("version", "changes", "expected"),
    [
        ("1.2.0", {}, ("Pending", "TooYoung")),
        ("1.3.0", {}, ("Pending", "OlderFirst")),
        ("1.0.0", {}, ("Skipped", "Superseded")),
        ("1.4.0", {}, ("Skipped", "SkipRequested")),
        ("1.1.5", {"config": {"order": "Latest"}}, ("Skipped", "NewerVersion")),
        ("1.3.0", {"spec": {"suspend": True}}, ("Pending", "PlanSuspended")),
        ("1.3.0", {"conditions": [GOOD | {"status": "False"}]}, ("Pending", "PlanNotReady")),
    ],
)
def test_the_state_of_a_release_without_a_sync_follows_from_its_plan(
    version: str, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    found = cell(version, **changes)

    assert found is not None
    assert (found.phase, found.reason) == expected


def test_a_release_with_a_known_time_says_when() -> None:
    found = cell("1.2.0")

    assert found is not None
    assert found.due_time == "2026-12-03T00:00:00Z"


def reading(**known: Any) -> Read:
    """Return the read of an upstream that two Plans follow, one of which cannot read it."""
    sample = Sample()
    sample.plan("a", KUBERNETES, "main", conditions=known.pop("conditions", [GOOD, READ]))
    sample.plan("b", KUBERNETES, "release")
    found = upstream_facts(library_of(sample, **known), ("forks", KUBERNETES), Wanted())
    assert found is not None
    return found.read


def test_an_upstream_shows_its_worst_read() -> None:
    ages = {"a": 10.0, "b": 70.0}
    failed = READ | {"status": "False", "reason": "Unreachable", "message": "It is down."}

    assert reading(upstream_seconds=lambda plan: ages[plan.metadata.name]).age_seconds == 70
    assert reading(conditions=[GOOD, failed]).reason == "Unreachable"
    unread = reading(upstream_seconds=lambda _plan: float("inf"))
    assert (unread.age_seconds, unread.elsewhere) == (None, False)
    assert reading(upstream_seconds=lambda _plan: None, reads=lambda: False).elsewhere


def test_more_branches_than_fit_are_counted() -> None:
    sample = Sample()
    for number in range(15):
        sample.plan(f"p-{number}", KUBERNETES, f"release-{number}")
    found = upstream_facts(library_of(sample), ("forks", KUBERNETES), Wanted())

    assert found is not None
    assert (len(found.columns), found.more_columns) == (12, 3)


def test_an_uncounted_plan_does_not_look_up_to_date() -> None:
    sample = Sample()
    sample.plan("p", KUBERNETES, "main")
    (matrix,) = overview(library_of(sample), Wanted()).matrices.items
    column: Column = matrix.columns[0]

    assert (column.behind_by, column.behind_since, column.current) == (None, None, None)
