"""The exponent of a power law is found; if growth begins only at some size, it is smaller."""

import pytest

from tests.bench.growth.figures import exponent

SIZES = (1_000, 10_000, 36_000, 100_000)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_a_power_has_its_exponent(power: float) -> None:
    assert exponent(SIZES, [3 * size**power for size in SIZES]) == pytest.approx(power)


def test_what_is_constant_at_first_grows_slower() -> None:
    assert 0.3 < exponent(SIZES, [10_000 + size for size in SIZES]) < 0.7
