"""The work tree in which a person resolves a conflict: a repository of its own beside whatever else they have.

The person's own clones stay untouched. Only what the conflict needs is fetched; with a folder as
forge, the tree borrows the objects of that clone. `Git` here is the trusted one: the person's
settings must not change what is checked out or verified.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from resync_argo.attempt.context import Attempt
from resync_argo.conflicts.markers import PATTERN, stub_path
from resync_argo.conflicts.record import ConflictPath, Entry, Record
from resync_argo.conflicts.resolution import Resolution, find_base, read_resolution
from resync_argo.errors import ResyncError, UsageError
from resync_argo.forge.interface import PullRequest
from resync_argo.git import Git
from resync_argo.hosts.refusals import explained
from resync_argo.local.place import remove

_HEAD = "refs/resync/head"
_DEPTH = 50
"""Commits of a resolution and of both sides: enough to find our own, and little to fetch."""

_SUBMODULE = "160000"
_INDEX = "resync-index"


@dataclass(frozen=True, kw_only=True)
class Tree:
    """One.

    Attributes:
        folder: its top.
        attempt: connected to the repository that has the branches.
        question: the conflict's pull request.
    """

    folder: Path
    attempt: Attempt
    question: PullRequest

    @property
    def git(self) -> Git:
        """Return trusted git in it; a command that names the remote fetches missing objects."""
        return Git(directory=self.folder, environment=dict(self.attempt.git_environment))

    @property
    def key(self) -> str:
        """Return the conflict's short name."""
        return self.question.head_branch.split("/")[-2]

    @property
    def start(self) -> str:
        """Return the commit that the person began with."""
        return self.git.text("rev-parse", "--verify", _HEAD)

    @property
    def is_ours(self) -> bool:
        """Return whether `resolve` made it; the manual recipe makes a work tree of the person's clone instead."""
        return (self.folder / ".git").is_dir()

    def make(self) -> None:
        """Create it, with conflicted files as git leaves them when a merge stops.

        Raises:
            UsageError: something is there already.
            ResyncError: the branches cannot be fetched.
        """
        if self.folder.exists():
            raise UsageError(
                f"{self.folder} is there already: add --continue when it is resolved, or --abort to remove it."
            )
        self.folder.mkdir()
        try:
            self._fetch()
            argv = ("checkout", "--quiet", "--detach", _HEAD)
            with explained(self.attempt.push):
                self.git.run(*argv, remote=self.attempt.push)
            self._stage()
        except BaseException:
            self.discard()
            raise

    def _fetch(self) -> None:
        git, push = self.git, self.attempt.push
        git.run("init", "--quiet", "--template=", ".")
        narrow: tuple[str, ...] = ()
        if self.attempt.folder_forge is not None:
            common = Git(directory=Path(push.url)).text("rev-parse", "--git-common-dir")
            borrowed = (Path(push.url) / common / "objects").resolve()
            (self.folder / ".git/objects/info").mkdir(parents=True, exist_ok=True)
            (self.folder / ".git/objects/info/alternates").write_text(f"{borrowed}\n")
        else:
            git.run("remote", "add", "origin", push.url)
            git.configure(
                {"remote.origin.promisor": "true", "remote.origin.partialCloneFilter": "blob:none"}
            )
            narrow = (f"--depth={_DEPTH}", "--filter=blob:none")
        refspec = f"+refs/heads/{self.question.head_branch}:{_HEAD}"
        source = push.url if self.attempt.folder_forge is not None else "origin"
        with explained(push, refspec):
            git.run("fetch", "--quiet", "--no-tags", *narrow, source, refspec, remote=push)

    def _stage(self) -> None:
        """Put both sides of files with marker lines into the index, for `git mergetool` and `git status`."""
        lines = []
        for path in self.record.conflict.paths:
            both = path.both
            if both is None or not self._is_marked(path):
                continue
            stages = [(2, both[0]), (3, both[1])]
            if path.ancestor is not None and self._has(path.ancestor):
                stages.insert(0, (1, path.ancestor))
            if not all(self._has(entry) for _, entry in stages):
                continue
            (name,) = path.names
            lines += [b"0 " + b"0" * 40 + b"\t" + name]
            lines += [f"{it.mode} {it.id} {stage}\t".encode() + name for stage, it in stages]
        self.git.run(
            "update-index", "-z", "--index-info", stdin=b"".join(it + b"\0" for it in lines)
        )

    def _has(self, entry: Entry) -> bool:
        done = self.git.attempt("cat-file", "blob", entry.id, remote=self.attempt.push)
        return done.returncode == 0

    def _is_marked(self, path: ConflictPath) -> bool:
        argv = ("--literal-pathspecs", "grep", "-q", "-E", PATTERN, _HEAD, "--")
        return self.git.succeeds(*argv, path.path)

    @property
    def base(self) -> str:
        """Return our base commit."""
        return self._found()[0]

    @property
    def record(self) -> Record:
        """Return the conflict's record in our base commit."""
        return self._found()[1]

    def _found(self) -> tuple[str, Record]:
        found = find_base(self.git, self.key, _HEAD)
        if found is None:
            raise ResyncError(
                f"The commit that shows the conflict {self.key} is gone from {self.question.url}."
            )
        return found

    def take(self, side: str, paths: Iterable[bytes]) -> None:
        """Take a side of files in conflict as a whole; their stubs go.

        Args:
            side: `upstream` or `downstream`.
            paths: as the conflict names them; empty: all.

        Raises:
            UsageError: a path is not in conflict.
        """
        known = {name: path for path in self.record.conflict.paths for name in path.names}
        known |= {path.path: path for path in self.record.conflict.paths}
        wanted = list(paths) or list(known)
        for name in wanted:
            path = known.get(name.removesuffix(b".resync-conflict"))
            if path is None:
                listed = ", ".join(os.fsdecode(it.path) for it in self.record.conflict.paths)
                raise UsageError(f"{os.fsdecode(name)} is not in conflict; these are: {listed}.")
            self._place(path, path.upstream if side == "upstream" else path.downstream)

    def _place(self, path: ConflictPath, own: Mapping[bytes, Entry]) -> None:
        git = self.git
        gone = ("rm", "-r", "-f", "-q", "--ignore-unmatch", "--")
        git.run("--literal-pathspecs", *gone, *path.names, path.path, stub_path(path.path))
        for name, entry in own.items():
            listed = f"{entry.mode},{entry.id},".encode() + name
            git.run("update-index", "--add", "--replace", "--cacheinfo", listed)
            if entry.mode != _SUBMODULE:
                git.run("checkout-index", "--force", "--", name, remote=self.attempt.push)

    def left(self) -> tuple[str, Resolution]:
        """Commit the tree as it is, on no branch; return the commit, and the resolution read from it.

        Raises:
            UsageError: git does not know who commits.
        """
        git = self.git
        own = {"GIT_INDEX_FILE": str(self.folder / ".git" / _INDEX), **_identity(self.folder)}
        shutil.copyfile(self.folder / ".git" / "index", own["GIT_INDEX_FILE"])
        git.run("add", "--all", environment=own)
        tree = git.run("write-tree", environment=own).decode().strip()
        head = git.text("rev-parse", "--verify", "HEAD")
        tip = head
        if tree != git.text("rev-parse", f"{head}^{{tree}}"):
            argv = ("commit-tree", "-m", "Resolve the conflict", "-p", head, tree)
            tip = git.run(*argv, environment=own).decode().strip()
        return tip, read_resolution(git, self.record, self.base, tip)

    def is_touched(self) -> bool:
        """Return whether a person changed or committed anything in it."""
        changed = self.git.attempt("diff", "--quiet", _HEAD, "--").returncode != 0
        new = self.git.text("ls-files", "--others", "--exclude-standard")
        return changed or bool(new) or self.git.text("rev-parse", "HEAD") != self.start

    def discard(self) -> None:
        """Remove it."""
        remove(self.folder)


def _identity(folder: Path) -> dict[str, str]:
    from resync_argo.local.resolve.person_tools import identity  # noqa: PLC0415

    return identity(folder)
