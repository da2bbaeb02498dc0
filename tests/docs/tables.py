"""Tables of figures in pages that are partly generated."""

from collections.abc import Iterable

END = "<!-- End of what is generated. -->\n"


def between(text: str, begin: str, generated: str) -> str:
    """Return a page with what is generated between its markers, `begin` and `END`."""
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(END)
    return f"{before}{begin}{generated}{END}{after}"


def table(titles: Iterable[str], rows: Iterable[Iterable[object]], *, words: int = 0) -> str:
    """Return a Markdown table of numbers, whose first columns may be words."""
    titles = tuple(titles)
    lines = [f"| {' | '.join(titles)} |", "|---" * words + "|---:" * (len(titles) - words) + "|"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join(lines) + "\n\n"


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
