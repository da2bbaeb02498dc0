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


def git(where: Path, *argv: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
    """Run git as a person would; returns what it printed."""
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
        git(path, "init", "--quiet", "--bare", "--initial-branch=main", ".")
        git(path, "config", "uploadpack.allowFilter", "true")
        git(path, "config", "uploadpack.allowAnySHA1InWant", "true")

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
        """Commit changed files (None deletes one) on top of a branch; returns the commit."""
        tip = self.tip(branch)
        if parents is None:
            parents = (tip,) if tip else ()
        index = {"GIT_INDEX_FILE": str(self.path / f"index-{branch.replace('/', '-')}")}
        self.git("read-tree", parents[0] if parents else "--empty", env=index)
        for name, content in files.items():
            self._stage(name, content, index)
        tree = self.git("write-tree", env=index)
        self._clock += 60
        date = {"GIT_AUTHOR_DATE": f"@{self._clock} +0000"}
        date["GIT_COMMITTER_DATE"] = date["GIT_AUTHOR_DATE"]
        ancestry = [word for parent in parents for word in ("-p", parent)]
        commit = self.git("commit-tree", tree, *ancestry, "-m", message, env=date)
        self.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def _stage(self, name: str, content: str | bytes | None, index: Mapping[str, str]) -> None:
        mode, blob = "0", "0" * 40
        if content is not None:
            data = content.encode() if isinstance(content, str) else content
            mode, blob = "100644", self.git("hash-object", "-w", "--stdin", stdin=data)
        line = f"{mode} {blob}\t{name}\0".encode(errors="surrogateescape")
        self.git("update-index", "--add", "-z", "--index-info", stdin=line, env=index)

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
