"""Durations as people write them in a Plan: `3d`, `72h`, `1d12h`, `90m`."""

import re
from datetime import timedelta

_DURATION = re.compile(
    r"(?=[0-9])(?:(?P<days>[0-9]{1,4})d)?(?:(?P<hours>[0-9]{1,4})h)?(?:(?P<minutes>[0-9]{1,4})m)?"
)


def parse_duration(text: str) -> timedelta:
    """Return a duration: days, hours and minutes, in this order, each at most once.

    Raises:
        ValueError: the text has another form; the CRD refuses those.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is not a duration such as `3d`, `72h` or `1d12h`.")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)
