"""Reads what `git ls-remote` prints: lines of an object id, a tab, and the name of a ref; pure.

Names are a host's: git lets them hold any character above ASCII, among them some at which Python would
end a line or a word.
"""

import os


def read_refs(listing: bytes) -> dict[str, str]:
    """Return the refs with their objects, by name; bytes that are not UTF-8 are as `os.fsdecode` has them."""
    pairs = (line.partition(b"\t") for line in listing.split(b"\n"))
    return {os.fsdecode(name): oid.decode("ascii", "replace") for oid, tab, name in pairs if tab}
