"""Writes a tree with a few changes; reads and rewrites only the directories that lead to them.

An index would hold every file, and its cost grows with the repository. Git validates the trees that
it receives.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from resync_argo.attempt.merge.logical import DIRECTORY
from resync_argo.conflicts.record import Entries, Entry
from resync_argo.git import Git

_FEW, _SHORT = 200, 100_000
"""How many changes, and how many bytes their directories may take on a command line (execve(2), "Limits")."""

_NOT_PLAIN = {b"", b".", b"..", b".git"}

_Directories = dict[bytes, dict[bytes, Entry]]
"""Contents of directories by path; `b""` is the root."""


def can_edit(changes: Entries) -> bool:
    """Return whether the changes are few, and their paths plain."""
    most_bytes = sum(len(path) * (path.count(b"/") + 1) for path in changes)
    return len(changes) <= _FEW and most_bytes <= _SHORT and all(map(_is_plain, changes))


def edited(git: Git, tree: str, changes: Entries) -> str:
    """Return a tree with changed entries; None deletes a file, and a file replaces a directory.

    Args:
        git: the repository, which has the tree.
        tree: the one to change.
        changes: by path; `can_edit` allows them.

    Raises:
        GitError: the tree does not exist, or git rejects the result.
    """
    directories = _read(git, tree, {it for path in changes for it in _parents(path)})
    for path, entry in sorted(changes.items(), key=lambda it: it[1] is not None):
        if entry is not None:
            _place(directories, path, entry)
        else:
            _take_away(directories, path)
    return _write(git, directories)


def _is_plain(path: bytes) -> bool:
    return not _NOT_PLAIN.intersection(path.lower().split(b"/"))


def _parents(path: bytes) -> Iterator[bytes]:
    """Yield the directories that lead to a path, from the root."""
    parts = path.split(b"/")
    return (b"/".join(parts[:end]) for end in range(len(parts)))


def _read(git: Git, tree: str, wanted: set[bytes]) -> _Directories:
    """Return the contents of the root and of those wanted directories that exist."""
    listing = git.run("ls-tree", "-z", tree, "--")
    if inner := sorted(wanted - {b""}):
        paths = [it + b"/" for it in inner]
        listing += git.run("--literal-pathspecs", "ls-tree", "-t", "-z", tree, "--", *paths)
    directories: _Directories = {b"": {}}
    for line in filter(None, listing.split(b"\0")):
        meta, _, path = line.partition(b"\t")
        mode, _, oid = meta.decode().split()
        holder, _, name = path.rpartition(b"/")
        directories[holder][name] = Entry(mode, oid)
        if mode == DIRECTORY and path in wanted:
            directories.setdefault(path, {})
    return directories


def _place(directories: _Directories, path: bytes, entry: Entry) -> None:
    """Put an entry at a path; files on the way become directories, and a directory at the path is removed."""
    for folder in _parents(path):
        directories.setdefault(folder, {})
    for gone in [it for it in directories if it == path or it.startswith(path + b"/")]:
        del directories[gone]
    holder, _, name = path.rpartition(b"/")
    directories[holder][name] = entry


def _take_away(directories: _Directories, path: bytes) -> None:
    holder, _, name = path.rpartition(b"/")
    held = directories.get(holder, {})
    if name in held and not _is_directory(held[name]):
        del held[name]


def _is_directory(entry: Entry) -> bool:
    return entry.mode == DIRECTORY


def _write(git: Git, directories: _Directories) -> str:
    """Write directories, the innermost first, and return the root's id."""
    contents = []
    for path in sorted(directories, key=lambda it: (it != b"", it.count(b"/")), reverse=True):
        held = directories[path]
        holder, _, name = path.rpartition(b"/")
        if not held and path:
            directories[holder].pop(name, None)
            continue
        contents.append(_content(held))
        if path:
            directories[holder][name] = Entry(DIRECTORY, _id_of(contents[-1], held))
    with TemporaryDirectory() as folder:
        files = [Path(folder) / str(number) for number in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        stdin = "".join(f"{file}\n" for file in files).encode()
        argv = ("hash-object", "-w", "-t", "tree", "--no-filters", "--stdin-paths")
        return git.run(*argv, stdin=stdin).decode().split()[-1]


def _content(held: dict[bytes, Entry]) -> bytes:
    # Git sorts a directory as if its name ended with a slash.
    order = sorted(held.items(), key=lambda it: it[0] + b"/" * _is_directory(it[1]))
    return b"".join(
        entry.mode.lstrip("0").encode() + b" " + name + b"\0" + bytes.fromhex(entry.id)
        for name, entry in order
    )


def _id_of(content: bytes, held: dict[bytes, Entry]) -> str:
    """Return git's id of a tree, by the same hash as the ids in it."""
    is_long = len(next(iter(held.values())).id) == hashlib.sha256().digest_size * 2
    algorithm = hashlib.sha256 if is_long else hashlib.sha1
    return algorithm(b"tree %d\0" % len(content) + content).hexdigest()
