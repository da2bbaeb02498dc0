"""Pairs of repositories for measuring the local commands: a generated one, and a real one.

A `Pair` is two bare repositories that serve partial clones, and a release that merges cleanly. The made-up
one has 10,000 files, 20,000 commits and 20 releases; the real one borrows the objects of two clones.
"""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.checkout import Real

FILES = 10_000
COMMITS = 20_000
RELEASES = 20
BASE = COMMITS - 50 * RELEASES
"""The commit that downstream forked: each release has fifty commits."""
BRANCH = "release"
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A Developer"), ("EMAIL", "developer@example.com"))
}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two repositories in one folder, `upstream` and `downstream`, and the release to sync."""

    root: Path
    tag: str

    def reset(self) -> None:
        """Undo the pushes of a run or the script."""
        downstream = self.root / "downstream"
        listing = git(downstream, "for-each-ref", "--format=%(refname)")
        for ref in set(listing.splitlines()) - {f"refs/heads/{BRANCH}"}:
            git(downstream, "update-ref", "-d", ref)


def made_up(root: Path) -> Pair:
    """Make the pair; it takes a minute."""
    upstream, downstream = root / "upstream", root / "downstream"
    upstream.mkdir(parents=True)
    git(upstream, "init", "--quiet", "--bare", ".")
    stream = "".join(_history())
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=upstream, input=stream, text=True, check=True
    )
    for number in range(1, RELEASES + 1):
        git(upstream, "tag", f"v1.{number}.0", f"main~{50 * (RELEASES - number)}")
    git(root, "clone", "--quiet", "--bare", str(upstream), str(downstream))
    forked = f"main~{COMMITS - BASE}"
    tree = git(downstream, "rev-parse", f"{forked}^{{tree}}")
    _open(root, git(downstream, "commit-tree", tree, "-p", forked, "-m", "Carry a patch"))
    return Pair(root=root, tag="v1.1.0")


def real(root: Path, given: Real) -> Pair:
    """Borrow two clones, and make downstream's branch as it was before a release was merged."""
    for name, clone in (("upstream", given.upstream), ("downstream", given.downstream)):
        repository = root / name
        repository.mkdir(parents=True)
        git(repository, "init", "--quiet", "--bare", ".")
        objects = git(Path(clone), "rev-parse", "--path-format=absolute", "--git-path", "objects")
        (repository / "objects" / "info" / "alternates").write_text(f"{objects}\n")
    listing = git(
        Path(given.upstream),
        "for-each-ref",
        "--format=create %(refname) %(objectname)",
        "refs/tags",
    )
    _update_refs(root / "upstream", f"{listing}\n")
    _open(root, given.commit)
    return Pair(root=root, tag=given.tag)


def git(where: Path, *words: str) -> str:
    """Run git and return its output."""
    done = subprocess.run(
        ["git", *words],
        cwd=where,
        env=os.environ | IDENTITY,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _open(root: Path, commit: str) -> None:
    """Leave downstream only its branch, and make both serve partial clones."""
    downstream = root / "downstream"
    git(downstream, "update-ref", "--no-deref", "HEAD", commit)
    listing = git(downstream, "for-each-ref", "--format=delete %(refname)")
    _update_refs(downstream, f"{listing}\n" if listing else "")
    git(downstream, "update-ref", f"refs/heads/{BRANCH}", commit)
    git(downstream, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
    for repository in (root / "upstream", downstream):
        git(repository, "config", "uploadpack.allowFilter", "true")
        git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")


def _update_refs(repository: Path, commands: str) -> None:
    subprocess.run(
        ["git", "update-ref", "--stdin"], cwd=repository, input=commands, text=True, check=True
    )


def _history() -> Iterator[str]:
    """Yield the history as git-fast-import reads it: one commit of all files, then small ones."""
    for number in range(COMMITS):
        message = f"Commit {number}"
        yield (
            "commit refs/heads/main\n"
            f"committer A Developer <developer@example.com> {1_600_000_000 + number} +0000\n"
            f"data {len(message)}\n{message}\n"
        )
        changed = range(FILES) if number == 0 else (number * 7919 % FILES,)
        for file in changed:
            text = f"file {file}\n" * 40 + f"as of {number}\n"
            yield f"M 100644 inline dir{file % 100}/file{file}.txt\ndata {len(text)}\n{text}\n"
