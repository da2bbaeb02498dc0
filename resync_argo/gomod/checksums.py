"""Joins the lines of two go.sum files, in Go's own order (go.dev/ref/mod, "go.sum files")."""

from resync_argo.gomod.syntax import MAX_BYTES, Unclear
from resync_argo.gomod.versions import Order, module_order

_OF_MANIFEST = "/go.mod"
_MOST_BYTES = 16 * MAX_BYTES


def join_checksums(downstream: bytes, upstream: bytes) -> bytes:
    """Return the lines of both; `go mod tidy` removes unneeded ones.

    Raises:
        Unclear: a line is not valid in a go.sum, or the files have different checksums for one
            version.
    """
    known: dict[tuple[str, str], str] = {}
    for content in (downstream, upstream):
        for module, version, checksum in _read(content):
            if known.setdefault((module, version), checksum) != checksum:
                raise Unclear(f"the two sides have different checksums for {module} {version}")
    ordered = sorted(known, key=_place)
    return "".join(
        f"{module} {version} {known[module, version]}\n" for module, version in ordered
    ).encode()


def _read(content: bytes) -> list[list[str]]:
    if len(content) > _MOST_BYTES:
        raise Unclear("it is larger than 16 MiB")
    try:
        lines = [line.split() for line in content.decode().splitlines() if line.strip()]
    except UnicodeDecodeError:
        raise Unclear("it is not UTF-8 text") from None
    if any(len(words) != 3 for words in lines):  # noqa: PLR2004 - module, version, checksum
        raise Unclear("a line has not exactly a module, a version and a checksum")
    return lines


def _place(line: tuple[str, str]) -> tuple[str, Order, bool]:
    module, version = line
    return module, module_order(version.removesuffix(_OF_MANIFEST)), version.endswith(_OF_MANIFEST)
