"""A release's age counts from when this machine first saw it, whatever dates upstream writes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from resync_argo.local.preview.first_seen import FILE, first_seen
from resync_argo.upstream.git_tags import GitTag

THEN, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 4, tzinfo=UTC)
OLD, NEW = GitTag(name="v1.0.0", commit="a" * 40), GitTag(name="v1.1.0", commit="b" * 40)


def test_a_tag_keeps_the_time_at_which_it_was_first_seen(tmp_path: Path) -> None:
    first_seen(tmp_path, [OLD], THEN)

    assert first_seen(tmp_path, [OLD, NEW], NOW) == {"v1.0.0": THEN, "v1.1.0": NOW}


def test_a_tag_that_moved_is_a_new_one(tmp_path: Path) -> None:
    first_seen(tmp_path, [OLD], THEN)

    assert first_seen(tmp_path, [GitTag(name="v1.0.0", commit="c" * 40)], NOW) == {"v1.0.0": NOW}


def test_another_plan_of_the_same_repositories_shares_the_memory(tmp_path: Path) -> None:
    first_seen(tmp_path, [OLD], THEN)
    first_seen(tmp_path, [NEW], THEN)

    assert first_seen(tmp_path, [OLD], NOW) == {"v1.0.0": THEN}


@pytest.mark.parametrize("text", ["", "{", '{"v1.0.0": 3}', "[]"])
def test_an_unreadable_memory_is_begun_afresh(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)

    assert first_seen(tmp_path, [OLD], NOW) == {"v1.0.0": NOW}
    assert first_seen(tmp_path, [OLD], NOW) == {"v1.0.0": NOW}
