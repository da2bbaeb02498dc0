"""The text of a stub: what a person reads next to a path that cannot hold marker lines.

Written into the head commit of a conflict pull request. It shows a path's bytes as they are;
commands quote them as a shell word.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from resync_argo.conflicts.markers import stub_path
from resync_argo.conflicts.record import ConflictPath, Entry


@dataclass(frozen=True, kw_only=True)
class Commits:
    """Where to find both sides' files.

    Attributes:
        base: the base commit. Its tree has downstream's side, and its second parent's tree
            upstream's.
        blocked: names that the base cannot hold because upstream has a directory there. The second
            parent's second parent has them.
    """

    base: str
    blocked: frozenset[bytes]


def stub_text(path: ConflictPath, commits: Commits) -> bytes:
    """Return the stub of a path, with commands to take either side."""
    lines = [
        b"Conflict markers cannot represent the conflict of this path: "
        + path.kind.encode()
        + b".",
        b"Put the path right, then delete this file. " + _present(path, commits),
        b"",
        b"    path:       " + shell_word(path.path),
        b"    ancestor:   " + _describe(path.ancestor),
        *_sides(b"    downstream: ", path.downstream, path),
        *_sides(b"    upstream:   ", path.upstream, path),
        b"",
        b"Take downstream's side:",
        *_indented(take_downstream(path, commits)),
        b"Take upstream's side:",
        *_indented(take_upstream(path, commits)),
        b"",
    ]
    return b"\n".join(lines)


def take_downstream(path: ConflictPath, commits: Commits) -> list[bytes]:
    """Return the commands that take downstream's side of a path with a stub."""
    names = commits.blocked & path.downstream.keys()
    return [
        *_replaced(sorted(names), f"{commits.base}^2^2"),
        b"git rm -q -- " + shell_word(stub_path(path.path)),
    ]


def take_upstream(path: ConflictPath, commits: Commits) -> list[bytes]:
    """Return the commands that take upstream's side of a path with a stub."""
    gone = path.downstream.keys() - path.upstream.keys() - commits.blocked
    return [
        *(b"git rm -q -- " + shell_word(name) for name in sorted(gone)),
        *_replaced(sorted(path.upstream), f"{commits.base}^2"),
        b"git rm -q -- " + shell_word(stub_path(path.path)),
    ]


def shell_word(path: bytes) -> bytes:
    """Return a path as one word of a POSIX shell."""
    return b"'" + path.replace(b"'", b"'\\''") + b"'"


def _replaced(names: list[bytes], commit: str) -> Iterator[bytes]:
    """Yield commands that replace whatever exists with files from a commit."""
    for name in names:
        word = shell_word(name)
        yield b"git rm -r -q --ignore-unmatch -- " + word
        yield f"git checkout {commit} -- ".encode() + word


def _present(path: ConflictPath, commits: Commits) -> bytes:
    if commits.blocked & path.downstream.keys():
        return b"Upstream's directory is there now, in place of downstream's file."
    return b"It has downstream's side now."


def _sides(label: bytes, own: Mapping[bytes, Entry], path: ConflictPath) -> Iterator[bytes]:
    if not own:
        yield label + b"none"
    for name, entry in own.items():
        is_elsewhere = name != path.path
        yield label + _describe(entry) + (b", at " + shell_word(name) if is_elsewhere else b"")


def _indented(lines: list[bytes]) -> Iterator[bytes]:
    return (b"    " + line for line in lines)


def _describe(entry: Entry | None) -> bytes:
    return f"{entry.id} (mode {entry.mode})".encode() if entry else b"none"
