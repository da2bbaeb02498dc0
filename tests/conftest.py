"""Makes the fixtures of every tier known, and deals the tests to two lanes.

What a fixture needs is built and started when a test asks for it. `make test` runs two worker processes: one has
the node to itself, the other has all tests that need no node, those that need no built program first, so that the
node's programs are built meanwhile.
"""

from pathlib import Path

import pytest

pytest_plugins = (
    "tests.cluster.fixtures",
    "tests.forge.fixtures",
    "tests.slack.fixtures",
    "tests.world.fixtures",
)

_NODE_TIERS = ("cluster", "e2e")
_BUILT_TIERS = ("forge", "apiserver")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each test into its lane (pytest-xdist's `loadgroup`), and each lane in order."""
    for item in items:
        lane = "node" if _tier(item) in _NODE_TIERS else "no-node"
        item.add_marker(pytest.mark.xdist_group(lane))
    items.sort(key=lambda item: _tier(item) in _BUILT_TIERS)


def _tier(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]
