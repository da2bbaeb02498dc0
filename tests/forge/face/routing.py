"""Calls, answers and routes: how a request finds its handler.

A handler takes the `Call` and the values of the path's parameters, and returns an `Answer`, or raises
`Refusal`. Each module of handlers makes a `Routes` and registers its handlers there; `server` joins them.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Concatenate
from urllib.parse import unquote, urlencode

from tests.forge.face.backend import Gitea
from tests.forge.face.shapes import Shapes
from tests.forge.face.world import World

Json = dict[str, Any]

LONGEST = {"title": 256, "body": 65_536}


class Refusal(Exception):
    """An answer of GitHub's that is not a success."""

    def __init__(self, status: int, message: str, *errors: Json) -> None:
        """Keep GitHub's status, message and, for 422, its list of errors."""
        super().__init__(message)
        self.status = status
        self.body: Json = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        if errors:
            self.body["errors"] = list(errors)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the caller gets; `body` None means no content."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One REST call; `root` is the address by which the caller reached the face."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    authorization: str
    root: str
    gitea: Gitea
    shapes: Shapes
    world: World

    def page_of(self, items: Sequence[Any]) -> tuple[Sequence[Any], dict[str, str]]:
        """Return the page that was asked for and its Link header ("Using pagination in the REST API")."""
        page = int(self.query.get("page", 1))
        size = min(int(self.query.get("per_page", 30)), 100)
        last = max(1, math.ceil(len(items) / size))
        targets: dict[str, int] = {}
        if page > 1:
            targets |= {"prev": page - 1, "first": 1}
        if page < last:
            targets |= {"next": page + 1, "last": last}
        links = [f'<{self._address(number)}>; rel="{name}"' for name, number in targets.items()]
        headers = {"Link": ", ".join(links)} if links else {}
        return items[(page - 1) * size : page * size], headers

    def _address(self, page: int) -> str:
        return f"{self.root}/api/v3{self.path}?{urlencode({**self.query, 'page': page})}"


Handler = Callable[Concatenate[Call, ...], Answer]


@dataclass(frozen=True, kw_only=True)
class Route:
    """A method, a path with `{parameters}` (`{name*}` may hold slashes) and its handler."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


class Routes:
    """The routes of one module, in the order in which they are tried."""

    def __init__(self) -> None:
        """Begin without any."""
        self.all: list[Route] = []

    def on(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Register the decorated handler."""

        def register(handler: Handler) -> Handler:
            self.all.append(Route(method=method, pattern=_pattern(path), handler=handler))
            return handler

        return register


def _pattern(path: str) -> re.Pattern[str]:
    long = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", path)
    return re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", long) + "$")


def dispatch(routes: Sequence[Route], call: Call) -> Answer:
    """Run the handler of the first route that fits; a path that nobody serves is 501, so gaps show."""
    for route in routes:
        match = route.pattern.match(call.path) if route.method == call.method else None
        if match:
            return route.handler(
                call, **{key: unquote(it) for key, it in match.groupdict().items()}
            )
    raise Refusal(501, f"The test forge does not serve {call.method} {call.path}")


def listing(call: Call, items: Sequence[Any], shape: Callable[[Any], Json]) -> Answer:
    """Return one page of items, shaped."""
    page, headers = call.page_of(items)
    return Answer(body=[shape(item) for item in page], headers=headers)


def required(body: Any, name: str, resource: str) -> Any:
    """Return a property of the request's body, or refuse as GitHub does when it is missing."""
    if not isinstance(body, dict) or body.get(name) is None:
        error = {"resource": resource, "field": name, "code": "missing_field"}
        raise Refusal(422, "Validation Failed", error)
    return body[name]


def refuse_long(body: Any, resource: str) -> None:
    """Refuse texts that are longer than GitHub takes."""
    for name, limit in LONGEST.items():
        if len((body or {}).get(name) or "") > limit:
            message = f"{name} is too long (maximum is {limit} characters)"
            error = {"resource": resource, "field": name, "code": "custom", "message": message}
            raise Refusal(422, "Validation Failed", error)
