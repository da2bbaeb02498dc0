"""A clone with our `git` beside it, for tests of conflicts.

`make_clone` lays out a folder like the pod's workspace: `repository`, the control folder with the
programs, and beside them the trusted clone. Scripts run through the step wrapper,
with the test's shell, while a resolver answers them.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from resync_argo.api.plan import Config, ConflictRule
from resync_argo.attempt.checkout.workspace import install_programs
from resync_argo.attempt.conflict.answers import Answered, Merged
from resync_argo.attempt.conflict.stop import Stop, read_conflict
from resync_argo.attempt.context import Attempt, Parameters, ReplayInput
from resync_argo.attempt.resolve.people import People
from resync_argo.attempt.resolve.resolver import Resolver
from resync_argo.attempt.steps.control import Control
from resync_argo.conflicts.record import Conflict, Entries, Entry, Record
from resync_argo.conflicts.resolution import Change, Resolution
from resync_argo.contract import Contract, Layout, StepContract
from tests.git.fakes import MemoryForge, MemoryNotifier
from tests.git.repositories import UNTIDIED
from tests.git.steps import run_answered

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


@dataclass(frozen=True)
class Moded:
    """Content with a special mode: an executable, a link's target, a submodule's commit."""

    mode: str
    content: str


Content = str | bytes | Moded | None


@dataclass(frozen=True, kw_only=True)
class Clone:
    """A work tree on `main` (downstream), with the ref `upstream`, and its control folder.

    Attributes:
        workspace: holds both.
        shell: what runs the steps and our `git`.
        programs: folder of the steps' own git; by default this machine's.
        rules: the Plan's.
        answered: people's earlier answers.
        steps: the Plan's.
    """

    workspace: Path
    shell: str
    programs: Path | None = None
    rules: list[ConflictRule] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    steps: list[StepContract] = field(default_factory=list)

    @property
    def directory(self) -> Path:
        """Return the work tree."""
        return self.workspace / "repository"

    @property
    def control(self) -> Control:
        """Return the control folder."""
        return Control(directory=self.workspace / ".resync")

    @property
    def attempt(self) -> Attempt:
        """Return the attempt that the clone belongs to."""
        config = {
            "upstream": {"name": "forge.test/up/project", "matchedVersions": ["1.x"]},
            "downstream": {"name": "forge.test/down/project", "branch": "main"},
            "image": "unused",
        }
        contract = Contract(
            plan="z-release",
            namespace="default",
            config=Config.parse(config).model_copy(update={"conflicts": tuple(self.rules)}),
            steps=tuple(self.steps),
            slack_api_url="https://slack.invalid/api/",
        )
        trusted = self.workspace.parent / "trusted"
        layout = Layout(workspace=self.workspace, trusted=trusted)
        return Attempt(
            contract=contract,
            layout=layout,
            parameters=Parameters(tag="1.1.0"),
            connect_forge=lambda: MemoryForge(self.directory),
            connect_notifier=MemoryNotifier,
        )

    def git(self, *argv: str | bytes, stdin: bytes = b"") -> str:
        """Run git as a person would; return its output without the last line break."""
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
            if path.is_symlink() or path.is_file():
                path.unlink()
            if content is None:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Moded):
                self._write_moded(path, content)
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)

    def _write_moded(self, path: Path, content: Moded) -> None:
        match content.mode:
            case "120000":
                path.symlink_to(content.content)
            case "160000":
                # A repository with one commit that stands for the submodule's.
                path.mkdir()
                self.git("-C", str(path), "init", "-q")
                message = f"commit {content.content}"
                self.git("-C", str(path), "commit", "-q", "--allow-empty", "-m", message)
            case _:
                path.write_text(content.content)
                path.chmod(0o755)

    def commit(self, message: str, files: Mapping[str, Content] | None = None) -> str:
        """Commit files and whatever else is in the work tree; return the commit."""
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
        return self.git("rev-parse", "HEAD")

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a step's script; its exit code is the wrapper's."""
        return self.call(
            [*self.shell.split(), str(self.control.wrapper), "step", "{@{", script],
            {
                **IDENTITY,
                **DATE,
                "PATH": f"{self.programs or '/nowhere'}:{os.environ['PATH']}",
                "HOME": str(self.workspace),
                "RESYNC_TERMINATION_LOG": str(self.workspace / "termination"),
            },
        )

    def call(
        self, argv: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the clone while a resolver answers."""
        resolver = Resolver(attempt=self.attempt, people=People(answered=self.answered))
        done = run_answered(argv, resolver, folder=self.directory, environment=environment)
        out, err = (it.decode(errors="surrogateescape") for it in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(argv, done.returncode, out, err)

    def tracked(self) -> dict[str, str]:
        """Return `mode:id` by path for HEAD."""
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
    """Return a clone whose `main` and `upstream` diverged from `base`."""
    clone = Clone(workspace=root / "workspace", shell=SHELLS[shell])
    clone.directory.mkdir(parents=True)
    clone.git("init", "-q", "--template=", "-b", "main", ".")
    (clone.directory / ".git" / "info").mkdir()
    with (clone.directory / ".git" / "config").open("a") as config:
        config.write(f"[user]\n\tname = Ada\n\temail = ada@example.org\n{UNTIDIED}")
    clone.commit("Begin", base)
    clone.git("tag", "begin")
    clone.git("checkout", "-q", "-b", "upstream")
    release = clone.commit("Release", upstream)
    clone.git("checkout", "-q", "main")
    head = clone.commit("Carry", downstream)
    install_programs(clone.control)
    program = clone.control.git.read_text()
    clone.control.git.write_text(program.replace("#!/bin/sh", f"#!{SHELLS[shell]}", 1))
    clone.control.environment.write_text("")
    attempt = clone.attempt
    attempt.layout.trusted.mkdir()
    clone.git("clone", "-q", "--bare", ".", str(attempt.layout.repository))
    attempt.save(ReplayInput(head=head, tag="v1.1.0", tag_commit=release, version="1.1.0", date=0))
    return clone


def recorded_stop(clone: Clone) -> Stop:
    """Return where the last script stopped."""
    stop = read_conflict(clone.attempt)
    assert stop is not None
    return stop


def recorded_conflict(clone: Clone) -> Conflict:
    """Return the conflict at which the last script stopped."""
    return recorded_stop(clone).conflict


def answer(
    clone: Clone,
    answers: Mapping[str, Content],
    changes: Sequence[Change] = (),
    *,
    authors: tuple[str, ...] = (),
) -> Conflict:
    """Resolve the recorded conflict as a person's pull request would; then forget that we stopped.

    Args:
        clone: the one whose script stopped.
        answers: the content of each conflicted path; None deletes it.
        changes: the person's other changes.
        authors: the people who resolved it, as `Name <address>`.
    """
    conflict = recorded_conflict(clone)
    resolved: dict[bytes, Entries] = {}
    for path in conflict.paths:
        content = answers[path.path.decode(errors="surrogateescape")]
        assert not isinstance(content, Moded)
        entry = None if content is None else Entry("100644", store(clone, content))
        resolved[path.path] = {**path.side({}), path.path: entry}
    key = f"{len(clone.answered):08x}"
    clone.answered.append(
        Answered(
            merged=Merged(key=key, number=1, url=f"https://forge.test/{key}", tip="0" * 40),
            record=Record(key=key, conflict=conflict, head="0" * 40, tag="0" * 40),
            resolution=Resolution(answers=resolved, left=(), changes=tuple(changes)),
            authors=authors,
        )
    )
    clone.control.conflict.unlink()
    (clone.attempt.layout.trusted / "stop.json").unlink()
    return conflict


def store(clone: Clone, content: str | bytes) -> str:
    """Write a blob to the repository of people's answers and return its id; the steps' clone lacks it."""
    data = content.encode() if isinstance(content, str) else content
    repository = clone.attempt.repository
    return repository.run("hash-object", "-w", "--stdin", stdin=data).decode().strip()


def start_over(clone: Clone, commit: str) -> None:
    """Reset the clone to the step's beginning, like a fresh checkout."""
    for operation in ("merge", "rebase", "cherry-pick", "revert", "am"):
        subprocess.run(
            ["git", operation, "--abort"], cwd=clone.directory, check=False, capture_output=True
        )
    clone.git("checkout", "-q", "-f", "-B", "main", commit)
    clone.git("clean", "-q", "-fdx")
