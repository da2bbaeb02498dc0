"""How long a test may take, and what it shares with others: pytest-timeout ends what hangs.

A test's limit is many times what it takes on a loaded machine, with the fixtures that are its own. One that is
shared may build programs for an hour, in whichever test comes first: it has a limit of its own, and the test's
begins again after it.
"""

from collections.abc import Generator
from typing import Any

import pytest
import pytest_timeout

SHARED_SECONDS = 7200.0
"""What a fixture of a module or of the session may take: some build Kubernetes, Argo and Gitea."""

LIMITS = {
    "apiserver": 600,
    "chaos": 1800,
    "cluster": 1800,
    "docs": 120,
    "e2e": 1800,
    "forge": 600,
    "git": 600,
    "image": 1800,
    "slack": 120,
    "tenants": 600,
    "unit": 120,
}
"""Seconds that a test of a tier may take; the others lie in no folder and have the limit of `pyproject.toml`."""


def tier_of(nodeid: str) -> str:
    """Return the folder below `tests/` in which a test lies, or its file where it lies in none."""
    return nodeid.partition("/")[2].partition("/")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the limit of its tier, unless it has one of its own."""
    for item in items:
        seconds = LIMITS.get(tier_of(item.nodeid))
        if seconds is not None and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(seconds))


def limit_of(item: pytest.Item) -> float:
    """Return the seconds that a test may take."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0] if marker is not None else item.config.getini("timeout"))


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Limit a shared fixture by itself, and let the test's own time begin after it."""
    if fixturedef.scope == "function":
        return (yield)
    item = request._pyfuncitem
    _restart(item, SHARED_SECONDS)
    try:
        return (yield)
    finally:
        _restart(item, limit_of(item))


def _restart(item: pytest.Item, seconds: float) -> None:
    hooks = item.config.pluginmanager.hook
    settings = pytest_timeout.get_env_settings(item.config)._replace(timeout=seconds)
    hooks.pytest_timeout_cancel_timer(item=item)
    hooks.pytest_timeout_set_timer(item=item, settings=settings)
