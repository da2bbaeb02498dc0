"""What shows a person the conflict: marker lines under labels of ours, and stub files.

Labels hold the conflict's key, so other lines that begin with `<<<<<<<` do not count. What cannot
hold markers (a deletion, a binary file, a mode, a link, a submodule) gets a stub beside it, which a
person deletes to say that it is resolved; a stub is never carried over.
"""

STUB_SUFFIX = b".resync-conflict"

PATTERN = r"^(<<<<<<< downstream|>>>>>>> upstream) \(resync [0-9a-f]{8}\)"
"""A marker line of ours, of whichever conflict, as `git grep -E` takes it."""


def labels(key: str) -> tuple[str, str]:
    """Return the labels of downstream's and upstream's side in marker lines."""
    return f"downstream (resync {key})", f"upstream (resync {key})"


def stub_path(path: bytes) -> bytes:
    """Return where the stub of a path lies."""
    return path + STUB_SUFFIX


def is_stub(path: bytes) -> bool:
    """Tell whether a path is that of a stub."""
    return path.endswith(STUB_SUFFIX)
