"""The rows that `status` shows for Plans, Tags and Syncs."""

from datetime import UTC, datetime

import pytest

from resync_argo.local.cluster.view import View, age, chains, find_tag, labels, rows
from tests.unit.local.cluster.clusters import TAGS, VIEW, plan, sync, tag

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_releases_are_in_the_order_of_their_versions() -> None:
    order = [row.version for row in rows(VIEW, NOW)]

    assert order == ["1.21.1", "1.21.2", "1.21.3", "1.21.10"]


def test_a_conflict_waits_for_a_person_and_shows_its_pull_request() -> None:
    row = rows(VIEW, NOW)[1]

    assert row.pull_request == "https://forge.test/pull/2"
    assert row.waits_for == "a person to resolve 2 file(s)"
    assert row.age == "3h"


def test_a_queued_release_says_why_although_it_has_no_sync() -> None:
    row = rows(VIEW, NOW)[2]

    assert (row.plan, row.phase, row.age) == ("z-release", "Pending", "")
    assert row.waits_for == "1.21.2 (Plan z-release) waits for a resolution."


def test_a_release_that_is_skipped_while_queued_says_so() -> None:
    view = View(plans=(plan(),), tags=(tag("1.21.3", skip=True),))
    (row,) = rows(view, NOW)

    assert (row.phase, row.waits_for) == ("Skipped", "A person asked to skip this Tag.")


def test_a_waiting_sync_shows_its_status() -> None:
    waiting = sync("1.21.3", phase="Pending", message="The forge does not answer.")
    view = View(plans=(plan(),), tags=(tag("1.21.3"),), syncs=(waiting,))

    assert rows(view, NOW)[0].waits_for == "The forge does not answer."


def test_a_tag_that_no_plan_wants_is_shown_too() -> None:
    assert rows(VIEW, NOW)[3].waits_for == "no Plan wants it"


def test_an_open_pull_request_waits_to_be_merged() -> None:
    proposed = sync("1.0.0", phase="Finished", pullRequest="https://x/1", number=1)
    view = View(plans=(plan(),), tags=(tag("1.0.0"),), syncs=(proposed,))

    assert rows(view, NOW)[0].waits_for == "its pull request to be merged"


def test_each_plan_of_a_tag_has_a_row_of_its_own() -> None:
    view = View(plans=(plan(), plan("a-release", ready=False)), tags=(tag("1.21.3"),))

    assert [(row.plan, row.waits_for) for row in rows(view, NOW)] == [
        ("a-release", "Plan a-release is not ready."),
        ("z-release", "It is this version's turn."),
    ]


def test_labels_say_where_each_release_stands() -> None:
    told = labels(VIEW)

    assert [told[it.metadata.key] for it in TAGS] == [
        "1.21.10 (no Plan)",
        "1.21.3 (z-release: Pending)",
        "1.21.1 (z-release: Finished)",
        "1.21.2 (z-release: Conflict)",
    ]


def test_an_empty_cluster_has_no_rows() -> None:
    empty = View(plans=(), tags=())

    assert (rows(empty, NOW), chains(empty)) == ([], {})


def test_a_tag_is_found_by_name_or_by_version() -> None:
    assert [it.version for it in find_tag(TAGS, "kubernetes-1.21.2")] == ["1.21.2"]
    assert [it.version for it in find_tag(TAGS, "v1.21.2")] == ["1.21.2"]
    assert find_tag(TAGS, "1.99.0") == []


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (None, ""),
        ("2026-01-01T11:59:18Z", "42s"),
        ("2026-01-01T11:00:00Z", "1h"),
        ("2025-12-30T11:00:00Z", "2d"),
    ],
)
def test_ages_read_as_in_kubectl(since: str | None, expected: str) -> None:
    assert age(since, NOW) == expected


YOUNG = View(plans=(plan(age="9999d"),), tags=(tag("1.21.3", made="2026-01-01T09:00:00Z"),))
DUE = "2053-05-18T09:00:00Z"
"""9999 days after it was made."""


def test_a_release_that_is_too_young_shows_until_when_it_waits() -> None:
    (row,), (label,) = rows(YOUNG, NOW), labels(YOUNG).values()

    assert DUE in row.waits_for
    assert label == f"1.21.3 (z-release: Pending until {DUE})"


def test_a_suspended_plan_shows_why_everywhere() -> None:
    suspended = plan(suspend=True, suspendReason="CI is down " * 10)
    view = View(plans=(suspended,), tags=(tag("1.21.3"),))

    assert rows(view, NOW)[0].waits_for.endswith("is suspended: " + "CI is down " * 10)
    (label,) = labels(view).values()
    assert label.startswith("1.21.3 (z-release: Pending, suspended: CI is down CI")
    assert len(label) < 90
