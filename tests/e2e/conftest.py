"""Fixtures that several modules of this tier share."""

from tests.e2e.hostile import restricted

__all__ = ["restricted"]
