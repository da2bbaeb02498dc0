"""Turns a signal of Kubernetes into an event, and sees to it that the process ends."""

import faulthandler
import signal
import socket
import threading

END_SECONDS = 40.0
"""A process that still runs so long after it was asked to end prints where each thread is, and ends.

Kubernetes kills it after 45 s, and then nobody knows what it waited for.
"""


def told_to_end() -> threading.Event:
    """Return an event that SIGTERM or SIGINT sets; from then on the process has `END_SECONDS`."""
    # The kernel may give a signal to any thread. Python then only notes it until the main thread runs
    # again, which may wait for this very event. The byte that it writes at once wakes one of our threads.
    told, tells = socket.socketpair()
    tells.settimeout(0)  # as `set_wakeup_fd` demands
    ended = threading.Event()

    def wait() -> None:
        told.recv(1)
        faulthandler.dump_traceback_later(END_SECONDS, exit=True)
        ended.set()

    threading.Thread(target=wait, name="signals", daemon=True).start()
    signal.set_wakeup_fd(tells.detach(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    return ended
