"""Writes the pages of docs/ that are made from the program: `make docs`."""
