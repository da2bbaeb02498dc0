"""Lists a branch's open pull requests, page by page, as GitHub's "List pull requests" gives them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from resync_argo.forge.github.answers import PULLS, PullAnswer
from resync_argo.forge.github.client import Ask
from resync_argo.forge.github.requester import PER_PAGE
from resync_argo.forge.interface import RequestRefused
from resync_argo.reasons.forge import REQUEST_REFUSED

MAX_PAGES = 10


def open_pulls(
    call: Callable[[], AbstractContextManager[Ask]], path: str, base: str
) -> list[PullAnswer]:
    """Return the open pull requests, lowest number first.

    Args:
        call: provides the requester. Each page is a separate call, since it may be several MiB.
        path: of the repository's pull requests.
        base: the branch.

    Raises:
        ForgeError: see `interface`; `RequestRefused` for more than a thousand.
    """
    query = {"state": "open", "base": base, "sort": "created", "direction": "asc"}
    found: dict[int, PullAnswer] = {}
    for page in range(1, MAX_PAGES + 1):
        paging = {"per_page": str(PER_PAGE), "page": str(page)}
        with call() as ask:
            _, answer = ask("GET", path, query=query | paging)
            listed = PULLS.validate_python(answer)
        found |= {it.number: it for it in listed if it.state == "open"}
        if len(listed) < PER_PAGE:
            return [found[number] for number in sorted(found)]
    raise RequestRefused(
        REQUEST_REFUSED,
        f"More than {MAX_PAGES * PER_PAGE:,} pull requests into {base} are open, which is more than `config.include`"
        " looks through: close some.",
    )
