"""pytest plugin: deals the tests to worker processes, and the node to the tests that need it.

What a fixture needs is built and started when a test asks for it. Of the workers of `make test`, one begins with
tests of the node, the others with those that need no built program, so that the node's programs are built meanwhile.
Whoever is done takes the next file. The rest of the node's tests come late, in any worker: they wait more than they
work, and so go well with others.

A test that stops the API server or Argo has the node alone; the others share it.
"""

import fcntl
import os
import tempfile
from collections.abc import Generator
from functools import lru_cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.time_limits import tier_of

_BUILT_TIERS = ("forge", "apiserver", "tenants")
_ALONE = ("tests/cluster/", "tests/chaos/", "tests/e2e/test_faults.py")
_LATE = "tests/e2e/test_fo"
"""Where the second half of the node's files begins, in the order of their names."""

_KEPT = pytest.StashKey[bool]()
"""Whether this process has the node alone for the next test, too."""


class _Lanes(LoadScopeScheduling):  # type: ignore[misc]  # it comes without types
    """Gives one worker the node's first tests, and all of them files in their order."""

    def _split_scope(self, nodeid: str) -> str:
        return "node" if _place(nodeid) <= 1 else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Lanes:
    """Let pytest-xdist deal the tests, in the order in which they were collected."""
    config.option.loadscopereorder = False
    return _Lanes(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest to start, and last what else needs a built program."""
    items.sort(key=lambda it: _place(it.nodeid))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Wait for the node before the test's own time begins."""
    use = _use(item)
    if use is not None and not item.config.stash.get(_KEPT, False):
        # Whoever waits to be alone keeps out those that come later.
        fcntl.flock(_lock("turn"), fcntl.LOCK_EX)
        fcntl.flock(_lock("node"), use)
        fcntl.flock(_lock("turn"), fcntl.LOCK_UN)
    try:
        return (yield)
    finally:
        is_next_alone = nextitem is not None and _use(nextitem) == fcntl.LOCK_EX
        item.config.stash[_KEPT] = use == fcntl.LOCK_EX and is_next_alone
        if not item.config.stash[_KEPT]:
            fcntl.flock(_lock("node"), fcntl.LOCK_UN)


def _use(item: pytest.Item) -> int | None:
    """Return how a test uses the node: alone, with others, or not at all."""
    if item.nodeid.startswith(_ALONE):
        return fcntl.LOCK_EX
    return fcntl.LOCK_SH if tier_of(item.nodeid) == "e2e" else None


@lru_cache
def _lock(name: str) -> int:
    file = Path(tempfile.gettempdir()) / f"resync-argo-tests-{name}.lock"
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _place(nodeid: str) -> int:
    if nodeid.startswith(_ALONE):
        return 0
    tier = tier_of(nodeid)
    if tier == "e2e":
        return 1 if nodeid < _LATE else 3
    if tier in _BUILT_TIERS:
        return 5
    return 4 if tier == "unit" else 2
