"""Handles redirects: a repository was renamed or transferred, or has another address.

GitHub redirects the old name to `/repositories/<id>/…` ("Best practices for using the REST API",
redirects). We never follow it: a request would lose its query, and a Plan would go on with an old
name that anybody may take.
"""

import re
from urllib.parse import urljoin, urlsplit

STATUSES = {301, 302, 303, 307, 308}

_BY_NAME = re.compile(r"/repos/([^/]+/[^/]+)(?:/|\Z)")
_BY_ID = re.compile(r"/repositories/[0-9]+(?=/|\Z)")


class Moved(Exception):
    """The forge answered with a redirect.

    Attributes:
        path: its target below the API's address; None: another host, or outside of the API.
        name: `owner/name` of the repository there, if known.
    """

    def __init__(self, path: str | None, name: str | None = None) -> None:
        """Keep the path and the name."""
        super().__init__("the forge answered with a redirect")
        self.path, self.name = path, name

    @property
    def by_id(self) -> str | None:
        """Return the repository's path by its number, if the redirect names it."""
        found = _BY_ID.match(self.path or "")
        return found[0] if found else None

    @property
    def is_repository(self) -> bool:
        """Return whether the redirect leads to a repository."""
        return self.name is not None or self.by_id is not None


def moved(base_url: str, location: str) -> Moved:
    """Parse a redirect.

    Args:
        base_url: the API's address.
        location: the header `Location`.
    """
    base = base_url.rstrip("/")
    asked, told = urlsplit(base), urlsplit(urljoin(f"{base}/", location))
    is_below = told.path.startswith(f"{asked.path}/")
    if (told.scheme, told.netloc) != (asked.scheme, asked.netloc) or not is_below:
        return Moved(None)
    path = told.path.removeprefix(asked.path)
    named = _BY_NAME.match(path)
    return Moved(path, named[1] if named else None)
