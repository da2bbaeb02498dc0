"""The cost of a page depends on what it shows, not on what exists."""

import json
from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.page import render
from resync_argo.controller.page.facts import Filter
from resync_argo.controller.page.library import Library
from resync_argo.controller.page.views import (
    PROGRAM,
    Sizes,
    Wanted,
    overview,
    plan_facts,
    upstream_facts,
)
from tests.page.samples import KUBERNETES, Sample, library_of

FEW, MANY = 2_000, 10_000


class Counted(dict[ObjectKey, Any]):
    """A cache's objects, with a count of those that are read."""

    looks = 0

    def __getitem__(self, key: ObjectKey) -> Any:
        self.looks += 1
        return super().__getitem__(key)

    def get(self, key: ObjectKey, default: Any = None) -> Any:
        self.looks += 1
        return super().get(key, default)

    def values(self) -> Any:
        self.looks += len(self)
        return super().values()


def crowd(tags: int) -> Library:
    """Return so many Tags of one upstream; a tenth have Syncs that ended or wait for a person."""
    made = Sample()
    made.plan("p", KUBERNETES, "main", status={"pending": tags, "next": None})
    for number in range(tags):
        made.tag(KUBERNETES, f"1.{number // 100}.{number % 100}", number / 100)
    for number in range(0, tags, 10):
        phase, reason = ("Failed", "StepFailed") if number % 20 else ("Skipped", "Abandoned")
        tag = f"kubernetes-1.{number // 100}.{number % 100}"
        made.sync("p", tag, phase, reason, finishTime=made.ago(minutes=number))
    library = library_of(made)
    for cache in (library.caches.plans, library.caches.tags, library.caches.syncs):
        held: Any = cache
        held._objects = Counted(held._objects)
    return library


@pytest.fixture(scope="module", params=["overview", "deep", "json", "plan", "upstream"])
def asked(request: pytest.FixtureRequest) -> str:
    """The requested page."""
    return str(request.param)


@pytest.fixture(scope="module")
def crowds() -> tuple[Library, Library]:
    """Few and many."""
    return crowd(FEW), crowd(MANY)


def answer(library: Library, asked: str) -> tuple[int, int]:
    """Return how many objects an answer reads, and its size in bytes."""
    caches = library.caches
    held: list[Any] = [caches.plans, caches.tags, caches.syncs]
    before = sum(it._objects.looks for it in held)
    text = _answer(library, asked)
    return sum(it._objects.looks for it in held) - before, len(text)


def _answer(library: Library, asked: str) -> str:
    if asked == "json":
        wanted = Wanted(only=Filter(upstream=KUBERNETES), sizes=PROGRAM)
        return render.as_json(overview(library, wanted))
    if asked == "plan":
        plan = library.plan(ObjectKey("forks", "p"))
        assert plan is not None
        return render.page("plan.html", Wanted(), facts=plan_facts(library, plan, Wanted()))
    if asked == "upstream":
        wanted = Wanted(pages={"releases": 9})
        facts = upstream_facts(library, ("forks", KUBERNETES), wanted)
        fresh = library.freshness()
        return render.page("upstream.html", wanted, facts=facts, fresh=fresh, now=fresh.as_of)
    wanted = Wanted(pages={"waiting": 2, "history": 2} if asked == "deep" else {})
    return render.page("overview.html", wanted, facts=overview(library, wanted))


def test_five_times_as_much_costs_no_more(crowds: tuple[Library, Library], asked: str) -> None:
    few, many = (answer(library, asked) for library in crowds)

    assert many[0] == few[0] < 1_200
    assert many[1] < few[1] * 1.1


def test_no_page_has_more_rows_than_its_size() -> None:
    library = crowd(200)
    sizes = Sizes(waiting=3, history=4, releases=5)

    facts = overview(library, Wanted(sizes=sizes))
    table = upstream_facts(library, ("forks", KUBERNETES), Wanted(sizes=sizes))

    assert (len(facts.needs.items), len(facts.history.items)) == (3, 4)
    assert table is not None
    assert len(table.lines.items) == 5
    assert json.loads(render.as_json(table))["lines"]["total"] == 200
