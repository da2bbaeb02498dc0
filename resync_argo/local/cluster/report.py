"""Writes a view of a cluster as a file: the page that the controller serves, without the controller."""

from collections.abc import Callable
from typing import Literal

from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.page import render
from resync_argo.controller.page.facts import Filter
from resync_argo.controller.page.library import Library
from resync_argo.controller.page.views import FILE, Wanted, overview
from resync_argo.local.cluster.view import View, caches_of

Format = Literal["html", "markdown", "json"]


def report(
    view: View,
    form: Format,
    now: str,
    *,
    namespace: str = "",
    runs_url: Callable[[str], str | None] = lambda _namespace: None,
) -> str:
    """Return the state of everything as HTML, Markdown or JSON.

    Args:
        view: the cluster.
        form: the format.
        now: the time, RFC 3339 in UTC.
        namespace: the one that was read; "" means all.
        runs_url: where a namespace's runs are shown, if that is known.
    """
    library = Library(caches=caches_of(view), ranges=Ranges(), now=lambda: now, runs_url=runs_url)
    wanted = Wanted(only=Filter(namespace=namespace), sizes=FILE)
    facts = overview(library, wanted)
    if form == "json":
        return render.as_json(facts)
    return render.markdown(facts) if form == "markdown" else render.file(facts, wanted)
