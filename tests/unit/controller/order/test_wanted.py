"""An event of one sync reads only the few releases that its Plan wants, however many upstream has."""

from collections.abc import Hashable
from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.api.tag import Tag
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.order.turns import Turns
from resync_argo.controller.order.wanted import Wanted
from resync_argo.controller.state.keys import branch_key
from resync_argo.controller.state.objects import Caches
from tests.unit.controller.builders import NOW, plan, sync, tag
from tests.unit.controller.order.filled import put

ANOTHER: dict[str, Any] = {
    "upstream": {"name": "forge.test/up/project", "matchedVersions": ["2.x"]}
}


class Counting(Ranges):
    """Ranges that count how often they are asked."""

    asked = 0

    def wants(self, *arguments: Any) -> bool:
        self.asked += 1
        return super().wants(*arguments)


def names(tags: list[Tag]) -> list[str]:
    return sorted(it.metadata.name for it in tags)


def looked_at(monkeypatch: pytest.MonkeyPatch, others: int) -> tuple[int, int]:
    """Return how many Tags are read, and how many ranges evaluated, when one sync progresses."""
    caches, ranges = Caches(), Counting()
    unwanted = [tag(f"2.0.{number}") for number in range(others)]
    put(caches, plan(), tag(), tag("1.0.1"), sync(phase="Running", start_time=NOW), *unwanted)
    place = {"name": "forge.test/down/project", "branch": "other"}
    put(caches, *(plan(f"y-{number}", downstream=place, **ANOTHER) for number in range(others)))
    turns = Turns(
        caches, ranges, is_complete=lambda _: True, tell=lambda _k, _s: None, now=lambda: NOW
    )
    branch = branch_key(plan())
    turns.decide(branch)
    found: list[object] = []
    get, by = caches.tags.get, caches.tags.by

    def noted_get(key: ObjectKey) -> Tag | None:
        found.append(key)
        return get(key)

    def noted_by(index: str, value: Hashable) -> list[Tag]:
        tags = by(index, value)
        found.extend(tags)
        return tags

    monkeypatch.setattr(caches.tags, "get", noted_get)
    monkeypatch.setattr(caches.tags, "by", noted_by)
    ranges.asked = 0
    finished = sync(phase="Finished", reason="Merged", start_time=NOW)
    meta = finished.metadata.model_copy(update={"resource_version": "2"})
    caches.syncs.put(finished.model_copy(update={"metadata": meta}))
    turns.mark(branch)
    turns.decide(branch)
    return len(found), ranges.asked


def test_the_work_does_not_grow_with_the_upstream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few, many = (looked_at(monkeypatch, others) for others in (3, 300))

    assert few == many
    assert 0 < sum(few) < 20


def test_an_added_deleted_or_changed_release_is_noticed() -> None:
    caches, one = Caches(), plan()
    wanted = Wanted(caches, Ranges())
    put(caches, one, tag())
    first = names(wanted.of(one))
    put(caches, tag("1.0.1"), tag("3.0.0"))
    come = names(wanted.of(one))
    skipped = tag(skip=True)
    meta = skipped.metadata.model_copy(update={"resource_version": "2"})
    put(caches, skipped.model_copy(update={"metadata": meta}))
    changed = [it.spec.skip for it in wanted.of(one) if it.version == "1.0.0"]
    caches.tags.drop(ObjectKey("ns", "project-1.0.1"), 3)
    gone = names(wanted.of(one))

    assert (first, come) == (["project-1.0.0"], ["project-1.0.0", "project-1.0.1"])
    assert (changed, gone) == ([True], ["project-1.0.0"])


def test_a_changed_plan_is_evaluated_again() -> None:
    caches, before = Caches(), plan()
    wanted = Wanted(caches, Ranges())
    put(caches, before, tag(), tag("2.0.0"))
    narrow = names(wanted.of(before))
    meta = before.metadata.model_copy(update={"generation": 2})
    after = plan(**ANOTHER).model_copy(update={"metadata": meta})

    assert (narrow, names(wanted.of(after))) == (["project-1.0.0"], ["project-2.0.0"])
