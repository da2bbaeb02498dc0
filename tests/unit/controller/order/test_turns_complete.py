"""The order is known once every release has its Tag, which may happen during a decision."""

from itertools import chain, repeat
from typing import Any

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.order.turns import Turns
from resync_argo.controller.state.keys import branch_key
from resync_argo.controller.state.objects import Caches

UPSTREAM = "forge.test/up/project"
READY = {
    "type": "Ready",
    "status": "True",
    "reason": "Ready",
    "message": "",
    "observedGeneration": 1,
}


def meta(name: str) -> dict[str, Any]:
    return {"name": name, "namespace": "ns", "uid": f"uid-of-{name}", "generation": 1}


def test_no_release_counts_as_the_oldest_while_tags_are_still_being_created() -> None:
    plan = Plan.parse(
        {
            "metadata": meta("z-1"),
            "spec": {
                "config": {
                    "upstream": {"name": UPSTREAM, "matchedVersions": ["1.0.x"]},
                    "downstream": {"name": "forge.test/down/project", "branch": "main"},
                    "image": "registry.test/steps:1",
                },
                "steps": [{"run": "true"}],
            },
            "status": {"conditions": [READY]},
        }
    )
    caches, answers = Caches(), chain((False,), repeat(object=True))
    caches.plans.put(plan)
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        spec = {"repository": UPSTREAM, "version": version}
        caches.tags.put(Tag.parse({"metadata": meta(f"project-{version}"), "spec": spec}))
    turns = Turns(
        caches,
        Ranges(),
        is_complete=lambda _plan: next(answers),
        tell=lambda _key, _standing: None,
        now=lambda: "2026-01-01T00:00:00Z",
    )

    first = turns.decide(branch_key(plan))
    turns.mark(branch_key(plan))
    second = turns.decide(branch_key(plan))

    assert {standing.reason for standing in first.values()} == {"UpstreamNotRead"}
    assert [key.tag.name for key, it in second.items() if it.action == "Submit"] == [
        "project-1.0.0"
    ]
