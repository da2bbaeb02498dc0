"""Refs of any name are read exactly, and none hides another."""

import os

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.hosts.listing import read_refs
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import object_ids, paths

# git-check-ref-format keeps control characters and blanks out, and nothing above ASCII.
NAMES = paths().map(lambda it: b"refs/heads/" + bytes(byte for byte in it if byte > 0x20))


@examples()
@given(st.dictionaries(NAMES, object_ids()))
@example({"refs/heads/a\u2028b".encode(): "1" * 40, b"refs/heads/main": "2" * 40})
@example({"refs/heads/a\u3000b".encode(): "1" * 40, b"refs/heads/main": "2" * 40})
def test_each_ref_is_read_exactly(refs: dict[bytes, str]) -> None:
    listing = b"".join(b"%s\t%s\n" % (oid.encode(), name) for name, oid in refs.items())

    assert read_refs(listing) == {os.fsdecode(name): oid for name, oid in refs.items()}


@examples()
@given(st.binary() | paths())
@example(b"<html>\n<title>\tmoved</title>\n")
def test_an_invalid_listing_causes_no_bug(listing: bytes) -> None:
    assert all(f"\t{name}" in os.fsdecode(listing) for name in read_refs(listing))
