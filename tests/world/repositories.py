"""Two small repositories, shaped as the founding document's Plan expects: kubernetes and its fork.

Upstream has `go.mod`, a Makefile with `update`, a changelog and releases as annotated tags; the
downstream adds a Dockerfile, a vendor script and patches of its own. Both are real git
repositories in folders, ready to be pushed to a forge.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

UPSTREAM = "github.com/kubernetes/kubernetes"
DOWNSTREAM = "github.com/openshift/kubernetes"
BRANCH = "release-4.8"

_UPSTREAM_FILES = {
    "go.mod": "module k8s.io/kubernetes\n\ngo 1.21\n",
    "Makefile": "update:\n\tsh hack/update-generated.sh\n",
    "hack/update-generated.sh": 'printf "generated for %s\\n" "$(cat VERSION)" > zz_generated.txt\n',
    "cmd/kubelet/main.go": "package main\n\nfunc main() {}\n",
    "pkg/scheduler/scheduler.go": 'package scheduler\n\nconst Policy = "spread"\n',
    "VERSION": "1.21.0\n",
    "CHANGELOG.md": "# 1.21.0\n",
}
_DOWNSTREAM_FILES = {
    "hack/update-vendor.sh": "#!/bin/sh\nset -e\nmkdir -p vendor\ncp go.mod vendor/modules.txt\n",
    "openshift-hack/images/hyperkube/Dockerfile.rhel": (
        'FROM scratch\nLABEL io.openshift.build.versions="kubernetes=1.21.0"\n'
    ),
    "openshift-hack/patches.md": "UPSTREAM: <carry>: everything that OpenShift adds\n",
}
_IDENTITY = {
    "GIT_AUTHOR_NAME": "A Developer",
    "GIT_AUTHOR_EMAIL": "developer@example.com",
    "GIT_COMMITTER_NAME": "A Developer",
    "GIT_COMMITTER_EMAIL": "developer@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass
class Repository:
    """A work tree in a folder; each commit is one second younger than the one before."""

    path: Path
    _second: int = field(default=0)

    def git(self, *argv: str | Path) -> str:
        """Run git here and return what it printed."""
        self._second += 1
        date = f"2026-01-01T00:00:{self._second % 60:02d}+00:00"
        environment = {
            **os.environ,
            **_IDENTITY,
            "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_DATE": date,
        }
        done = subprocess.run(
            ["git", *argv],
            cwd=self.path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"git {argv[0]} failed: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    def commit(self, message: str, files: Mapping[str, str | None]) -> str:
        """Write files (None removes one) and commit them; return the commit's id."""
        for name, content in files.items():
            file = self.path / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
            if content.startswith("#!"):
                file.chmod(0o755)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def push(self, url: str, token: str, *refs: str) -> None:
        """Push refs to a repository over HTTP with a token that no argument carries."""
        self._with_token(token, "push", "--quiet", "--force", url, *refs)

    def fetch(self, url: str, token: str, *refs: str) -> None:
        """Fetch refs of a repository over HTTP, likewise."""
        self._with_token(token, "fetch", "--quiet", url, *refs)

    def _with_token(self, token: str, *argv: str) -> None:
        helper = '!f() { echo username=x-access-token; echo "password=$GIT_TOKEN"; }; f'
        subprocess.run(
            ["git", "-c", f"credential.helper={helper}", *argv],
            cwd=self.path,
            env={**os.environ, **_IDENTITY, "GIT_TOKEN": token, "GIT_TERMINAL_PROMPT": "0"},
            check=True,
        )


def make_upstream(folder: Path) -> Repository:
    """Make upstream with its first release, v1.21.0."""
    folder.mkdir(parents=True)
    repository = Repository(folder)
    repository.git("init", "--quiet", "--initial-branch", "main")
    repository.commit("Release 1.21.0", _UPSTREAM_FILES)
    repository.git("tag", "--annotate", "--message", "v1.21.0", "v1.21.0")
    return repository


def make_downstream(folder: Path, upstream: Repository) -> Repository:
    """Make the fork of v1.21.0 with its own files on the release branch."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    upstream.git("clone", "--quiet", upstream.path, folder)
    repository = Repository(folder)
    repository.git("checkout", "--quiet", "-b", BRANCH, "v1.21.0")
    repository.commit("UPSTREAM: <carry>: build for OpenShift", _DOWNSTREAM_FILES)
    return repository


def release(
    upstream: Repository, version: str, files: Mapping[str, str | None] | None = None
) -> str:
    """Commit and tag a release of upstream; return the commit's id."""
    changes = {"VERSION": f"{version}\n", "CHANGELOG.md": f"# {version}\n", **(files or {})}
    commit = upstream.commit(f"Release {version}", changes)
    upstream.git("tag", "--annotate", "--message", f"v{version}", f"v{version}")
    return commit
