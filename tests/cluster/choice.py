"""Which cluster the tests use, as the environment says.

`RESYNC_TEST_CLUSTER=local` (the default)  the node of this package
`RESYNC_TEST_CLUSTER=k3s`                  K3s in Docker, by testcontainers
`RESYNC_TEST_CLUSTER=kubeconfig`           a cluster that is there: `RESYNC_TEST_KUBECONFIG=<file>`,
                                           whose mere presence also makes this choice

What is chosen and cannot be had is an error that says what is missing, never a skip.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster import cluster
from tests.cluster.coordinates import Coordinates
from tests.cluster.errors import ClusterError
from tests.cluster.given import given_cluster

_CHOICES = ("local", "k3s", "kubeconfig")


def chosen() -> str:
    """Return the choice.

    Raises:
        ClusterError: it is none that is known.
    """
    default = "kubeconfig" if os.environ.get("RESYNC_TEST_KUBECONFIG") else "local"
    choice = os.environ.get("RESYNC_TEST_CLUSTER") or default
    if choice not in _CHOICES:
        raise ClusterError(f"RESYNC_TEST_CLUSTER is {choice!r}; it may be {', '.join(_CHOICES)}")
    return choice


@contextmanager
def chosen_cluster(directory: Path) -> Iterator[Coordinates]:
    """Yield the chosen cluster, ready; end it only if it was started for this run.

    Args:
        directory: where files of this run may go.

    Raises:
        ClusterError: it cannot be had.
    """
    match chosen():
        case "local":
            yield cluster.up()  # left running: the next run starts at once
        case "k3s":
            from tests.cluster.k3s import k3s_cluster  # noqa: PLC0415 - Docker's client loads slowly

            with k3s_cluster(directory) as coordinates:
                yield coordinates
        case _:
            yield given_cluster()
