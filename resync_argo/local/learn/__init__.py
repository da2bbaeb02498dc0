"""Learns from a fork's own history of conflicts: the command `learn`."""
