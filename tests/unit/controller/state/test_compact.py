"""A cached object takes little memory, and is otherwise unchanged."""

import gc
import json
import tracemalloc
from typing import Any

from resync_argo.api.tag import Tag
from resync_argo.controller.state.objects import keep_tag

MOST_BYTES = 1_300
"""Of a Tag that waits in the queue, without its texts, which are there before; as pydantic makes it, it has 2,500."""


def item(number: int) -> Any:
    """Return a Tag as the API server sends it."""
    metadata = {
        "name": f"project-1.0.{number}",
        "namespace": "ns",
        "uid": f"00000000-0000-4000-8000-{number:012d}",
        "generation": 1,
        "resourceVersion": str(number + 1),
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "managedFields": [{"manager": "resync-argo", "fieldsV1": {}}],
    }
    spec = {
        "repository": "forge.test/up/project",
        "version": f"1.0.{number}",
        "ref": f"refs/tags/v1.0.{number}",
        "commit": f"{number:040d}",
        "next": f"1.0.{number + 1}",
    }
    return json.loads(json.dumps({"metadata": metadata, "spec": spec, "status": {"phase": "x"}}))


def test_a_queued_release_takes_little_memory() -> None:
    items = [item(number) for number in range(1000)]
    kept = [keep_tag(it) for it in items[:10]]  # objects that are made once do not count
    items = [item(number) for number in range(1000)]
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = [keep_tag(items.pop()) for _ in range(1000)]
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(kept) == 1000
    assert (after - before) / len(kept) < MOST_BYTES


def test_a_cached_object_can_be_compared_and_copied() -> None:
    read = item(1)
    read["status"] = {"observedGeneration": 1, "phase": "Running"}
    kept, plain = keep_tag(read), Tag.parse({**item(1), "status": read["status"]})
    other = kept.spec.model_copy(update={"skip": True})

    assert kept == plain
    assert (other.skip, kept.spec.skip, keep_tag(item(2)).spec.skip) == (True, False, False)


def test_a_tags_default_conditions_are_not_taken_for_ours() -> None:
    read = item(1)
    read["status"] = {"observedGeneration": -1, "phase": "Pending", "conditions": [{"x": "y"}]}

    assert keep_tag(read).status == Tag.parse({**item(1), "status": {}}).status
