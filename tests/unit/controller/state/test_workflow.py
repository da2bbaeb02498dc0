"""The cached part of a Workflow stays small, whatever somebody wrote into it."""

import base64
import gzip
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from resync_argo.controller.state.workflow import (
    MAX_NODES_BYTES,
    MAX_TEXT,
    MAX_VALUES_TEXT,
    RESUMED_ANNOTATION,
    STOPPED_ANNOTATION,
    keep_run,
)

PEAK_BYTES = 8 * MAX_NODES_BYTES


def workflow(*, annotations: dict[str, str] | None = None, **status: Any) -> dict[str, Any]:
    metadata = {"name": "w-1", "namespace": "ns", "annotations": annotations or {}}
    return {"metadata": metadata, "spec": {}, "status": {"phase": "Running", **status}}


def packed(nodes: bytes) -> str:
    return base64.b64encode(gzip.compress(nodes, mtime=0)).decode()


def peak_of(act: Callable[[], object]) -> int:
    """Return the peak memory in bytes of a call that fails."""
    tracemalloc.start()
    try:
        with pytest.raises((ValueError, RecursionError)):
            act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "bomb",
    [
        b'{"a":"' + b"0" * (1 << 28) + b'"}',
        b'{"a":[' + b"[]," * (5 << 20) + b"[]]}",
        b'{"a":[' + b"{}," * (5 << 20) + b"{}]}",
        b"[" * (8 << 20),
    ],
    ids=["zeros", "lists", "objects", "depth"],
)
def test_a_bomb_is_refused_before_it_takes_the_memory(bomb: bytes) -> None:
    item = workflow(compressedNodes=packed(bomb))
    del bomb

    assert peak_of(lambda: keep_run(item)) < PEAK_BYTES


def test_nodes_of_a_real_size_are_read() -> None:
    node = {"id": "n", "name": "n", "displayName": "attempt-1", "type": "Pod", "message": "x" * 99}
    nodes = {f"n-{number}": node for number in range(2500)}
    text = str(nodes).replace("'", '"').encode()

    assert keep_run(workflow(compressedNodes=packed(text))).packed


def test_long_texts_are_cut() -> None:
    long = "Reason: " + "x" * (1 << 20)
    attempt = {"name": "sync.attempt", "displayName": "attempt-1", "templateName": "attempt"}
    nodes = {
        "pod-1": {"id": "pod-1", "type": "Pod", "phase": "Failed", **attempt},
        "wait-1": {
            "id": "wait-1",
            "name": "sync.resolve-conflicts",
            "displayName": "resolve-conflicts",
            "templateName": "resolve-conflicts",
            "type": "Suspend",
            "phase": "Running",
            "message": long,
        },
    }
    numbers = " ".join(map(str, range(100_000)))
    kept = keep_run(
        workflow(
            annotations={STOPPED_ANNOTATION: long, RESUMED_ANNOTATION: numbers},
            message=long,
            nodes=nodes,
        )
    )

    assert kept.node_message.startswith("Reason: x")
    assert len(repr(kept)) < 8 * MAX_TEXT
    assert 99_999 in kept.resumed


def test_one_whose_nodes_argo_keeps_in_its_database_is_known_as_such() -> None:
    assert keep_run(workflow(offloadNodeStatusVersion="fnv:784127654")).offloaded
    assert not keep_run(workflow()).offloaded


def given(values: str) -> dict[str, Any]:
    item = workflow()
    item["spec"]["arguments"] = {"parameters": [{"name": "values", "value": values}]}
    return item


def test_a_workflow_has_the_values_with_which_it_was_started() -> None:
    assert keep_run(given('{"JIRA":"A-1"}')).values == {"JIRA": "A-1"}
    assert keep_run(workflow()).values == {}


@pytest.mark.parametrize(
    "values", ["JIRA=A-1", "[]", '{"A":1}', '{"A":"' + "x" * MAX_VALUES_TEXT + '"}', "[" * 40_000]
)
def test_unreadable_values_from_a_person_count_as_none(values: str) -> None:
    assert keep_run(given(values)).values == {}
