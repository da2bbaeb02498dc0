"""Turns a signal from Kubernetes into an event, and makes sure that the process ends."""

import faulthandler
import signal
import socket
import threading

END_SECONDS = 40.0
"""A process that still runs this long after the signal prints each thread's stack, and ends.

Kubernetes kills it after 45 s, and then nobody knows what it waited for.
"""


def told_to_end() -> threading.Event:
    """Return an event that SIGTERM or SIGINT sets; from then on the process has `END_SECONDS`."""
    # The kernel may deliver a signal to any thread. Python only records it until the main thread
    # runs again, and that thread may be waiting for this event. The byte that Python writes at once
    # wakes one of our threads.
    told, tells = socket.socketpair()
    tells.settimeout(0)  # `set_wakeup_fd` requires that.
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
