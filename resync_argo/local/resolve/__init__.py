"""Resolves an open conflict of a Plan in a work tree of its own, merges it, and goes on with the run."""
