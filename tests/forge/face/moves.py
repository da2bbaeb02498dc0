"""Repositories that were renamed: GitHub redirects what asks for the old name ("Best practices", redirects)."""

import re

from tests.forge.face.routing import Answer
from tests.forge.face.world import World

_OLD = re.compile(r"/repos/(?P<name>[^/]+/[^/]+)(?P<rest>/.*)?")
_BY_ID = re.compile(r"/repositories/(?P<id>[0-9]+)(?P<rest>/.*)?")
_GIT = re.compile(r"/(?P<name>[^/]+/[^/?]+?)(?:\.git)?(?P<rest>/.*)")


def redirect(world: World, path: str) -> str | None:
    """Return where a request for an old name is sent, below the API's address."""
    found = _OLD.fullmatch(path)
    number = world.moved.get(found["name"].lower()) if found else None
    return f"/repositories/{number}{found['rest'] or ''}" if found and number else None


def answer(method: str, address: str) -> Answer:
    """Return GitHub's redirect: 301 for what only reads, else 307."""
    status = 301 if method == "GET" else 307
    body = {"message": "Moved Permanently", "url": address}
    return Answer(status=status, body=body, headers={"Location": address})


def by_name(world: World, path: str) -> str:
    """Return a path that names a repository by its number with the name in place of that."""
    found = _BY_ID.fullmatch(path)
    if found is None or int(found["id"]) not in world.names:
        return path
    return f"/repos/{world.names[int(found['id'])]}{found['rest'] or ''}"


def git_path(world: World, path: str) -> str | None:
    """Return where git is sent that asks for an old name; None where it is none."""
    found = _GIT.fullmatch(path)
    number = world.moved.get(found["name"].lower()) if found else None
    return f"/{world.names[number]}.git{found['rest']}" if found and number else None
