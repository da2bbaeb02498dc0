"""Makes the fixtures of every tier known, and deals the tests to two lanes.

What a fixture needs is built and started when a test asks for it. `make test` runs two worker processes: one has
the node to itself, the other has all tests that need no node, those that need no built program first, so that the
node's programs are built meanwhile.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = (
    "tests.cluster.fixtures",
    "tests.forge.fixtures",
    "tests.slack.fixtures",
    "tests.world.fixtures",
)

_NODE_TIERS = ("cluster", "e2e", "chaos")
_BUILT_TIERS = ("forge", "apiserver", "tenants")


class _Lanes(LoadScopeScheduling):  # type: ignore[misc]  # it comes without types
    """Gives each worker a lane."""

    def _split_scope(self, nodeid: str) -> str:
        return "node" if _tier(nodeid) in _NODE_TIERS else "no node"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Lanes:
    """Let pytest-xdist deal the tests to lanes."""
    return _Lanes(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what needs no built program."""
    items.sort(key=lambda item: _tier(item.nodeid) in _BUILT_TIERS)


def _tier(nodeid: str) -> str:
    return nodeid.split("/")[1]
