"""Bare repositories to which tests commit as people do, with real git and no work tree."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}
START = 1_600_000_000
UNTIDIED = "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[receive]\n\tautoGC = false\n"
"""Settings under which git starts nothing that looks for something to tidy, after each commit, fetch and push."""
_SERVES = "[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n"


def git(where: Path, *argv: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """Run git as a person would; return its output."""
    done = subprocess.run(
        ["git", *argv],
        cwd=where,
        input=stdin,
        env=os.environ | IDENTITY | dict(env or {}),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"git {argv}: {done.stderr.decode(errors='replace')}"
    return done.stdout.decode(errors="surrogateescape").rstrip("\n")


class Repository:
    """A bare repository to which commits are made without a work tree."""

    def __init__(self, path: Path) -> None:
        """Use the one at a path, made if there is none."""
        self.path = path
        self._clock = START
        if path.exists():
            self._clock += 3600
            return
        path.mkdir(parents=True)
        # Tests use only the folder of hooks of git's template.
        git(path, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", ".")
        (path / "hooks").mkdir()
        with (path / "config").open("a") as config:
            config.write(UNTIDIED + _SERVES)

    def git(self, *argv: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """Run git in it."""
        return git(self.path, *argv, stdin=stdin, env=env)

    def commit(
        self,
        branch: str,
        files: Mapping[str, str | bytes | None],
        *,
        message: str = "Change",
        parents: tuple[str, ...] | None = None,
    ) -> str:
        """Commit changed files (None deletes one) on top of a branch; returns the commit.

        One process does it (git-fast-import); plumbing would take two for each file and five more.
        """
        if parents is None:
            tip = self.tip(branch)
            parents = (tip,) if tip else ()
        self._clock += 60
        who = f"{IDENTITY['GIT_AUTHOR_NAME']} <{IDENTITY['GIT_AUTHOR_EMAIL']}> {self._clock} +0000"
        ref = f"refs/heads/{branch}"
        stream = f"reset {ref}\ncommit {ref}\nmark :1\nauthor {who}\ncommitter {who}\n".encode()
        stream += _data(f"{message.removesuffix(chr(10))}\n".encode() if message else b"")
        for number, parent in enumerate(parents):
            stream += f"{'merge' if number else 'from'} {parent}\n".encode()
        stream += b"".join(_change(name, content) for name, content in files.items())
        return self.git(
            "fast-import", "--quiet", "--force", stdin=stream + b"get-mark :1\n"
        ).strip()

    def tag(self, name: str, commit: str, *, annotated: bool = False) -> None:
        """Tag a commit."""
        annotation = ["-a", "-m", f"Release {name}"] if annotated else []
        self.git("tag", "--force", *annotation, name, commit)

    def tip(self, branch: str) -> str | None:
        """Return a branch's commit, or a full ref's; None without it."""
        ref = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
        return self.git("for-each-ref", "--format=%(objectname)", ref) or None

    def show(self, revision: str, path: str) -> str:
        """Return a file's content."""
        return self.git("show", f"{revision}:{path}")


def _change(name: str, content: str | bytes | None) -> bytes:
    """Return the line of git-fast-import that writes or deletes a file."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    path = f'"{escaped}"'.encode(errors="surrogateescape")
    if content is None:
        return b"D " + path + b"\n"
    data = content.encode() if isinstance(content, str) else content
    return b"M 100644 inline " + path + b"\n" + _data(data)


def _data(content: bytes) -> bytes:
    return f"data {len(content)}\n".encode() + content + b"\n"
