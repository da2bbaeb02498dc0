"""Texts, paths and JSON as strangers may send them: what is special to git, shells, Argo and terminals is frequent."""

from typing import Any

from hypothesis import strategies as st

ODD = (
    *(
        "\0",
        "\n",
        "\r",
        "\t",
        "\x0b",
        "\x0c",
        "\x1b[31m",
        "\x1c",
        "\x7f",
        "\x85",
        "\u2028",
        "\u202e",
    ),
    *(
        "{{",
        "}}",
        "{",
        "$",
        "$(",
        "$$",
        "`",
        "'",
        '"',
        "\\",
        "|",
        "<",
        ">",
        "&",
        "<@",
        "%7C",
        "\ufeff",
    ),
    *(
        "..",
        "//",
        "/",
        "-",
        ".lock",
        "@{",
        "~",
        "^{}",
        "refs/",
        ":",
        " ",
        "#",
        "é",
        "€",
        "\U0001d54f",
        "٣",
        "²",
    ),
)
"""What some reader, ours or git's or a terminal's, takes for more than a letter."""


def texts(*, without: str = "", min_size: int = 0, max_size: int = 12) -> st.SearchStrategy[str]:
    """Return texts in which odd pieces are frequent, without some characters."""
    odd = [it for it in ODD if not set(it) & set(without)]
    letters = st.characters(codec="utf-8", exclude_characters=without)
    piece = st.sampled_from(odd) | st.sampled_from(["a", "B", "0", "7", "main", "1.2.3"]) | letters
    return st.lists(piece, min_size=min_size, max_size=max_size).map("".join)


def paths() -> st.SearchStrategy[bytes]:
    """Return paths as git may have them: any bytes but NUL, at least one."""
    odd = texts(without="\0").map(lambda it: it.encode()) | st.binary(min_size=1, max_size=12)
    return odd.map(lambda it: it.replace(b"\0", b"") or b"a")


def object_ids() -> st.SearchStrategy[str]:
    """Return object ids of both lengths."""
    return st.sampled_from([40, 64]).flatmap(
        lambda size: st.text("0123456789abcdef", min_size=size, max_size=size)
    )


def json_values() -> st.SearchStrategy[Any]:
    """Return whatever JSON can say, what Python alone takes for JSON included."""
    number = st.integers() | st.floats() | st.sampled_from([0, -1, 1, 2**63, 10**400])
    word = st.sampled_from(["", "open", "closed", "true", "1", "2026-01-01T00:00:00", "nan"])
    leaf = st.none() | st.booleans() | number | word | texts()
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3),
        max_leaves=6,
    )


@st.composite
def mutations(draw: st.DrawFn, good: Any) -> Any:
    """Return JSON data like the given one, with one to three values replaced, left out or put in."""
    data = good
    for _ in range(draw(st.integers(1, 3))):
        data = _mutated(draw, data)
    return data


_MOSTLY = st.sampled_from([True] * 9 + [False])


def _mutated(draw: st.DrawFn, data: Any) -> Any:
    is_kept = draw(_MOSTLY)
    match data:
        case dict() if data and is_kept:
            name = draw(st.sampled_from(sorted(data)))
            rest = {key: value for key, value in data.items() if key != name}
            change = draw(st.sampled_from(["inner", "inner", "inner", "gone"]))
            return rest if change == "gone" else rest | {name: _mutated(draw, data[name])}
        case list() if data and is_kept:
            at = draw(st.integers(0, len(data) - 1))
            return [*data[:at], _mutated(draw, data[at]), *data[at + 1 :]]
        case _:
            return draw(json_values())
