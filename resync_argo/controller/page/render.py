"""Renders facts: HTML for people, JSON for programs, Markdown, and an Atom feed.

Jinja2 escapes everything in HTML and XML; people's text also passes through `words.plain`.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from pydantic.alias_generators import to_camel

from resync_argo.controller.page import words
from resync_argo.controller.page.facts import Overview
from resync_argo.controller.page.feed import entries
from resync_argo.controller.page.people import subject_title
from resync_argo.controller.page.views import Wanted
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.reason import Reason

TEMPLATES = Path(__file__).parent / "templates"

STATES: Mapping[str, tuple[str, str]] = {
    "Conflict": ("Conflict", "✗"),
    "Review": ("Review", "◆"),
    "Failed": ("Failed", "!"),
    "Held": ("Held", "‖"),
    "Plan": ("Plan", "‖"),
    "Running": ("Running", "▶"),
    "Pending": ("Pending", "·"),
    "Finished": ("Finished", "✓"),
    "Skipped": ("Skipped", "»"),
}
"""The name of each state, and the sign next to it for people who do not see colours."""


def page(template: str, wanted: Wanted, **known: Any) -> str:
    """Return a page as HTML."""
    return _html(template, wanted, is_file=False, known=known)


def file(overview: Overview, wanted: Wanted) -> str:
    """Return the first page as self-contained HTML."""
    return _html("overview.html", wanted, is_file=True, known={"facts": overview})


def markdown(overview: Overview) -> str:
    """Return the first page as Markdown."""
    environment = _environment()
    text = environment.get_template("status.md").render(facts=overview, now=overview.fresh.as_of)
    return text.strip() + "\n"


def feed(overview: Overview) -> str:
    """Return questions and finished syncs as an Atom feed (RFC 4287)."""
    found = entries(overview)
    return _environment().get_template("feed.xml").render(facts=overview, entries=found)


def as_json(facts: object) -> str:
    """Return facts as JSON."""
    return json.dumps(_plain(facts), indent=1, ensure_ascii=False) + "\n"


def style() -> str:
    """Return the stylesheet."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def _html(template: str, wanted: Wanted, *, is_file: bool, known: Mapping[str, Any]) -> str:
    facts: Any = known.get("facts")
    context: dict[str, Any] = {
        "wanted": wanted,
        "is_file": is_file,
        "now": facts.fresh.as_of if hasattr(facts, "fresh") else known.get("now", ""),
        "query": partial(words.query, wanted),
        "to": (lambda *_parts: None) if is_file else words.path_of,
        "reasons": sorted(_reasons(facts), key=str),
    }
    return _environment().get_template(template).render({**context, **known})


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html", "xml"), disabled_extensions=("md",), default=True),
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters: dict[str, Callable[..., Any]] = {
        "ago": words.ago,
        "duration": words.duration,
        "moment": words.moment,
        "prose": words.prose,
        "breakable": words.breakable,
        "literal": words.literal,
        "safe_address": words.safe_address,
        "title_of": subject_title,
        "short": lambda name: name.rpartition("/")[2],
    }
    environment.filters |= filters
    environment.globals |= {
        "count": words.count,
        "states": STATES,
        "known_reasons": REASONS,
        "style": lambda: Markup(style()),  # noqa: S704 - one of our files
    }
    return environment


def _finalize(value: object) -> object:
    if value is None:
        return ""
    is_text = isinstance(value, str) and not isinstance(value, Markup)
    return words.plain(str(value)) if is_text else value


def _reasons(facts: object) -> set[Reason]:
    """Return the reasons in some facts that have an explanation."""
    found: set[Reason] = set()
    for one in _parts(facts):
        for name in ("reason", "held"):
            known = REASONS.get(getattr(one, name, ""))
            found |= {known} if known is not None else set()
    return found


def _parts(facts: object) -> Iterable[object]:
    if dataclasses.is_dataclass(facts):
        yield facts
        for it in dataclasses.fields(facts):
            yield from _parts(getattr(facts, it.name))
    elif isinstance(facts, tuple):
        for it in facts:
            yield from _parts(it)


def _plain(value: object) -> Any:
    if isinstance(value, str):
        return words.plain(value)
    if isinstance(value, tuple):
        return [_plain(it) for it in value]
    if not dataclasses.is_dataclass(value):
        return value
    return {to_camel(it.name): _plain(getattr(value, it.name)) for it in dataclasses.fields(value)}
