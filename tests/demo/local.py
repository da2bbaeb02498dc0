"""The story on a laptop, in under a minute: `make demo`, or `python -m tests.demo.local [FOLDER]`.

Two small repositories are made on the spot, kubernetes and its fork. The sample Plan syncs a clean
release, then one with a conflict; the command that was printed opens it in an editor, and goes on to the
pull request. Needs Python and git; nothing leaves the machine, and
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
        self.editor = "true"
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
        printed = self._run("1.21.2", expected=CONFLICT)
        self._heading(
            "The command that was printed opens it in your editor, which shows this; then it goes on to the end"
        )
        self._resolve(printed)
        self._show("0003.md")
        self._shell("git", "-C", self.downstream.path, "show", f"{self._tip('1.21.2')}:{POLICY}")
        program = _program()
        click.echo(f"\nAll of it is in {self.root}; `rm -r` it when you have seen enough.")
        click.echo(
            "What now, with a Plan of your own (`resync-argo init UPSTREAM DOWNSTREAM` writes one):"
        )
        for command in ("lint", "preview", "run --dry-run"):
            word, *options = command.split(" ")
            click.echo(f"  {' '.join([str(program), word, 'plan.yaml', *options])}")

    def _make_conflict(self) -> None:
        text = 'package scheduler\n\nconst Policy = "{}"\n'
        self.downstream.commit("UPSTREAM: <carry>: pack pods", {POLICY: text.format("pack")})
        release(self.upstream, "1.21.2", {POLICY: text.format("balance")})

    def _merge(self, version: str) -> None:
        self.downstream.git("merge", "--quiet", "--no-ff", "--no-edit", self._tip(version))

    def _resolve(self, printed: str) -> None:
        """Do what the run told, with an editor that shows the file and writes the answer."""
        text = 'package scheduler\n\nconst Policy = "pack, then balance"\n'
        self.editor = f"cat {POLICY} && printf %s {shlex.quote(text)} >"
        _, *words = shlex.split(printed.splitlines()[-1])
        self._shell(_program(), *words)

    def _run(self, version: str, *, expected: int = 0) -> str:
        words: list[str | Path] = ["run", PLAN, "--tag", version, "--forge", self.pulls]
        return self._shell(_program(), *words, expected=expected)

    def _show(self, name: str) -> None:
        self._shell("cat", self.pulls / name)

    def _tip(self, version: str) -> str:
        return f"refs/heads/resync/z-release-4.8/{version}"

    def _heading(self, text: str) -> None:
        click.echo(f"\n{paint(f'== {text}', 'green', bold=True)}")

    def _shell(self, program: str | Path, *words: str | Path, expected: int = 0) -> str:
        """Run a program and show what it says; return what it wrote to standard output."""
        name = Path(program).name
        shown = words[-1] if name == "sh" else shlex.join([name, *map(str, words)])
        click.echo(paint(f"$ {shown}", bold=True))
        done = subprocess.run(
            [program, *words],
            env=self._environment(),
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        click.echo(done.stdout, nl=False)
        if done.returncode != expected:
            raise SystemExit(f"{shown} ended with {done.returncode}, not with {expected}")
        return done.stdout

    def _environment(self) -> Mapping[str, str]:
        """Say where the repositories are, to the commands of the demo alone."""
        paths = {UPSTREAM: self.upstream.path, DOWNSTREAM: self.downstream.path}
        variables = {"GIT_CONFIG_COUNT": str(len(paths)), "GIT_PAGER": "cat"}
        for number, (name, path) in enumerate(paths.items()):
            variables[f"GIT_CONFIG_KEY_{number}"] = f"url.{path}.insteadOf"
            variables[f"GIT_CONFIG_VALUE_{number}"] = f"https://{name}"
        # Whoever has not told git who they are sees the demo all the same.
        names = {"NAME": "You", "EMAIL": "you@example.com"}
        person = {
            f"GIT_{role}_{name}": value
            for role in ("AUTHOR", "COMMITTER")
            for name, value in names.items()
        }
        return {**person, **os.environ, **variables, "GIT_EDITOR": self.editor}


def _program() -> Path:
    return Path(sys.executable).with_name("resync-argo")


def main(arguments: list[str]) -> None:
    """Tell the story in a folder."""
    given = arguments[0] if arguments else tempfile.mkdtemp(prefix="resync-argo-demo-")
    with in_one_line("make demo"):
        Demo(Path(given).resolve()).tell()


if __name__ == "__main__":
    main(sys.argv[1:])
