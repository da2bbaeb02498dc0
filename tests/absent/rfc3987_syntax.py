"""Stands before the package of that name, which no user of the program has."""

raise ImportError(__name__)
