"""The newest commit of a branch becomes a release when it is due, and never twice."""

from datetime import UTC, datetime

from resync_argo.api.tag import Tag
from resync_argo.controller.upstream.branches import Due, find_due
from resync_argo.upstream.branches import Tip
from tests.unit.controller.builders import tag

A, B = "a" * 40, "b" * 40
NOON = "2026-01-01T12:00:00Z"


def tip(commit: str) -> Tip:
    return Tip(branch="main", commit=commit, time=datetime(2026, 1, 1, tzinfo=UTC))


def made(commit: str, stamp: str = "20260101000000", at: str = NOON) -> Tag:
    version = f"0.0.0-{stamp}-{commit[:12]}"
    found = tag(version, branch="main", ref="refs/heads/main", commit=commit)
    meta = found.metadata.model_copy(update={"creation_timestamp": at})
    return found.model_copy(update={"metadata": meta})


def names(due: Due) -> list[str]:
    return list(due.tags)


def test_the_first_commit_is_taken_at_once() -> None:
    assert names(find_due(tip(A), [], ["7d"], NOON)) == [str(tip(A).version)]


def test_nothing_is_due_while_the_branch_is_unchanged_or_missing() -> None:
    assert find_due(tip(A), [made(A)], ["0m"], NOON) == Due(tags={})
    assert find_due(None, [made(A)], ["0m"], NOON) == Due(tags={})


def test_the_shortest_interval_decides_when_the_next_commit_is_due() -> None:
    early = find_due(tip(B), [made(A)], ["1d", "2h"], "2026-01-01T13:00:00Z")
    due = find_due(tip(B), [made(A)], ["1d", "2h"], "2026-01-01T14:00:00Z")

    assert early == Due(tags={}, wait=3600.0)
    assert names(due) == ["0.0.0-20260101000001-bbbbbbbbbbbb"]
    assert due.tags[names(due)[0]].commit == B


def test_an_invalid_interval_does_not_affect_other_plans() -> None:
    assert find_due(tip(B), [made(A)], ["0 0 31 2 *", "1h"], NOON).wait == 3600.0


def test_a_branch_that_was_reset_gives_a_later_release() -> None:
    known = [made(A), made(B, "20260101000009")]

    assert names(find_due(tip(A), known, ["0m"], NOON)) == ["0.0.0-20260101000010-aaaaaaaaaaaa"]
