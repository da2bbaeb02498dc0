"""Any text is parsed as a range exactly, or refused with a reason."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from resync_argo.api.plan import Versioning
from resync_argo.errors import Stalled
from resync_argo.reasons.plan import INVALID_RANGE
from resync_argo.upstream.ranges import VersionRange
from resync_argo.upstream.versions import Version
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts
from tests.unit.upstream.test_versions_fuzz import NUMBERS, TEXTS, VERSIONINGS, VERSIONS

PARTS = st.builds(
    "{}{}".format,
    st.sampled_from(["", ">=", "<", ">", "<=", "=", "~", "^"]),
    TEXTS | st.from_regex(r"[0-3](\.[0-3])?(\.x)?", fullmatch=True),
)
RANGES = st.lists(PARTS, min_size=1, max_size=3).map(" ".join) | st.just("*")


def parsed(text: str) -> VersionRange:
    try:
        return VersionRange.parse(text)
    except Stalled:
        assume(condition=False)
        raise


def bumped(version: Version, place: int) -> Version:
    """Return the next version that differs in one of three numbers."""
    numbers = (*version.numbers, 0, 0)[: place + 1]
    return Version.of(*numbers[:-1], numbers[-1] + 1, *[0] * (2 - place))


@examples()
@given(texts() | RANGES, VERSIONINGS)
@example("=" * 3, "Semver")
@example("\u0661.x", "Loose")
@example(">1\u00a0<2.0.0", "Semver")
def test_a_range_is_read_or_refused_with_a_reason(text: str, versioning: Versioning) -> None:
    try:
        found = VersionRange.parse(text, versioning)
    except Stalled as refused:
        assert refused.reason == INVALID_RANGE
    else:
        assert VersionRange.parse(f"  {text} ", versioning) == found


@examples()
@given(RANGES, RANGES, VERSIONS)
def test_ranges_with_a_version_in_common_overlap(one: str, other: str, version: Version) -> None:
    first, second = parsed(one), parsed(other)
    bounds = [it.operand for it in (*first.comparators, *second.comparators)]
    near = [
        version,
        *bounds,
        *(bumped(it, 2) for it in bounds),
        *(bumped(it, 1) for it in bounds),
    ]

    assert first.overlaps(second) is second.overlaps(first)
    if any(it in first and it in second for it in near):
        assert first.overlaps(second)


@pytest.mark.parametrize("operator", [">=", "<", "~", "^"])
@examples(0.5)
@given(st.tuples(NUMBERS, NUMBERS), VERSIONS)
def test_missing_parts_count_as_zero(
    operator: str, numbers: tuple[int, int], version: Version
) -> None:
    short = f"{operator}{numbers[0]}.{numbers[1]}"
    if operator in (">=", "<", "~"):
        assert (version in VersionRange.parse(short)) is (
            version in VersionRange.parse(f"{short}.0")
        )
    else:
        assert Version.of(*numbers, 0) in VersionRange.parse(short)
