"""A host's text becomes one line of bounded length that no terminal obeys."""

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.hosts.words import obstacle_in, on_one_line
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts


@examples(2)
@given(texts(max_size=60), st.integers(1, 40))
@example("a. \x1b[2J", 2)
@example("a b.", 3)
@example("ab c", 3)
def test_a_line_is_printable_bounded_and_otherwise_unchanged(text: str, limit: int) -> None:
    line = on_one_line(text, limit=limit)

    assert len(line) <= limit
    assert line.isprintable()
    assert on_one_line(line, limit=limit) == line


KNOWN = ("archived", "SAML", "SSO", "IP allow list", "suspended")


@examples()
@given(texts(), st.sampled_from(KNOWN), texts())
def test_a_known_word_is_found_anywhere(before: str, word: str, after: str) -> None:
    found = obstacle_in(f"{before} {word} {after}")

    assert found is not None
    assert found.advice
