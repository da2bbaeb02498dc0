"""Random pairs of histories, with fixed seeds, satisfy the invariants; `python -m tests.generated` tries more."""

from tests.generated.__main__ import run_trials

FIRST_SEED = 1
PAIRS = 40
SECONDS = 60.0


def test_whatever_two_sides_did_nothing_wrong_is_published() -> None:
    counted, failed = run_trials(FIRST_SEED, SECONDS, most=PAIRS)

    assert failed == []
    assert counted["in conflict"] > 0
