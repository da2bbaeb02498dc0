"""Random histories of an upstream and its fork, built to make a partial clone lack a file.

Contents reappear (reverts), files move between folders, branches that were forked long ago are
merged late, and the fork merges upstream at any commit. So a release's file may be in an old
commit, but in none of the recent ones.
"""

import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.git.builders import BRANCH
from tests.git.repositories import Repository, git

NAMES = ("a", "b", "lib/a", "lib/b", "doc/deep/a", "doc/deep/b")
CONTENTS = tuple(f"content {number}\n" * 5 for number in range(6))


@dataclass(kw_only=True)
class History:
    """A repository under construction; `commits` lists all commits, oldest first."""

    repository: Repository
    chance: random.Random
    commits: list[str] = field(default_factory=list)

    def change(self, branch: str) -> None:
        """Commit one to three changes: a possibly repeated content, a move, or a deletion."""
        files: dict[str, str | None] = {}
        for _ in range(self.chance.randint(1, 3)):
            name = self.chance.choice(NAMES)
            files[name] = self.chance.choice((*CONTENTS, None))
            if self.chance.random() < 0.3 and files[name] is not None:
                files[self.chance.choice(NAMES)], files[name] = files[name], None
        there = set(git(self.repository.path, "ls-tree", "-r", "--name-only", branch).split())
        kept = {name: it for name, it in files.items() if it is not None or name in there}
        self.commits.append(self.repository.commit(branch, kept))

    def merge(self, branch: str, other: str) -> None:
        """Merge a commit; keep the branch's own version of colliding files."""
        argv = ["git", "merge-tree", "--write-tree", "--allow-unrelated-histories", branch, other]
        done = subprocess.run(argv, cwd=self.repository.path, capture_output=True, check=False)
        whole = f"{branch}^{{tree}}" if done.returncode else done.stdout.decode().split()[0]
        ancestry = ("-p", branch, "-p", other)
        commit = self.repository.git("commit-tree", whole, *ancestry, "-m", "Merge")
        self.repository.git("update-ref", f"refs/heads/{branch}", commit)
        self.commits.append(commit)


def make_histories(root: Path, seed: int) -> None:
    """Make both repositories; upstream's v1.1.0 is to be merged into the fork's branch."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    upstream = History(repository=Repository(root / "upstream" / "project"), chance=chance)
    files = {name: chance.choice(CONTENTS) for name in NAMES[:4]}
    upstream.commits.append(upstream.repository.commit("main", files))
    _go_on(upstream, chance.randint(3, 8))
    fork = History(repository=Repository(root / "downstream" / "project"), chance=chance)
    forked = chance.choice(upstream.commits)
    _take(fork, upstream, forked)
    fork.repository.git("update-ref", f"refs/heads/{BRANCH}", forked)
    for _ in range(chance.randint(1, 3)):
        fork.commits.append(fork.repository.commit(BRANCH, {"own": chance.choice(CONTENTS)}))
        if chance.random() < 0.5:
            fork.change(BRANCH)
        _go_on(upstream, chance.randint(0, 4))
        other = chance.choice(upstream.commits)
        _take(fork, upstream, other)
        fork.merge(BRANCH, other)
        if chance.random() < 0.3:
            # Upstream merges the fork's work, so that there are several merge bases.
            _take(upstream, fork, BRANCH)
            upstream.merge("main", fork.commits[-1])
    _go_on(upstream, chance.randint(2, 8))
    upstream.repository.tag("v1.1.0", upstream.repository.tip("main") or "")


def _go_on(upstream: History, steps: int) -> None:
    for _ in range(steps):
        kind = upstream.chance.random()
        if kind < 0.5:
            upstream.change("main")
        elif kind < 0.75:
            upstream.repository.git(
                "update-ref", "refs/heads/side", upstream.chance.choice(upstream.commits)
            )
            upstream.change("side")
        else:
            upstream.merge("main", upstream.chance.choice(upstream.commits))


def _take(one: History, other: History, commit: str) -> None:
    one.repository.git("fetch", "-q", str(other.repository.path), commit)
