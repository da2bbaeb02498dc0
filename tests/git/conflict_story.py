"""A sync with conflicts as people experience it: attempts, pull requests, and a person's actions.

`Story` runs whole attempts on a `World` (checkout, every step, main) like the pod but without its
waiting, and acts as the maintainer: resolves in a clone, and merges with a method.
"""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.attempt.conflict.pull_request import publish_conflict
from resync_argo.attempt.conflict.stop import read_conflict
from resync_argo.attempt.results import Result
from resync_argo.contract import StepContract
from resync_argo.forge.interface import PullRequest
from tests.git.builders import BRANCH, Run, World, make_world
from tests.git.clones import Moded
from tests.git.fakes import MemoryForge
from tests.git.repositories import Repository, git

BASE = {"f.txt": "1\n2\n3\n", "g.txt": "a\nb\nc\n", "caller.txt": "calls f\n\n\n\nand g\n"}
DOWNSTREAM = {"f.txt": "1\ndown\n3\n", "g.txt": "a\ndown\nc\n", "gone.txt": "gone\n"}
UPSTREAM = {"f.txt": "1\nup\n3\n", "g.txt": "a\nup\nc\n", "new.txt": "new\n"}
RESOLVED = {"f.txt": "1\nboth\n3\n", "g.txt": "a\nboth\nc\n"}
MERGE = ("git merge --no-edit $UPSTREAM_REF", "git log -1 --format=%s > subject.txt")


Content = str | bytes | Moded | None
Files = Mapping[str, Content]


@dataclass(frozen=True, kw_only=True)
class Fork:
    """The repository that branches are pushed to, if it is not the downstream."""

    repository: Repository
    forge: MemoryForge


@dataclass
class Story:
    """Attempts on one world, one after another."""

    world: World
    scripts: tuple[str | StepContract, ...]
    config: Mapping[str, object] = field(default_factory=dict)
    attempts: list[Run] = field(default_factory=list)
    workflow: str = "run"
    fork: Fork | None = None
    owner: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def forge(self) -> MemoryForge:
        """Return the forge with the conflict pull requests."""
        return self.fork.forge if self.fork else self.world.forge

    @property
    def repository(self) -> Repository:
        """Return the repository with their branches."""
        return self.fork.repository if self.fork else self.world.downstream

    def attempt(self) -> Result | None:
        """Run one attempt; return main's report of a conflict, or None if all steps succeeded."""
        number = len(self.attempts) + 1
        run = self.world.attempt(
            *self.scripts,
            number=number,
            config=self.config,
            parameters={"workflow": self.workflow, "owner": self.owner, **self.parameters},
        )
        if self.fork is not None:
            forge = self.fork.forge
            attempt = replace(run.attempt, connect_conflict_forge=lambda: forge)
            run = replace(run, attempt=attempt)
        self.attempts.append(run)
        if checkout(run.attempt).asks_at_once:
            return self._asked(run)
        for container in run.scripts:
            done = run.step(container, env=self.variables)
            if done.returncode == 10:
                return self._asked(run)
            assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")
        return None

    def _asked(self, run: Run) -> Result:
        stop = read_conflict(run.attempt)
        assert stop is not None
        return publish_conflict(run.attempt, stop)

    def conflict(self) -> PullRequest:
        """Run an attempt that must end in a conflict; return its pull request."""
        result = self.attempt()
        assert result is not None
        return next(it for it in self.forge.pulls if it.url == result.pull_request)

    def finish(self) -> Path:
        """Run an attempt that must succeed; return the steps' clone."""
        result = self.attempt()
        assert result is None, result
        return self.attempts[-1].work_tree

    def clone_of(self, branch: str) -> Path:
        """Return a fresh clone of a downstream branch, as on a laptop."""
        folder = self.world.root / "laptops" / str(len(list(self.world.root.glob("laptops/*"))))
        folder.parent.mkdir(exist_ok=True)
        options = ("-q", "-c", "maintenance.auto=false", "-b", branch)
        git(self.world.root, "clone", *options, str(self.repository.path), str(folder))
        return folder

    def diff(self, pull: PullRequest, *options: str) -> str:
        """Return the pull request's diff as the forge shows it."""
        return self.repository.git("diff", *options, f"{pull.base_branch}...{pull.head_branch}")

    def push(self, pull: PullRequest, change: Callable[[Path], None] | Files) -> None:
        """Push a person's commit to the head branch: files (None deletes one), or a function's changes."""
        folder = self.clone_of(pull.head_branch)
        if callable(change):
            change(folder)
        else:
            write(folder, change)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", "Resolve")
        git(folder, "push", "-q", "origin", f"HEAD:{pull.head_branch}")

    def merge(self, pull: PullRequest, method: str = "merge") -> None:
        """Merge a pull request with a method of GitHub's: merge, squash or rebase."""
        folder = self.clone_of(pull.base_branch)
        git(folder, "fetch", "-q", "origin", pull.head_branch)
        if method == "squash":
            git(folder, "merge", "-q", "--squash", "FETCH_HEAD")
            git(folder, "commit", "-q", "--allow-empty", "-m", f"{pull.title} (#{pull.number})")
        elif method == "rebase":
            span = "HEAD..FETCH_HEAD"
            git(folder, "cherry-pick", "--allow-empty", "--keep-redundant-commits", span)
        else:
            git(folder, "merge", "-q", "--no-ff", "-m", f"Merge #{pull.number}", "FETCH_HEAD")
        git(folder, "push", "-q", "origin", f"HEAD:{pull.base_branch}")
        self.forge.mark_merged(pull.number, git(folder, "rev-parse", "HEAD"))

    def resolve(self, pull: PullRequest, change: Files, method: str = "merge") -> None:
        """Push a resolution and merge it."""
        self.push(pull, change)
        self.merge(pull, method)


def write(folder: Path, files: Files) -> None:
    """Write files into a work tree; None deletes one."""
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.unlink()
            continue
        assert not isinstance(content, Moded)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def make_story(
    root: Path,
    scripts: Sequence[str | StepContract],
    *,
    base: Files,
    downstream: Files,
    upstream: Files,
    config: Mapping[str, object] | None = None,
) -> Story:
    """Return a story in which both sides changed what upstream released as 1.0.5.

    Downstream's branch is 1.0.5 and a commit of its own; upstream's 1.1.0 is to be synced.
    """
    world = make_world(root)
    first = put(world.upstream, "main", base, "Prepare")
    world.upstream.tag("v1.0.5", first)
    release = put(world.upstream, "main", upstream, "Change upstream's side")
    world.upstream.tag("v1.1.0", release)
    world.downstream.git("fetch", "-q", str(world.upstream.path), f"+{first}:refs/heads/{BRANCH}")
    put(world.downstream, BRANCH, downstream, "Change downstream's side")
    return Story(world=world, scripts=tuple(scripts), config=dict(config or {}))


def put(repository: Repository, branch: str, files: Files, message: str) -> str:
    """Commit files of any mode on top of a branch; returns the commit."""
    tip = repository.tip(branch)
    assert tip is not None
    index = {"GIT_INDEX_FILE": str(repository.path / "index-story")}
    repository.git("read-tree", tip, env=index)
    known = {content: _entry(repository, content) for content in set(files.values())}
    lines = "".join(f"{known[content]}\t{name}\0" for name, content in files.items())
    stdin = lines.encode(errors="surrogateescape")
    repository.git("update-index", "--replace", "-z", "--index-info", stdin=stdin, env=index)
    tree = repository.git("write-tree", env=index)
    commit = repository.git("commit-tree", tree, "-p", tip, "-m", message)
    repository.git("update-ref", f"refs/heads/{branch}", commit)
    return commit


def _entry(repository: Repository, content: Content) -> str:
    if content is None:
        return "0 " + "0" * 40
    mode, data = "100644", content
    if isinstance(content, Moded):
        mode, data = content.mode, content.content
    if mode == "160000":
        return f"{mode} {data!s}"
    blob = data.encode() if isinstance(data, str) else data
    assert isinstance(blob, bytes)
    return f"{mode} {repository.git('hash-object', '-w', '--stdin', stdin=blob)}"


def entries(folder: Path, revision: str = "HEAD") -> dict[str, str]:
    """Return the mode of every path of a commit."""
    listing = git(folder, "ls-tree", "-r", "-z", revision).split("\0")
    pairs = (line.split("\t", 1) for line in listing if line)
    return {path: meta.split()[0] for meta, path in pairs}


def show(folder: Path, path: str, revision: str = "HEAD") -> str:
    """Return a committed file."""
    return git(folder, "show", f"{revision}:{path}")


def history_has_markers(folder: Path) -> bool:
    """Return whether any commit of HEAD's history holds a marker line or a stub."""
    new = git(folder, "rev-list", "HEAD", "--not", "--remotes", "--tags").split()
    for commit in new:
        done = subprocess.run(
            ["git", "grep", "-q", "-a", "-e", "^<<<<<<< ", "-e", "(resync ", commit],
            cwd=folder,
            check=False,
        )
        names = git(folder, "ls-tree", "-r", "--name-only", commit)
        if done.returncode == 0 or ".resync-conflict" in names:
            return True
    return False
