"""Any path can be quoted as one line of printable ASCII, and read back."""

import pytest
from hypothesis import example, given

from resync_argo.conflicts.quoting import quote, unquote
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import paths, texts


@examples(2)
@given(paths())
@example(b'"')
@example(b"\\a")
@example(b"\xff\n")
def test_a_path_comes_back_from_one_printable_line(path: bytes) -> None:
    text = quote(path)

    assert text.isascii()
    assert text.isprintable()
    assert unquote(text) == path


@examples(2)
@given(texts() | texts().map(lambda it: f'"{it}"'))
@example('"\\400"')
@example('"\\x"')
@example('"')
@example("")
def test_a_text_is_a_quoted_path_or_refused(text: str) -> None:
    try:
        path = unquote(text)
    except ValueError:
        pass
    else:
        assert quote(path) == text


def test_an_empty_text_is_not_a_path() -> None:
    with pytest.raises(ValueError, match="not a quoted path"):
        unquote('""')
