"""The text of a stub: what a person reads beside a path that cannot hold marker lines.

Written into the head commit of a conflict pull request. A path's bytes stand in it as they are; in
commands they are a quoted shell word.
"""

from resync_argo.conflicts.markers import stub_path
from resync_argo.conflicts.record import ConflictPath, Entry, Record


def stub_text(record: Record, path: ConflictPath, base: str) -> bytes:
    """Return the stub of a path, with commands to take either side.

    Args:
        record: of the conflict.
        path: one of its paths.
        base: the base commit, whose tree has downstream's side and whose second parent's has
            upstream's.
    """
    conflict = record.conflict
    downstream, upstream = (path.stages.get(n) for n in (conflict.downstream, conflict.upstream))
    word, stub = shell_word(path.path), shell_word(stub_path(path.path))
    lines = [
        b"This path is in conflict, and marker lines cannot show how: " + path.kind.encode() + b".",
        b"It has downstream's side now. Make it what it shall be, then delete this file.",
        b"",
        b"    path:       " + word,
        b"    ancestor:   " + _describe(path.stages.get(1)),
        b"    downstream: " + _describe(downstream),
        b"    upstream:   " + _describe(upstream),
        b"",
        b"Keep downstream's side:",
        b"    git rm -- " + stub,
        b"Take upstream's side:",
        *take_commands(word, downstream, upstream, f"{base}^2"),
        b"    git rm -- " + stub,
        b"",
    ]
    return b"\n".join(lines)


def take_commands(
    word: bytes, present: Entry | None, wanted: Entry | None, commit: str
) -> list[bytes]:
    """Return the command that gives a path the entry that it has in a commit; none if it has it."""
    if wanted is None:
        return [b"    git rm -- " + word] if present else []
    return [f"    git checkout {commit} -- ".encode() + word]


def shell_word(path: bytes) -> bytes:
    """Return a path as one word of a POSIX shell."""
    return b"'" + path.replace(b"'", b"'\\''") + b"'"


def _describe(entry: Entry | None) -> bytes:
    return f"{entry.id} (mode {entry.mode})".encode() if entry else b"none"
