"""Turns a signal of Kubernetes into an event, and sees to it that the process ends."""

import faulthandler
import queue
import signal
import threading

END_SECONDS = 40.0
"""A process that still runs so long after it was told to end prints where each thread is, and ends.

Kubernetes kills it after 45 s, and then nobody knows what it waited for.
"""


def told_to_end() -> threading.Event:
    """Return an event that SIGTERM or SIGINT sets; from then on the process has `END_SECONDS`."""
    # A handler runs in the main thread, between two of its instructions. Were it to set the event
    # itself just as that thread begins to wait for it, the thread would wait for its own lock.
    signals: queue.SimpleQueue[int] = queue.SimpleQueue()
    ended = threading.Event()

    def tell() -> None:
        signals.get()
        faulthandler.dump_traceback_later(END_SECONDS, exit=True)
        ended.set()

    threading.Thread(target=tell, name="signals", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: signals.put(number))
    return ended
