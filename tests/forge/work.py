"""A person's clone: real git, real commits, pushed where told."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "A Person",
    "GIT_AUTHOR_EMAIL": "person@example.com",
    "GIT_COMMITTER_NAME": "A Person",
    "GIT_COMMITTER_EMAIL": "person@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


class Work:
    """A work tree on the branch `main`."""

    def __init__(self, directory: Path, *, push_url: str | None = None) -> None:
        """Make it; with `push_url` every commit is pushed there at once."""
        self.directory = directory
        self.push_url = push_url
        directory.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *argv: str) -> str:
        """Run git and return what it printed."""
        done = subprocess.run(
            ["git", *argv],
            cwd=self.directory,
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"git {argv[0]}: {done.stderr}"
        return done.stdout.strip()

    def commit(
        self, branch: str, files: Mapping[str, str | None], *, base: str | None = None
    ) -> str:
        """Commit files (None: deleted) on a branch, begun at `base` if given; return the commit."""
        if base is not None:
            self.git("checkout", "--quiet", "-B", branch, base)
        elif self.git("branch", "--list"):
            self.git("checkout", "--quiet", branch)
        for path, content in files.items():
            file = self.directory / path
            if content is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", f"Change {branch}")
        self.push(branch)
        return self.git("rev-parse", "HEAD")

    def merge(self, branch: str, *, into: str) -> str:
        """Merge as a person does; return the merge commit."""
        self.git("checkout", "--quiet", into)
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {branch}", branch)
        self.push(into)
        return self.git("rev-parse", "HEAD")

    def push(self, branch: str) -> None:
        """Push a branch, where there is somewhere to push to."""
        if self.push_url:
            self.git("push", "--quiet", "--force", self.push_url, f"{branch}:refs/heads/{branch}")
