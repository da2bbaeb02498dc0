"""Hosts' messages to git when they refuse, and which refusals are temporary."""
