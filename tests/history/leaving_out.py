"""Copies histories without some folders, whose contents nobody compares or a clone may lack.

Messages of reverts name the reverted commits of the copy.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from resync_argo.git import DISPOSABLE, Git, clean_environment

_REVERTED = re.compile(rb"(This reverts commit )([0-9a-f]{40})")


def leave_out(target: Path, source: Path, prefix: str, folders: Sequence[str]) -> None:
    """Write the branches of a clone below a prefix of a bare repository that borrows its objects.

    Equal commits of two clones stay equal, since an id depends on nothing else.
    """
    git = Git(directory=target)
    if not target.exists():
        target.mkdir(parents=True)
        git.run("init", "--quiet", "--bare", "--template=", ".")
        allowed = {"uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true"}
        git.configure(allowed | DISPOSABLE)
        (target / "objects" / "info").mkdir(exist_ok=True)
    with (target / "objects" / "info" / "alternates").open("a") as borrowed:
        print(_objects(source), file=borrowed)
    environment = clean_environment()
    with (
        subprocess.Popen(
            [
                *("git", "fast-export", "--no-data", "--reencode=no", "--signed-tags=strip"),
                "--show-original-ids",
                *(f"--refspec=refs/*:{prefix}*", "--branches", "--remotes"),
            ],
            cwd=source,
            stdout=subprocess.PIPE,
            env=environment,
        ) as exported,
        subprocess.Popen(
            ["git", "fast-import", "--quiet", "--force"],
            cwd=target,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        ) as imported,
    ):
        assert exported.stdout is not None
        assert imported.stdin is not None
        assert imported.stdout is not None
        copy = _Copy(imported.stdin, imported.stdout, {os.fsencode(it) for it in folders})
        copy.take(exported.stdout)
        imported.stdin.close()
    assert exported.returncode == imported.returncode == 0


def _objects(clone: Path) -> str:
    return Git(directory=clone).text("rev-parse", "--path-format=absolute", "--git-path", "objects")


@dataclass
class _Copy:
    """Copies the output of `git fast-export` to `git fast-import` (git-fast-import, "Input Format")."""

    target: IO[bytes]
    answers: IO[bytes]
    hidden: set[bytes]
    marks: dict[bytes, bytes] = field(default_factory=dict)
    """The marks of commits, by their original ids."""

    def take(self, stream: IO[bytes]) -> None:
        """Copy the whole stream."""
        head: list[bytes] = []
        while line := stream.readline():
            if line.startswith((b"commit ", b"tag ")) or head:
                head.append(line)
            elif not self.hidden.intersection(_folders(line)):
                self.target.write(line)
            if line.startswith(b"data "):
                text = stream.read(int(line[5:]))
                self._begin(head[:-1], _REVERTED.sub(self._renamed, text))
                head = []

    def _begin(self, head: list[bytes], message: bytes) -> None:
        words = dict(line.rstrip(b"\n").split(b" ", 1) for line in head)
        if b"original-oid" in words and b"mark" in words:
            self.marks[words[b"original-oid"]] = words[b"mark"]
        kept = [line for line in head if not line.startswith(b"original-oid ")]
        self.target.write(b"".join(kept) + b"data %d\n" % len(message) + message)

    def _renamed(self, found: re.Match[bytes]) -> bytes:
        mark = self.marks.get(found[2])
        if mark is None:
            return found[0]
        self.target.write(b"get-mark " + mark + b"\n")
        self.target.flush()
        return found[1] + self.answers.readline().strip()


def _folders(line: bytes) -> list[bytes]:
    """Return the folders of a file that a line changes; none for a line of another kind."""
    words = {b"M ": 3, b"D ": 1}.get(line[:2])
    if words is None:
        return []
    return line.rstrip(b"\n").split(b" ", words)[words].strip(b'"').split(b"/")[:-1]
