"""The story on a laptop, in under a minute: `make demo`, or `python -m tests.demo.local [FOLDER]`.

Two small repositories are made on the spot, kubernetes and its fork. The sample Plan syncs a clean
release, then one with a conflict; the conflict is resolved in its branch, as a person would, and the
same command goes on to the pull request. Needs Python and git; nothing leaves the machine, and
nothing is left on it but the folder, which is made in the temporary directory where none is given.
"""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from resync_argo.local.console import paint
from tests.cluster.told import in_one_line
from tests.world.repositories import (
    BRANCH,
    DOWNSTREAM,
    UPSTREAM,
    Repository,
    make_downstream,
    make_upstream,
    release,
)

PLAN = Path(__file__).with_name("plan.yaml")
POLICY = "pkg/scheduler/scheduler.go"
CONFLICT = 3


class Demo:
    """The two repositories, and the commands that are run on them."""

    def __init__(self, root: Path) -> None:
        """Make the repositories in a folder."""
        self.root = root
        self.pulls = root / "pull-requests"
        self.upstream = make_upstream(root / "upstream")
        self.downstream = make_downstream(root / "downstream", self.upstream)

    def tell(self) -> None:
        """Tell the whole story."""
        self._heading("Upstream is at v1.21.0, and so is the fork, with patches of its own")
        self._shell("git", "-C", self.downstream.path, "log", "--oneline", "--graph", BRANCH)
        self._heading("Upstream releases v1.21.1: the Plan's steps run, a pull request opens")
        release(self.upstream, "1.21.1")
        self._run("1.21.1")
        self._show("0001.md")
        self._merge("1.21.1")
        self._heading("The fork and v1.21.2 change the same line: the run stops and asks")
        self._make_conflict()
        self._run("1.21.2", expected=CONFLICT)
        self._heading("A person resolves it in the branch, and merges that")
        self._resolve("1.21.2")
        self._heading("The same command replays, takes the answer, and goes on to the end")
        self._run("1.21.2")
        self._show("0003.md")
        self._shell("git", "-C", self.downstream.path, "show", f"{self._tip('1.21.2')}:{POLICY}")
        click.echo(f"\nAll of it is in {self.root}")

    def _make_conflict(self) -> None:
        text = 'package scheduler\n\nconst Policy = "{}"\n'
        self.downstream.commit("UPSTREAM: <carry>: pack pods", {POLICY: text.format("pack")})
        release(self.upstream, "1.21.2", {POLICY: text.format("balance")})

    def _merge(self, version: str) -> None:
        self.downstream.git("merge", "--quiet", "--no-ff", "--no-edit", self._tip(version))

    def _resolve(self, version: str) -> None:
        stem = f"refs/heads/resync/z-release-4.8/conflicts/{version}/"
        listing = self.downstream.git("for-each-ref", "--format=%(refname:lstrip=2)", stem)
        base, head = listing.splitlines()
        tree = Repository(self.root / "resolution")
        self.downstream.git("worktree", "add", "--quiet", tree.path, head)
        self._shell("cat", tree.path / POLICY)
        text = 'package scheduler\n\nconst Policy = "pack, then balance"\n'
        tree.commit("Pack first, then balance", {POLICY: text})
        self._shell("git", "-C", tree.path, "show", "--format=%s", "HEAD")
        tree.git("switch", "--quiet", base)
        tree.git("merge", "--quiet", "--no-ff", "--no-edit", head)
        self.downstream.git("worktree", "remove", tree.path)

    def _run(self, version: str, *, expected: int = 0) -> None:
        words: list[str | Path] = ["run", PLAN, "--tag", version, "--forge", self.pulls]
        program = Path(sys.executable).with_name("resync-argo")
        self._shell(program, *words, expected=expected)

    def _show(self, name: str) -> None:
        self._shell("cat", self.pulls / name)

    def _tip(self, version: str) -> str:
        return f"refs/heads/resync/z-release-4.8/{version}"

    def _heading(self, text: str) -> None:
        click.echo(f"\n{paint(f'== {text}', 'green', bold=True)}")

    def _shell(self, program: str | Path, *words: str | Path, expected: int = 0) -> None:
        shown = shlex.join([Path(program).name, *map(str, words)])
        click.echo(paint(f"$ {shown}", bold=True))
        code = subprocess.run([program, *words], env=self._environment(), check=False).returncode
        if code != expected:
            raise SystemExit(f"{shown} ended with {code}, not with {expected}")

    def _environment(self) -> Mapping[str, str]:
        """Say where the repositories are, to the commands of the demo alone."""
        paths = {UPSTREAM: self.upstream.path, DOWNSTREAM: self.downstream.path}
        variables = {"GIT_CONFIG_COUNT": str(len(paths)), "GIT_PAGER": "cat"}
        for number, (name, path) in enumerate(paths.items()):
            variables[f"GIT_CONFIG_KEY_{number}"] = f"url.{path}.insteadOf"
            variables[f"GIT_CONFIG_VALUE_{number}"] = f"https://{name}"
        return {**os.environ, **variables}


def main(arguments: list[str]) -> None:
    """Tell the story in a folder."""
    given = arguments[0] if arguments else tempfile.mkdtemp(prefix="resync-argo-demo-")
    with in_one_line("make demo"):
        Demo(Path(given).resolve()).tell()


if __name__ == "__main__":
    main(sys.argv[1:])
