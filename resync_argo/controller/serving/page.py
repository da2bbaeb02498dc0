"""Serves the page for people: read-only, from the caches, at a separate port that is closed by default.

Only GET and HEAD are allowed. A request never causes a call to the API server, and the server
stores nothing from it.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.page import render
from resync_argo.controller.page.facts import Filter
from resync_argo.controller.page.library import Library
from resync_argo.controller.page.views import (
    PARTS,
    PROGRAM,
    SCREEN,
    Sizes,
    Wanted,
    overview,
    plan_facts,
    tag_facts,
    upstream_facts,
)
from resync_argo.controller.serving.web import Environ, StartResponse

HTML = "text/html; charset=utf-8"
_SAFE = (
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "private, no-cache"),
)
_MAX_QUERY = 2_000
_MAX_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class Document:
    """A response, before headers."""

    text: str
    content_type: str = HTML
    status: str = "200 OK"


class PageSite:
    """The pages; safe to use from many threads."""

    def __init__(self, library: Library, unknown: Callable[[], list[str]]) -> None:
        """Serve a library; `unknown` returns the kinds that have not been read yet."""
        self._library = library
        self._unknown = unknown
        self._views: dict[str, Callable[[Wanted], Document]] = {
            "/": self._overview,
            "/status.json": self._json,
            "/feed.atom": self._feed,
        }
        self._objects: dict[str, Callable[[ObjectKey, Wanted], Document | None]] = {
            "plans": self._plan,
            "tags": self._tag,
            "upstreams": self._upstream,
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            start_response("405 Method Not Allowed", [*_SAFE, ("Allow", "GET, HEAD")])
            return []
        document = self._document(environ)
        body = document.text.encode("utf-8", "replace")
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = [*_SAFE, ("Content-Type", document.content_type), ("ETag", tag)]
        if document.status.startswith("200") and environ.get("HTTP_IF_NONE_MATCH") == tag:
            start_response("304 Not Modified", [*_SAFE, ("ETag", tag)])
            return []
        start_response(document.status, [*headers, ("Content-Length", str(len(body)))])
        return [body] if method == "GET" else []

    def _document(self, environ: Environ) -> Document:
        path, query = str(environ["PATH_INFO"]), str(environ.get("QUERY_STRING", ""))
        if path == "/style.css":
            return Document(text=render.style(), content_type="text/css; charset=utf-8")
        if unknown := self._unknown():
            text = (
                f"This replica has not read {', '.join(unknown)} yet. Try again in a few seconds."
            )
            status = "503 Service Unavailable"
            return _problem(status, "Nothing is known of the cluster yet", text)
        wanted = wanted_of(query, PROGRAM if path == "/status.json" else SCREEN)
        if (view := self._views.get(path)) is not None:
            return view(wanted)
        kind, _, rest = _text(path).strip("/").partition("/")
        key = ObjectKey(*rest.partition("/")[::2])
        page = self._objects.get(kind)
        found = page(key, wanted) if page is not None and key.name else None
        return found or _problem(
            "404 Not Found", "There is no such page", "It may have existed before."
        )

    def _overview(self, wanted: Wanted) -> Document:
        facts = overview(self._library, wanted)
        return Document(text=render.page("overview.html", wanted, facts=facts))

    def _json(self, wanted: Wanted) -> Document:
        text = render.as_json(overview(self._library, wanted))
        return Document(text=text, content_type="application/json")

    def _feed(self, wanted: Wanted) -> Document:
        text = render.feed(overview(self._library, wanted))
        return Document(text=text, content_type="application/atom+xml; charset=utf-8")

    def _plan(self, key: ObjectKey, wanted: Wanted) -> Document | None:
        plan = self._library.plan(key)
        if plan is None:
            return None
        facts = plan_facts(self._library, plan, wanted)
        return Document(text=render.page("plan.html", wanted, facts=facts))

    def _tag(self, key: ObjectKey, wanted: Wanted) -> Document | None:
        tag = self._library.tag(key)
        if tag is None:
            return None
        return Document(text=render.page("tag.html", wanted, facts=tag_facts(self._library, tag)))

    def _upstream(self, key: ObjectKey, wanted: Wanted) -> Document | None:
        facts = upstream_facts(self._library, (key.namespace, key.name), wanted)
        if facts is None:
            return None
        fresh = self._library.freshness()
        text = render.page("upstream.html", wanted, facts=facts, fresh=fresh, now=fresh.as_of)
        return Document(text=text)


def wanted_of(query: str, sizes: Sizes = SCREEN) -> Wanted:
    """Return the request in a query; unknown or invalid parts are ignored."""
    try:
        asked = parse_qs(query[:_MAX_QUERY], max_num_fields=20)
    except ValueError:
        asked = {}
    names = {name: asked.get(name, [""])[0].strip() for name in ("namespace", "upstream", "plan")}
    numbers = {part: asked.get(part, [""])[0] for part in PARTS}
    pages = {part: int(text) for part, text in numbers.items() if _is_page(text)}
    return Wanted(only=Filter(**names), pages=pages, sizes=sizes)


def _is_page(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < len(text) <= _MAX_DIGITS


def _text(path: str) -> str:
    """Return a path as text: WSGI gives bytes as Latin-1 (PEP 3333, "Unicode Issues")."""
    return path.encode("latin-1", "replace").decode("utf-8", "replace")


def _problem(status: str, title: str, text: str) -> Document:
    page = render.page("problem.html", Wanted(), title=title, text=text)
    return Document(text=page, status=status)
