"""Parses the output of `git ls-remote`: lines with an object id, a tab, and the name of a ref. Pure.

The host chooses the names. They may hold any character above ASCII, also one at which Python would
split lines or words.
"""

import os


def read_refs(listing: bytes) -> dict[str, str]:
    """Return the object of each ref, by name; bytes that are not UTF-8 are decoded like `os.fsdecode`."""
    pairs = (line.partition(b"\t") for line in listing.split(b"\n"))
    return {os.fsdecode(name): oid.decode("ascii", "replace") for oid, tab, name in pairs if tab}
