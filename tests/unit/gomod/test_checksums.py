"""The lines of two go.sum files are joined, and contradictions are asked about."""

import pytest

from resync_argo.gomod.checksums import join_checksums
from resync_argo.gomod.syntax import Unclear


def test_the_lines_of_both_are_kept_in_gos_order() -> None:
    downstream = b"b.com/b v1.10.0 h1:b10=\nb.com/b v1.10.0/go.mod h1:m10=\na.com/a v1.0.0 h1:a=\n"
    upstream = b"a.com/a v1.0.0 h1:a=\nb.com/b v1.9.0 h1:b9=\n"

    assert join_checksums(downstream, upstream) == (
        b"a.com/a v1.0.0 h1:a=\nb.com/b v1.9.0 h1:b9=\nb.com/b v1.10.0 h1:b10=\nb.com/b v1.10.0/go.mod h1:m10=\n"
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"a.com/a v1.0.0 h1:other=\n", "different checksums for a.com/a v1.0.0"),
        (b"a.com/a v1.0.0\n", "not exactly a module"),
        (b"a.com/a latest h1:a=\n", "not a version"),
        (b"\xff a b\n", "not UTF-8"),
    ],
)
def test_contradictions_are_asked_about(line: bytes, why: str) -> None:
    with pytest.raises(Unclear, match=why):
        join_checksums(b"a.com/a v1.0.0 h1:a=\n", line)
