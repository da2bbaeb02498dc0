"""Whatever people write as a version or a range: it is understood as it stands, or refused with a reason."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from semver import Version

from resync_argo.errors import Stalled
from resync_argo.reasons.plan import INVALID_RANGE
from resync_argo.upstream.versions import VersionRange, parse_version, precedence, version_of
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts

NUMBERS = st.integers(0, 3) | st.integers(0, 10**30)
IDENTIFIERS = st.from_regex(r"(rc|b)?0?[0-9]{1,2}|[0-9A-Za-z-]{1,5}", fullmatch=True)
DOTTED = st.lists(IDENTIFIERS, min_size=1, max_size=3).map(".".join)


def _text(numbers: tuple[int, int, int], pre: str | None, build: str | None) -> str:
    text = ".".join(map(str, numbers))
    return text + (f"-{pre}" if pre else "") + (f"+{build}" if build else "")


TEXTS = st.builds(
    _text, st.tuples(NUMBERS, NUMBERS, NUMBERS), st.none() | DOTTED, st.none() | DOTTED
)
VERSIONS = TEXTS.map(parse_version).filter(lambda it: isinstance(it, Version))
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


@examples()
@given(texts() | TEXTS | TEXTS.map(lambda it: f"{it}\n"))
@example("1.2.3\n")
@example("1.2.\u0663")
def test_a_version_reads_back_as_it_was_written(text: str) -> None:
    found = parse_version(text)

    if isinstance(found, Version):
        assert str(found) == text
    else:
        assert found.message


@examples()
@given(VERSIONS, st.sampled_from([None, "", "v", "kustomize/v"]))
def test_a_prefix_and_a_version_make_a_tag_of_that_version(
    version: Version, prefix: str | None
) -> None:
    assert version_of(f"{prefix or ''}{version}", prefix) == version


@examples()
@given(VERSIONS, VERSIONS)
@example(parse_version("1.0.0-rc1"), parse_version("1.0.0-rc01"))
@example(parse_version("1.0.0+1"), parse_version("1.0.0+01"))
def test_two_versions_are_never_equal_in_order(one: Version, other: Version) -> None:
    assert (precedence(one) == precedence(other)) is (str(one) == str(other))


@examples()
@given(texts() | RANGES)
@example("=" * 3)
@example("\u0661.x")
@example(">1\u00a0<2.0.0")
def test_a_range_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        found = VersionRange.parse(text)
    except Stalled as refused:
        assert refused.reason == INVALID_RANGE
    else:
        assert VersionRange.parse(f"  {text} ") == found


@examples()
@given(RANGES, RANGES, VERSIONS)
def test_ranges_with_a_version_in_common_overlap(one: str, other: str, version: Version) -> None:
    first, second = parsed(one), parsed(other)
    bounds = [it.operand for it in (*first.comparators, *second.comparators)]
    near = [
        version,
        *bounds,
        *(it.bump_patch() for it in bounds),
        *(it.bump_minor() for it in bounds),
    ]

    assert first.overlaps(second) is second.overlaps(first)
    if any(it in first and it in second for it in near):
        assert first.overlaps(second)


@pytest.mark.parametrize("operator", [">=", "<", "~", "^"])
@examples(0.5)
@given(st.tuples(NUMBERS, NUMBERS), VERSIONS)
def test_parts_that_are_left_out_count_as_zero(
    operator: str, numbers: tuple[int, int], version: Version
) -> None:
    short = f"{operator}{numbers[0]}.{numbers[1]}"
    if operator in (">=", "<", "~"):
        assert (version in VersionRange.parse(short)) is (
            version in VersionRange.parse(f"{short}.0")
        )
    else:
        assert Version(*numbers, 0) in VersionRange.parse(short)
