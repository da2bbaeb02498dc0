"""Makes the fixtures of every tier known, and deals the tests to worker processes.

What a fixture needs is built and started when a test asks for it. Of the workers of `make test`, one begins with all
tests that need the node, the others with those that need no built program, so that the node's programs are built
meanwhile. Whoever is done takes the next file.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = (
    "tests.cluster.fixtures",
    "tests.forge.fixtures",
    "tests.slack.fixtures",
    "tests.time_limits",
    "tests.world.fixtures",
)

_NODE_TIERS = ("cluster", "e2e", "chaos")
_BUILT_TIERS = ("forge", "apiserver", "tenants")


class _Lanes(LoadScopeScheduling):  # type: ignore[misc]  # it comes without types
    """Gives one worker the node, and all of them files in their order."""

    def _split_scope(self, nodeid: str) -> str:
        return "node" if _tier(nodeid) in _NODE_TIERS else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Lanes:
    """Let pytest-xdist deal the tests, in the order in which they were collected."""
    config.option.loadscopereorder = False
    return _Lanes(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest to start, and last what else needs a built program."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    tier = _tier(item.nodeid)
    if tier in _NODE_TIERS:
        return 0
    return 2 if tier in _BUILT_TIERS else 1


def _tier(nodeid: str) -> str:
    return nodeid.split("/")[1]
