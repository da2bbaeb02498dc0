"""After any changes, a part of an order equals the part of all sorted objects."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.controller.kube.test_ordered import cache_of, thing


@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["", "red", "blue"]))),
    st.integers(0, 3),
    st.integers(0, 5),
)
def test_a_part_equals_that_of_all_sorted_objects(
    changes: list[tuple[str, str]], start: int, size: int
) -> None:
    cache = cache_of(*(thing(f"x/{n}", it, at) for at, (n, it) in enumerate(changes, 1)))
    last = dict(changes)
    sorted_all = sorted((colour, name) for name, colour in last.items() if colour)

    found = cache.ordered("by-colour", ["x"], start, start + size)

    expected = [name for _, name in sorted_all][start : start + size]
    assert [one.metadata.name for one in found] == expected
    backwards = cache.ordered("by-colour", ["all"], start, start + size, from_end=True)
    expected = [name for _, name in sorted_all[::-1]][start : start + size]
    assert [one.metadata.name for one in backwards] == expected
