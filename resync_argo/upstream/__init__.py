"""Upstream's tags: read, ordered, and chosen from."""
