"""Lists the objects that a partial clone lacks, as far as the clone itself knows."""

from collections.abc import Iterable, Sequence

from resync_argo.git import Git

FILES = (b"100644", b"100755", b"120000")
"""Modes of entries with contents in this repository (git-diff-tree, "RAW OUTPUT FORMAT"); a submodule has none."""


def missing_objects(git: Git, revisions: Sequence[str], *options: str) -> set[str]:
    """Return the ids of objects that a partial clone lacks of some revisions, in git-rev-list's options."""
    stdin = "".join(f"{revision}\n" for revision in revisions).encode()
    listing = git.run(
        *("rev-list", "--objects", "--missing=print", "--quiet", *options, "--stdin"), stdin=stdin
    )
    return {line[1:] for line in listing.decode().split() if line.startswith("?")}


def missing_files(git: Git, files: Iterable[str]) -> set[str]:
    """Return the ids of those file contents that a partial clone lacks."""
    wanted = sorted(set(files))
    if not wanted:
        return set()
    # Objects in a tree can be found without being fetched.
    entries = "".join(f"100644 blob {it}\t{it}\n" for it in wanted)
    tree = git.run("mktree", "--missing", stdin=entries.encode()).decode().strip()
    return missing_objects(git, [tree], "--no-walk=unsorted")


def missing_old_sides(git: Git, span: Sequence[str]) -> set[str]:
    """Return the missing contents that single commits replaced or deleted.

    Git merges a picked commit with its parent as the ancestor. The parent's files need not be in
    any commit of the span: a branch that began before an earlier sync, and was merged after it, is
    based on an older release.
    """
    log = ("log", "--raw", "--no-abbrev", "--no-renames", "--no-merges", "--format=", "--stdin")
    listing = git.run(*log, stdin="".join(f"{it}\n" for it in span).encode()).splitlines()
    changes = (line.split() for line in listing)
    return missing_files(git, (it[2].decode() for it in changes if it[0].lstrip(b":") in FILES))
