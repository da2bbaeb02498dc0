"""The wait that GitHub asks for is measured by its own clock."""

import pytest
from github import GithubException

from resync_argo.forge.github.errors import SECONDARY_LIMIT_SECONDS, translated
from resync_argo.forge.interface import RateLimited

RESET = 1_800_000_000
"""In January 2027, whatever the time is here."""

SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(RESET)}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({**SPENT, "date": "Fri, 15 Jan 2027 07:58:00 GMT"}, 120),
        ({**SPENT, "date": "Fri, 15 Jan 2027 08:30:00 GMT"}, 1),
        ({**SPENT, "date": "Fri, 15 Jan 2027 07:58:00 GMT", "retry-after": "9"}, 9),
        ({**SPENT, "date": "not a date"}, SECONDARY_LIMIT_SECONDS),
        (SPENT, SECONDARY_LIMIT_SECONDS),
        ({"retry-after": "inf"}, SECONDARY_LIMIT_SECONDS),
    ],
    ids=["by its date", "it is past", "Retry-After first", "no date", "none at all", "no number"],
)
def test_the_wait_is_by_the_forges_clock(headers: dict[str, str], seconds: float) -> None:
    limited = GithubException(403, {"message": "API rate limit exceeded"}, headers)

    with pytest.raises(RateLimited) as told, translated("forge.test/o/n", "look"):
        raise limited

    assert told.value.retry_after == seconds
