"""Reads trees and file contents of a repository, and writes contents; both paths and contents are bytes.

The pod uses it for the trusted clone, the controller for a temporary repository.
"""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from resync_argo.conflicts.record import Entry
from resync_argo.errors import ResyncError
from resync_argo.git import Git


def list_tree(git: Git, tree: str, *paths: bytes) -> dict[bytes, Entry]:
    """Return a tree's entries by path; with paths, only those (verbatim, no patterns).

    Raises:
        GitError: there is no such tree.
    """
    listing = git.run("--literal-pathspecs", "ls-tree", "-r", "-z", tree, "--", *paths)
    entries: dict[bytes, Entry] = {}
    for line in listing.split(b"\0"):
        if line:
            meta, _, path = line.partition(b"\t")
            mode, _, oid = meta.decode().split()
            entries[path] = Entry(mode, oid)
    return entries


def read_blobs(git: Git, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the content of blobs that are in the repository, by id.

    Raises:
        ResyncError: a blob is missing.
    """
    stdin = "".join(f"{oid}\n" for oid in ids).encode()
    output = BytesIO(git.run("cat-file", "--batch", stdin=stdin))
    for oid in ids:
        *_, size = output.readline().split()
        if size == b"missing":
            raise ResyncError(f"The object {oid} is not in the clone.")
        yield oid, output.read(int(size))
        output.readline()


def store_blobs(git: Git, contents: Iterable[bytes]) -> list[str]:
    """Write contents as blobs with a single process; return their ids in order."""
    with TemporaryDirectory() as folder:
        files = []
        for number, content in enumerate(contents):
            file = Path(folder) / str(number)
            file.write_bytes(content)
            files.append(f"{file}\n")
        argv = ("hash-object", "-w", "--no-filters", "--stdin-paths")
        return git.run(*argv, stdin="".join(files).encode()).decode().split()
