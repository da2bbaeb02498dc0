"""After a conflict, the second attempt fetches less from hosts than the first."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.git.conflict_story import BASE, DOWNSTREAM, RESOLVED, UPSTREAM, make_story
from tests.git.mirrors import MERGE, site_of


def noise(count: int) -> dict[str, str]:
    """Return files that do not compress, and that neither side changes."""
    return {f"data/{number}": os.urandom(1_000).hex() for number in range(count)}


@pytest.mark.parametrize("at_once", [True, False])
def test_the_second_attempt_fetches_less_than_the_first(tmp_path: Path, *, at_once: bool) -> None:
    base, upstream = {**BASE, **noise(5)}, {**UPSTREAM, "grown": os.urandom(20_000).hex()}
    story = make_story(
        tmp_path / "world", [MERGE], base=base, downstream=DOWNSTREAM, upstream=upstream
    )
    with site_of(replace(story.world, at_once=at_once)) as site:
        first, second = site.attempt(), site.attempt()
        cold = site.check_out(first)
        assert at_once or first.step().returncode == 10
        story._asked(first)
        (pull,) = story.forge.pulls
        story.resolve(pull, RESOLVED)

        warm = site.check_out(second)

    assert first.attempt.replay_input().asks_at_once == at_once
    assert not second.attempt.replay_input().asks_at_once
    assert warm.sent_bytes < cold.sent_bytes / 2
    assert warm.requests <= cold.requests
    assert second.step().returncode == 0
    assert (second.work_tree / "f.txt").read_text() == RESOLVED["f.txt"]
