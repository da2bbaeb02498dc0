"""How many examples a fuzz test tries, and whether they are the same each time."""

import os

from hypothesis import HealthCheck, settings

VARIABLE = "RESYNC_FUZZ_EXAMPLES"
USUAL = 40
"""Examples of each test where nobody asks for more: all of them together take a minute."""


def examples(share: float = 1.0) -> settings:
    """Return how a fuzz test runs.

    Args:
        share: of the usual number of examples, less where one of them takes long.
    """
    asked = os.environ.get(VARIABLE)
    count = max(1, round(int(asked or USUAL) * share))
    slow = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much)
    return settings(
        max_examples=count,
        derandomize=asked is None,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=slow,
    )
