"""Forecasts a merge without a work tree: `git merge-tree --write-tree`, which needs git 2.38.

Of file contents just those are fetched that the merge reads: what either side changed since their
common ancestor. The history replay uses the same forecast.
"""

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from resync_argo.api.plan import ConflictRule
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.clone import fetch_contents, fetch_objects
from resync_argo.conflicts.quoting import quote
from resync_argo.errors import UsageError
from resync_argo.git import Git, GitError
from resync_argo.local.preview.outlook import Forecast

NEEDED = (2, 38)
"""The version of git in which `merge-tree` learned `--write-tree`."""

_MERGE_TREE = (
    # As our own git merges in the attempt.
    *("-c", "merge.renameLimit=32767"),
    *("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z"),
)
_NOTHING = "0" * 40


def check_git(git: Git) -> None:
    """Refuse a git that is too old.

    Raises:
        UsageError: it is; says which one is needed.
    """
    said = git.text("version")
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < NEEDED:
        raise UsageError(f"A forecast needs git {NEEDED[0]}.{NEEDED[1]} or later; this is {said}.")


def forecast(attempt: Attempt, head: str, tag: str) -> Forecast:
    """Return what merging a tag's commit into a commit of the branch would give.

    Call `fetch_needed` first: what is still missing then is fetched by the thousand.
    """
    git = attempt.repository
    try:
        tree, conflicted = merge_tree(git, head, tag)
    except GitError:
        # Several common ancestors, or renames that want to be compared: more contents are read.
        fetch_contents(attempt, head, tag)
        tree, conflicted = merge_tree(git, head, tag)
    by_rules = _settled(git, conflicted, attempt.contract.config.conflicts)
    changed = git.run("diff-tree", "-r", "--no-renames", "--name-only", "-z", head, tree)
    return Forecast(
        commits=int(git.text("rev-list", "--count", f"{head}..{tag}")),
        files=changed.count(b"\0"),
        conflicts=tuple(quote(name) for name in conflicted if name not in by_rules),
        by_rules=tuple(quote(name) for name in conflicted if name in by_rules),
    )


def merge_tree(git: Git, head: str, other: str) -> tuple[str, list[bytes]]:
    """Merge two commits; return the tree, with markers in it, and the conflicted paths.

    Raises:
        GitError: git cannot tell; most often since an object is missing.
    """
    done = git.attempt(*_MERGE_TREE, head, other)
    if done.returncode > 1:
        raise GitError(("merge-tree",), done.returncode, done.stderr.decode(errors="replace"))
    tree, *conflicted = done.stdout.split(b"\0")[:-1]
    return tree.decode(), conflicted


def fetch_needed(attempt: Attempt, head: str, tags: Sequence[str]) -> None:
    """Fetch the contents that merging each of some commits into the branch reads.

    Args:
        attempt: whose clone; it has the commits.
        head: commit of the branch.
        tags: the commits, histories of their own being left to `forecast`.
    """
    git = attempt.repository
    bases = {tag: git.attempt("merge-base", head, tag).stdout.decode().strip() for tag in tags}
    related = {tag: base for tag, base in bases.items() if base}
    if not related:
        return
    missing = _missing(git, (head, *related, *set(related.values())))
    upstream = {oid for tag, base in related.items() for oid in _changed(git, base, tag)}
    downstream = {oid for base in set(related.values()) for oid in _changed(git, base, head)}
    for name, wanted in (("downstream", downstream), ("upstream", upstream - downstream)):
        if wanted & missing:
            fetch_objects(attempt, name, sorted(wanted & missing))


def _changed(git: Git, base: str, tip: str) -> set[str]:
    """Return the ids of what a side changed, as it was and as it is."""
    raw = git.text("diff-tree", "-r", "--raw", "--no-renames", "--no-abbrev", base, tip)
    return {oid for line in raw.splitlines() for oid in line.split("\t")[0].split()[2:4]} - {
        _NOTHING
    }


def _missing(git: Git, commits: Sequence[str]) -> set[str]:
    listing = git.run(
        *("rev-list", "--objects", "--missing=print", "--quiet", "--no-walk=unsorted", "--stdin"),
        stdin="".join(f"{commit}\n" for commit in commits).encode(),
    )
    return {line[1:] for line in listing.decode().split() if line.startswith("?")}


def _settled(git: Git, paths: Sequence[bytes], rules: Sequence[ConflictRule]) -> set[bytes]:
    """Return the paths that the first rule which matches them settles."""
    if not paths or not rules:
        return set()
    left, settled = set(paths), set()
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": os.fspath(Path(folder) / "index")}
        entries = b"".join(
            b"100644 " + _NOTHING[:-1].encode() + b"1\t%s\0" % path for path in paths
        )
        git.run("update-index", "-z", "--index-info", stdin=entries, environment=index)
        for rule in rules:
            argv = ("--glob-pathspecs", "ls-files", "-z", "--", *rule.paths)
            matched = left & set(git.run(*argv, environment=index).split(b"\0"))
            left -= matched
            if rule.resolve != "Ask":
                settled |= matched
    return settled
