"""Puts facts into words: times, addresses, people's text; pure."""

import re
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit

from markupsafe import Markup, escape

from resync_argo.controller.page.views import PARTS, Wanted

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Characters that XML forbids, that end a line, or that change the direction of text."""

_CODE = re.compile(r"`([^`\n]{1,200})`")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\([^()\n]{0,300}\)")
_ACTIVE = re.compile(r"[\\`*_\[\]()<>&|~#]")
_CALLING = re.compile(r"@(?=\w)")
_INVISIBLE = "\u200b"


def plain(text: str) -> str:
    """Return untrusted text without characters that can hide or reorder text."""
    return _HIDDEN.sub("\ufffd", text)


def safe_address(address: object) -> str | None:
    """Return an address if it is safe as a link: http or https, with a host; else None."""
    text = str(address or "")
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return text if is_web and not re.search(r"[\s\x00-\x1f]", text) else None


def duration(seconds: float | None) -> str:
    """Return a duration as people say it; "" if unknown."""
    if seconds is None:
        return ""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return "under 1 min"


def ago(time: str | None, now: str) -> str:
    """Return a time relative to now: `3 h` ago, or `in 2 d`."""
    if not time:
        return ""
    passed = (datetime.fromisoformat(now) - datetime.fromisoformat(time)).total_seconds()
    return duration(passed) if passed >= 0 else f"in {duration(-passed)}"


def moment(time: str) -> str:
    """Return a time for display, in UTC."""
    return datetime.fromisoformat(time).astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def prose(text: str) -> Markup:
    """Return a condition's sentence as HTML; text between backquotes is code."""
    told = str(escape(plain(_LINK.sub(r"\1", text))))
    return Markup(_CODE.sub(r"<code>\1</code>", told))  # noqa: S704 - escaped above


def breakable(word: str) -> Markup:
    """Return a CamelCase word as HTML that may break before each of its words."""
    told = (str(escape(plain(it))) for it in re.split(r"(?<=[a-z])(?=[A-Z])", word))
    return Markup("<wbr>").join(map(Markup, told))


def literal(text: object) -> str:
    """Return text, on one line, that Markdown shows verbatim and that mentions nobody."""
    told = re.sub(r"\s+", " ", plain(str(text)))
    return _CALLING.sub(f"@{_INVISIBLE}", _ACTIVE.sub(r"\\\g<0>", told))


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def path_of(*parts: str) -> str:
    """Return the path of a page; each part may be any text, and slashes stay."""
    return "/" + "/".join(quote(part, safe="/") for part in parts)


def query(wanted: Wanted, **pages: int) -> str:
    """Return the query for the same facts with other pages of some lists."""
    only = wanted.only
    named = {"namespace": only.namespace, "upstream": only.upstream, "plan": only.plan}
    numbers = {part: pages.get(part, wanted.page(part)) for part in PARTS}
    told = {name: text for name, text in named.items() if text}
    told |= {part: str(number) for part, number in numbers.items() if number > 1}
    return f"?{urlencode(told)}" if told else "?"
