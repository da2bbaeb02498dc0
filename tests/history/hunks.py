"""Compares the hunks that a conflict pull request shows with those of plain git, in a work tree of its own."""

import re
import tempfile
from collections import Counter
from pathlib import Path

from resync_argo.conflicts.objects import list_tree, read_blobs
from resync_argo.git import Git

_MARKER = re.compile(rb"^([<|>])\1{6,}(?: .*)?$")
_SETTINGS = {
    "merge.conflictStyle": "zdiff3",
    "merge.renameLimit": "32767",
    "user.name": "A Maintainer",
    "user.email": "maintainer@example.com",
}


def plain_hunks(objects: str, ours: str, theirs: str) -> Counter[tuple[bytes, bytes]]:
    """Return path and text of each place in conflict that `git merge` leaves.

    Args:
        objects: folders with the objects of both sides, separated by colons.
        ours: the commit that is merged into.
        theirs: the commit that is merged.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": objects}
        git = Git(directory=Path(folder), environment=environment)
        git.run("init", "--quiet", "--template=", ".")
        git.configure(_SETTINGS)
        git.run("checkout", "--quiet", "--detach", ours)
        git.attempt("merge", "--quiet", "--no-edit", theirs)
        unmerged = {
            line.partition(b"\t")[2] for line in git.run("ls-files", "-u", "-z").split(b"\0")[:-1]
        }
        found: Counter[tuple[bytes, bytes]] = Counter()
        for path in unmerged:
            file = Path(folder) / path.decode(errors="surrogateescape")
            if file.is_file() and not file.is_symlink():
                found.update((path, hunk) for hunk in split_hunks(file.read_bytes()))
        return found


def shown_hunks(git: Git, head: str, base: str) -> Counter[tuple[bytes, bytes]]:
    """Return the places in conflict that a pull request's head shows."""
    changed = git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", base, head)
    paths = changed.split(b"\0")[:-1]
    entries = list_tree(git, head, *paths) if paths else {}
    files = {path: entry.id for path, entry in entries.items() if entry.is_file}
    contents = dict(read_blobs(git, list(files.values()))) if files else {}
    return Counter(
        (path, hunk) for path, oid in files.items() for hunk in split_hunks(contents[oid])
    )


def split_hunks(content: bytes) -> list[bytes]:
    """Return the places in conflict of a file, without the labels of their marker lines."""
    hunks: list[list[bytes]] = []
    inside = False
    for line in content.split(b"\n"):
        found = _MARKER.match(line)
        if found and found[1] == b"<":
            hunks.append([])
            inside = True
        if inside:
            hunks[-1].append(line.split(b" ")[0] if found else line)
        if found and found[1] == b">":
            inside = False
    return [b"\n".join(hunk) for hunk in hunks]
