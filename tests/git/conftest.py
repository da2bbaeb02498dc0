"""Fixtures for tests with real git."""

from pathlib import Path

import pytest

from tests.git.builders import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return an upstream with 1.1.0 and a downstream that forked it at 1.0.0."""
    return make_world(tmp_path)
