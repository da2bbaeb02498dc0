"""The open pull requests that a Plan includes (`config.include`), and those that a sync included."""

import functools
from typing import Annotated, Protocol

import re2
from pydantic import Field

from resync_argo.api.meta import Model
from resync_argo.errors import Stalled
from resync_argo.reasons.plan import INVALID_PATTERN

INCLUDED_REFS = "refs/resync/include/"
"""The prefix of included pull requests' refs in the steps' clone; the number follows."""

Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]


class Pattern(Protocol):
    """A regular expression of RE2."""

    def search(self, text: str) -> object | None:
        """Return the place of the first match; None without one."""


class Include(Model):
    """Which open pull requests of the downstream branch to include; all conditions given must hold.

    `author` is a login, `label` a label's name, `title` an RE2 regular expression to search for in
    the title. The CRD refuses a title alone, since any stranger can write one.
    """

    author: str | None = None
    label: str | None = None
    title: str | None = None


class IncludedPull(Model):
    """An included pull request.

    Attributes:
        number: its number in the downstream repository.
        head: the commit that is included.
        title: one line of untrusted text; so is `author`, the login of the person who opened it.
        url: its address.
        contained: the branch has all of its commits, so it adds nothing.
        news: what has changed about it since then, as a clause; "" if nothing has.
    """

    number: int = Field(gt=0)
    head: Commit
    title: str
    author: str
    url: str
    contained: bool = False
    news: str = ""

    @property
    def ref(self) -> str:
        """Return its ref in the steps' clone."""
        return f"{INCLUDED_REFS}{self.number}"


@functools.lru_cache(maxsize=100)
def title_pattern(text: str) -> Pattern:
    """Return a `title` as a pattern.

    Raises:
        Stalled: reason `InvalidPattern`.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        compiled: Pattern = re2.compile(text, options)
    except re2.error as error:
        said = error.args[0] if error.args else "it cannot be read"
        why = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise Stalled(
            INVALID_PATTERN,
            f"`{text}` in `config.include` cannot be used: {why}. Write a regular expression of RE2 that is found in"
            " the titles, such as `consistent with ART`.",
        ) from None
    return compiled
