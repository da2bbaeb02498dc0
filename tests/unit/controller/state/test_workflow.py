"""A Workflow that somebody fills takes no more memory than a Plan's run may need."""

import base64
import gzip
import tracemalloc

import pytest

from resync_argo.api.meta import Json
from resync_argo.controller.state.workflow import MAX_NODES_BYTES, keep_run


def workflow(nodes: bytes) -> Json:
    """Return a Workflow whose nodes are packed as Argo packs them."""
    packed = base64.b64encode(gzip.compress(nodes)).decode()
    return {
        "metadata": {"name": "w", "namespace": "ns", "resourceVersion": "1"},
        "status": {"phase": "Running", "compressedNodes": packed},
    }


def test_nodes_that_unpack_to_gigabytes_are_refused_within_their_bound() -> None:
    bomb = workflow(b"0" * (40 * MAX_NODES_BYTES))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="unpack to"):
            keep_run(bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 3 * MAX_NODES_BYTES


def test_packed_nodes_are_read() -> None:
    node = b'{"n": {"id": "n", "type": "Suspend", "templateName": "resolve-conflicts", "phase": "Running"}}'

    assert keep_run(workflow(node)).packed
