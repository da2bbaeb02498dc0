"""The open pull requests of a branch, page by page."""

from urllib.parse import parse_qsl

import pytest

from resync_argo.forge.github.open_pulls import MAX_PAGES
from resync_argo.forge.interface import RequestRefused
from tests.hosts import Asked, Reply, Script
from tests.unit.forge.github.scripted_forge import PULLS, pull, site


def listing(total: int) -> Script:
    """Return a forge with so many open pull requests."""

    def script(asked: Asked) -> Reply:
        path, _, query = asked.path.partition("?")
        given = dict(parse_qsl(query))
        assert (path, given["state"], given["base"]) == (PULLS, "open", "main")
        start = (int(given["page"]) - 1) * 100
        numbers = range(start + 1, min(start + 100, total) + 1)
        return Reply(body=[pull(it, head=f"b{it}", draft=it == 7) for it in numbers])

    return script


def test_all_pages_are_read() -> None:
    with site(listing(205)) as here:
        found = here.forge.list_open("main")
    assert [it.number for it in found] == list(range(1, 206))
    assert [it.number for it in found if it.is_draft] == [7]
    assert len(here.host.asked) == 3


def test_too_many_pull_requests_are_refused() -> None:
    with (
        site(listing(MAX_PAGES * 100 + 1)) as here,
        pytest.raises(RequestRefused, match="More than 1,000 pull requests into main are open"),
    ):
        here.forge.list_open("main")
    assert len(here.host.asked) == MAX_PAGES


def test_pull_requests_of_other_branches_are_left_out() -> None:
    listed = [
        pull(1),
        pull(2, base="other"),
        pull(3, into="org/elsewhere"),
        pull(4, state="closed"),
    ]
    with site(lambda _: Reply(body=listed)) as here:
        assert [it.number for it in here.forge.list_open("main")] == [1]
