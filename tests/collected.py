"""pytest plugin: keeps the collected tests, which stay until the end, out of the garbage collector's way."""

import gc


def pytest_collection_finish() -> None:
    """Leave out of each later collection what exists now: thousands of tests and their parameters."""
    gc.collect()
    gc.freeze()
