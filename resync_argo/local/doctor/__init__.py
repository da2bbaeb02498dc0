"""Diagnoses a new fork, such as a release that was squashed into it long ago, and repairs it."""
