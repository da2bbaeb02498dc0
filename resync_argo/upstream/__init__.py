"""Reads, orders and selects upstream's tags."""
