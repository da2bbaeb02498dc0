"""A clone with our `git` beside it, for tests of what happens at a conflict.

`make_clone` gives the layout of the pod's workspace in a folder: `repository` and the control folder
with the programs. Scripts run through the step wrapper, in a process group of their own, with the
shell that a test asks for.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from resync_argo.attempt.checkout.workspace import install_programs
from resync_argo.attempt.steps.control import Control
from resync_argo.conflicts.objects import list_tree
from resync_argo.conflicts.record import Conflict, ConflictPath, Entry
from resync_argo.git import Git

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}
SHELLS = {"dash": "/usr/bin/dash", "busybox": "/usr/bin/busybox sh"}
DATE = {"GIT_AUTHOR_DATE": "@1600000000 +0000", "GIT_COMMITTER_DATE": "@1600000000 +0000"}

Content = str | bytes | None


@dataclass(frozen=True, kw_only=True)
class Clone:
    """A work tree on `main` (downstream), with the ref `upstream`, and its control folder.

    Attributes:
        workspace: holds both.
        shell: of the steps and of our `git`.
        programs: folder of the steps' own git; by default this machine's.
    """

    workspace: Path
    shell: str
    programs: Path | None = None

    @property
    def directory(self) -> Path:
        """Return the work tree."""
        return self.workspace / "repository"

    @property
    def control(self) -> Control:
        """Return the control folder."""
        return Control(directory=self.workspace / ".resync")

    def git(self, *argv: str | bytes, stdin: bytes = b"") -> str:
        """Run git as a person would; returns what it printed, without the last line's end."""
        done = subprocess.run(
            ["git", *argv],
            cwd=self.directory,
            env=os.environ | IDENTITY | DATE,
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (argv, done.stderr)
        return done.stdout.decode(errors="surrogateescape").rstrip("\n")

    def write(self, files: Mapping[str, Content]) -> None:
        """Write files; None deletes one. Names may hold any bytes as surrogates."""
        for name, content in files.items():
            path = self.directory / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str, files: Mapping[str, Content] | None = None) -> str:
        """Commit files and whatever else lies in the work tree; returns the commit."""
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a step's script; its exit code is the wrapper's."""
        return subprocess.run(
            [*self.shell.split(), str(self.control.wrapper), "02-step", "{@{", script],
            env={
                **IDENTITY,
                **DATE,
                "PATH": f"{self.programs or '/nowhere'}:{os.environ['PATH']}",
                "HOME": str(self.workspace),
                "RESYNC_TERMINATION_LOG": str(self.workspace / "termination"),
            },
            capture_output=True,
            check=False,
            text=True,
            errors="surrogateescape",
            process_group=0,
            timeout=120,
        )

    def tracked(self) -> dict[str, str]:
        """Return `mode:id` by path of what HEAD holds."""
        listing = self.git("ls-tree", "-r", "-z", "HEAD").split("\0")
        entries = [line.partition("\t") for line in listing if line]
        return {path: ":".join(meta.split()[0:3:2]) for meta, _, path in entries}

    def read(self, path: str, revision: str = "HEAD") -> str:
        """Return a file's content in a commit."""
        return self.git("cat-file", "blob", f"{revision}:{path}")


def make_clone(
    root: Path,
    *,
    shell: str = "dash",
    base: Mapping[str, Content],
    downstream: Mapping[str, Content],
    upstream: Mapping[str, Content],
) -> Clone:
    """Return a clone whose `main` and `upstream` went different ways from `base`."""
    clone = Clone(workspace=root / "workspace", shell=SHELLS[shell])
    clone.directory.mkdir(parents=True)
    clone.git("init", "-q", "-b", "main", ".")
    clone.commit("Begin", base)
    clone.git("tag", "begin")
    clone.git("checkout", "-q", "-b", "upstream")
    release = clone.commit("Release", upstream)
    clone.git("checkout", "-q", "main")
    clone.commit("Carry", downstream)
    install_programs(clone.control)
    program = clone.control.git.read_text()
    clone.control.git.write_text(program.replace("#!/bin/sh", f"#!{SHELLS[shell]}", 1))
    clone.control.environment.write_text(f"export UPSTREAM_COMMIT={release}\n")
    return clone


def recorded_conflict(clone: Clone) -> Conflict:
    """Return the conflict at which the last script stopped."""
    text = clone.control.conflict.read_text()
    fields = dict(line.split(" ", 1) for line in text.splitlines())
    stages: dict[bytes, dict[int, Entry]] = {}
    for number in (1, 2, 3):
        tree = f"{fields['commit']}:stage{number}"
        for path, entry in list_tree(Git(directory=clone.directory), tree).items():
            stages.setdefault(path, {})[number] = entry
    return Conflict(
        operation=fields["operation"],
        stop=fields["stop"],
        upstream=int(fields["upstream"]),
        step=fields["step"],
        paths=tuple(ConflictPath(path=path, stages=stages[path]) for path in sorted(stages)),
    )


def answer(clone: Clone, answers: Mapping[str, Content], changes: Sequence[str] = ()) -> Conflict:
    """Resolve what is recorded as a person's pull request would; then forget that we stopped.

    Args:
        clone: whose script stopped.
        answers: the content of each path; None deletes it.
        changes: further lines of the resolutions file.
    """
    conflict = recorded_conflict(clone)
    lines = []
    for path in conflict.paths:
        content = answers[path.path.decode(errors="surrogateescape")]
        result = "-" if content is None else f"100644:{store(clone, content)}"
        lines.append(f"path\tabcd1234\t{conflict.where} {path.key}\t{result}\n")
    with clone.control.resolutions.open("a") as file:
        file.writelines([*lines, *changes])
    clone.control.conflict.unlink()
    clone.control.decisions.unlink(missing_ok=True)
    return conflict


def store(clone: Clone, content: str | bytes) -> str:
    """Write a blob and return its id."""
    data = content.encode() if isinstance(content, str) else content
    return clone.git("hash-object", "-w", "--stdin", stdin=data)


def start_over(clone: Clone, commit: str) -> None:
    """Bring the clone back to where the step began, as a fresh checkout would have it."""
    for operation in ("merge", "rebase", "cherry-pick", "revert", "am"):
        subprocess.run(
            ["git", operation, "--abort"], cwd=clone.directory, check=False, capture_output=True
        )
    clone.git("checkout", "-q", "-f", "-B", "main", commit)
    clone.git("clean", "-q", "-fdx")
