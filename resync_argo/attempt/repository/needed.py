"""Fetches only the file contents that a merge reads: for conflicts and forecasts, not for steps.

The trees alone show which these are: files that both sides changed since their common ancestor,
possible halves of renames, the attribute files, and for a conflict the files to push for it.
"""

from collections.abc import Mapping, Sequence

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.clone import fetch_objects, merge_bases
from resync_argo.attempt.repository.missing import missing_objects
from resync_argo.git import Git

_NOTHING = "0" * 40


def fetch_for_question(attempt: Attempt, head: str, tag: str, base: str) -> None:
    """Fetch the contents for merging a release, and those to push with the merge.

    If there are several common ancestors, the merge needs more and lacks an object.

    Args:
        attempt: whose clone; it has the commits.
        head: commit of the branch.
        tag: the release's.
        base: their best common ancestor.

    Raises:
        Stalled: the repository, an object, or a permission is missing.
        Transient: the host cannot be reached.
    """
    git = attempt.repository
    release, branch = _changed(git, base, tag), _changed(git, base, head)
    gone = {path for side in (release, branch) for path, it in side.items() if it[1] == _NOTHING}
    old_sides = (release.keys() & branch.keys()) | gone
    old = {side[path][0] for side in (release, branch) for path in old_sides & side.keys()}
    wanted = {
        "downstream": {new for _, new in branch.values()} | _attribute_files(git, head),
        "upstream": {new for _, new in release.values()} | old,
    }
    _fetch(attempt, (head, tag, base), wanted)


def fetch_for_forecast(attempt: Attempt, head: str, tags: Sequence[str]) -> None:
    """Fetch the contents for merging each of some commits into the branch.

    Args:
        attempt: whose clone; it has the commits.
        head: commit of the branch.
        tags: the commits; those of unrelated histories are left out.
    """
    git = attempt.repository
    bases = {tag: bases[0] for tag in tags if (bases := merge_bases(git, head, tag))}
    upstream = {
        it for tag, base in bases.items() for ids in _changed(git, base, tag).values() for it in ids
    }
    downstream = _attribute_files(git, head)
    for base in set(bases.values()):
        for before, after in _changed(git, base, head).values():
            # Downstream may lack files of a release that was squashed.
            upstream.add(before)
            downstream.add(after)
    wanted = {"downstream": downstream, "upstream": upstream}
    _fetch(attempt, (head, *bases, *set(bases.values())), wanted)


def _fetch(attempt: Attempt, commits: Sequence[str], wanted: Mapping[str, set[str]]) -> None:
    """Fetch missing objects of commits, each once, from the first remote that has them."""
    missing = missing_objects(attempt.repository, commits, "--no-walk=unsorted")
    for name, ids in wanted.items():
        if found := ids & missing:
            fetch_objects(attempt, name, sorted(found))
            missing -= found


def _changed(git: Git, base: str, tip: str) -> dict[str, tuple[str, str]]:
    """Return the ids of both versions of each file that a side changed."""
    raw = git.text("diff-tree", "-r", "--raw", "--no-renames", "--no-abbrev", base, tip)
    changes = (line.split("\t", 1) for line in raw.splitlines())
    return {path: (meta.split()[2], meta.split()[3]) for meta, path in changes}


def _attribute_files(git: Git, commit: str) -> set[str]:
    listing = git.run("ls-tree", "-r", "-z", commit, "--").split(b"\0")
    names = (line.partition(b"\t") for line in listing)
    return {
        meta.split()[2].decode()
        for meta, _, path in names
        if path.rpartition(b"/")[2] == b".gitattributes"
    }
