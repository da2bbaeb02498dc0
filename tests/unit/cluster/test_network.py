"""The kernel says who listens on a port; nothing is guessed from an answer."""

import os
import socket

from tests.cluster.network import listens


def test_a_port_is_ours_another_processs_or_free() -> None:
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        port = ours.getsockname()[1]
        before = listens(os.getpid(), port)
        ours.listen()

        assert (before, listens(os.getpid(), port)) == (None, True)
        assert listens(os.getppid(), port) is False
    assert listens(os.getpid(), port) is None
