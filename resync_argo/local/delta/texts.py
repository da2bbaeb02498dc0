"""Formats a delta: for people, as JSON, and as Markdown. Pure."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from resync_argo.attempt.markdown import code, count
from resync_argo.local.console import visible
from resync_argo.local.delta.delta import FATES, Delta, Own, Totals

Format = Literal["text", "json", "markdown"]

WIDTH = 100
"""Columns of a terminal."""

MAX_AUTHOR = 40
MAX_SENTENCE = 1_000

_INDENT = " " * 15
_DAYS_OF_MONTHS = 60
_DAYS_OF_YEARS = 730


def render(delta: Delta, form: Format) -> str:
    """Return a delta in a format."""
    match form:
        case "json":
            return json.dumps(delta.model_dump(mode="json", by_alias=True), indent=2)
        case "markdown":
            return "\n".join(_markdown(delta))
        case "text":
            return "\n".join(_text(delta))


def _text(delta: Delta) -> Iterator[str]:
    yield from _wrapped(_head(delta))
    for note in delta.notes:
        yield from _wrapped(visible(note))
    for fate in FATES:
        commits = [it for it in delta.commits if it.fate == fate]
        if commits:
            yield ""
            yield f"{fate.capitalize()}: {_sums(delta.by_fate[fate])}"
            for it in commits:
                yield from _lines(it)
    yield ""
    yield (
        f"In all: {_sums(delta.totals)}"
        if delta.commits
        else "The branch has no commit of its own."
    )


def _head(delta: Delta) -> str:
    has = f"contains {delta.contained}" if delta.contained else "contains no release of its range"
    since = f" since the last rebase, {delta.last[:12]}" if delta.last else ""
    where = f"{delta.plan}: {delta.upstream} into {delta.downstream} {delta.branch}, which {has}"
    return f"{where}. Its own commits{since}, held against {delta.release} ({delta.tag}):"


def _lines(it: Own) -> Iterator[str]:
    yield f"  {it.commit[:12]} {_fitted(visible(it.subject), WIDTH - len(_INDENT))}"
    author = _fitted(visible(it.author), MAX_AUTHOR)
    yield f"{_INDENT}{author}, {_age(it.age_days)}; {_changes(it)}"
    if it.why:
        yield from _wrapped(visible(it.why), _INDENT)


def _markdown(delta: Delta) -> Iterator[str]:
    has = (
        f"contains {code(delta.contained)}"
        if delta.contained
        else "contains no release of its range"
    )
    since = f" since the last rebase, {code(delta.last[:12])}" if delta.last else ""
    yield (
        f"**{code(delta.plan)}:** {code(delta.upstream)} into {code(delta.downstream)} {code(delta.branch)}, which"
        f" {has}. Its own commits{since}, held against {code(delta.tag)}: {_sums(delta.totals)}."
    )
    for note in delta.notes:
        yield f"\n{code(note, limit=MAX_SENTENCE)}"
    if delta.commits:
        yield "\n| Commit | Author | Age | Files | Lines | What becomes of it |\n|---|---|---|---|---|---|"
    for fate in FATES:
        yield from (_row(it) for it in delta.commits if it.fate == fate)


def _row(it: Own) -> str:
    # A `#1` of upstream's must not link to one of downstream's, and a subject must not end its cell.
    what = f"{it.fate}: {code(it.why, limit=MAX_SENTENCE)}" if it.why else it.fate
    cells = (
        f"{code(it.commit[:12])} {code(it.subject)}",
        code(it.author),
        _age(it.age_days),
        f"{it.files:,}",
        f"+{it.added:,} -{it.deleted:,}",
        what,
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _sums(totals: Totals) -> str:
    lines = f"+{totals.added:,} -{totals.deleted:,} lines"
    return f"{count(totals.commits, 'commit')}, {count(totals.files, 'file')}, {lines}"


def _changes(it: Own) -> str:
    return f"{count(it.files, 'file')}, +{it.added:,} -{it.deleted:,} lines"


def _age(days: int) -> str:
    if days < 1:
        return "today"
    if days < _DAYS_OF_MONTHS:
        return f"{count(days, 'day')} ago"
    if days < _DAYS_OF_YEARS:
        return f"{count(days * 12 // 365, 'month')} ago"
    return f"{count(days // 365, 'year')} ago"


def _fitted(text: str, columns: int) -> str:
    """Return text cut to a number of columns; some letters take two."""
    return text if cell_len(text) <= columns else f"{set_cell_size(text, columns - 1)}…"


def _wrapped(text: str, indent: str = "") -> list[str]:
    """Return text wrapped to lines. `textwrap` would not do: it counts one column for every letter."""
    columns = WIDTH - len(indent)
    lines = Text(text).wrap(Console(width=WIDTH, file=StringIO()), columns)
    return [f"{indent}{line.plain}".rstrip() for line in lines]
