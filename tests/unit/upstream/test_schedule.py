"""A branch is read as often as the Plan says, as a duration or in cron's syntax."""

from datetime import datetime

import pytest

from resync_argo.errors import Stalled
from resync_argo.upstream.schedule import next_time

SUNDAY = datetime.fromisoformat("2026-11-29T11:00:00Z")


@pytest.mark.parametrize(
    ("every", "due"),
    [
        ("1d", "2026-11-30T11:00:00Z"),
        ("12h", "2026-11-29T23:00:00Z"),
        ("0m", "2026-11-29T11:00:00Z"),
        ("0 12 * * Mon,Thu", "2026-11-30T12:00:00Z"),
        ("*/5 * * * *", "2026-11-29T11:05:00Z"),
    ],
)
def test_the_next_time_follows_from_the_last(every: str, due: str) -> None:
    assert next_time(every, SUNDAY) == datetime.fromisoformat(due)


@pytest.mark.parametrize("every", ["daily", "1 week", "61 * * * *", "0 0 31 2 *", "* * * *"])
def test_anything_else_is_refused_with_examples(every: str) -> None:
    with pytest.raises(Stalled, match=r"`config.upstream.every` is neither a duration") as refused:
        next_time(every, SUNDAY)

    assert refused.value.reason == "InvalidSchedule"
