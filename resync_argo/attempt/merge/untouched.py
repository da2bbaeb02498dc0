"""Finds files in conflict that downstream never changed: byte for byte, they are upstream's own.

Such a file is that of upstream's last release. Or the new release's history had it after downstream
branched off, such as a fix that was picked early. Or it is an older one that no downstream commit
wrote. None of these contain downstream's work: both versions are upstream's own. The same holds for
a file whose deletion upstream decided. The sides' own trees are searched, at the exact names that
the sides have there, with the mode. Anything uncertain is left out.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from resync_argo.attempt.merge.conflicts import blocked_names, pick_entries
from resync_argo.attempt.merge.logical import Logical
from resync_argo.attempt.repository.clone import merge_bases
from resync_argo.conflicts.objects import list_tree
from resync_argo.conflicts.record import ConflictPath, Entry, Kind
from resync_argo.git import Git

ALWAYS_ASKED = frozenset([b"OWNERS", b"OWNERS_ALIASES", b"CODEOWNERS"])
"""Files that say who may approve what: a fork has its own people, even if it began with upstream's."""

_CERTAIN = frozenset(
    [
        Kind.BOTH_MODIFIED,
        Kind.BOTH_ADDED,
        Kind.BINARY,
        Kind.MODE,
        Kind.DELETED_UPSTREAM,
        Kind.RENAME_RENAME,
    ]
)
"""For other kinds, a side is not a file, it is uncertain which file it means, or a merge driver knows more."""

_MOST_LOOKED_UP = 1000
"""How many files; this many names fit on a command line."""
_MOST_WRITERS = 100
"""How many files; finding the commit that wrote one takes two processes."""


@dataclass(frozen=True, kw_only=True)
class Origins:
    """The origins of a merge's sides; each is a commit or a tree.

    Attributes:
        downstream: the origin of downstream's side.
        upstream: the upstream commit being merged with all its files.
        released: the release to compare downstream's files with.
        bases: the other upstream commits in downstream at which both sides part: the merge bases.
        branch: the commit of downstream's side; None if that is uncertain.
        contained: the upstream releases that it contains.
    """

    downstream: str
    upstream: str
    released: str
    bases: tuple[str, ...] = ()
    branch: str | None = None
    contained: tuple[str, ...] = ()

    @classmethod
    def of_merge(
        cls,
        git: Git,
        ours: str,
        theirs: str,
        *,
        released: str,
        contained: tuple[str, ...] | None = None,
        tree: str | None = None,
    ) -> "Origins":
        """Return the origins for a merge of two commits.

        Args:
            git: the repository.
            ours: downstream's commit.
            theirs: upstream's.
            released: the release to compare downstream's files with.
            contained: the releases that downstream's commit contains; None if its side is not that
                commit.
            tree: the origin of downstream's side; None: its commit.
        """
        bases = merge_bases(git, ours, theirs)
        return cls(
            downstream=tree or ours,
            upstream=theirs,
            released=released,
            bases=bases,
            branch=None if contained is None else ours,
            contained=contained or (),
        )


def find_untouched(
    git: Git, conflicts: Iterable[Logical], origins: Origins, *, tree: str
) -> list[Logical]:
    """Return the conflicts in which downstream's side is upstream's own and upstream's can be taken.

    Args:
        git: the repository with the objects.
        conflicts: the conflicts.
        origins: the sides' origins.
        tree: everything that git could merge; its files can block a side.

    Raises:
        GitError: a tree is missing.
    """
    asked = [it for it in conflicts if _may_be_certain(it.path)]
    if not asked:
        return []
    found = _compared(git, asked, origins)
    blocked = blocked_names(git, tree, [it.path.side(it.path.upstream) for it in found])
    return [it for it in found if blocked.isdisjoint(it.path.names)]


def _may_be_certain(path: ConflictPath) -> bool:
    return path.kind in _CERTAIN and ALWAYS_ASKED.isdisjoint(
        name.rpartition(b"/")[2] for name in path.names
    )


def _compared(git: Git, asked: Sequence[Logical], origins: Origins) -> list[Logical]:
    names = {name for it in asked for name in it.path.names}
    upstream = pick_entries(git, origins.upstream, names)
    ours = [it for it in asked if _is_side(it.path, it.path.upstream, upstream)]
    downstream = pick_entries(git, origins.downstream, names)
    released = pick_entries(git, origins.released, names)
    same = [it for it in ours if _is_side(it.path, it.path.downstream, downstream)]
    found = {it.path.path for it in same if _is_side(it.path, it.path.downstream, released)}
    renamed = [it for it in ours if it not in same]
    found |= _under_old_names(git, renamed, origins) if renamed else set()
    certain = _not_put_back(git, [it for it in ours if it.path.path in found], origins)
    left = [it for it in same if it.path.path not in found]
    early = _taken_early(git, left, origins)
    left = [it for it in left if it not in early]
    return [*certain, *early, *_never_written(git, left, origins)]


def _never_written(git: Git, asked: Sequence[Logical], origins: Origins) -> list[Logical]:
    """Return the files whose last writer is an upstream commit, whichever parent downstream's merges took them from.

    If somebody restored a version, a downstream commit wrote it last.
    """
    single = [it for it in asked if len(it.path.names) == 1 and it.path.downstream]
    if origins.branch is None or len(single) > _MOST_WRITERS:
        return []
    head, releases = origins.branch, "\n".join(f"^{it}" for it in origins.contained)
    found = []
    for it in single:
        words = ("log", "-1", "--format=%H", head, "--", os.fsdecode(it.path.path))
        writer = git.text("--literal-pathspecs", *words)
        ends = f"{writer}\n{releases}\n".encode()
        if writer and not git.run("rev-list", "-n1", "--stdin", stdin=ends):
            found.append(it)
    return found


def _taken_early(git: Git, asked: Sequence[Logical], origins: Origins) -> list[Logical]:
    """Return the files in a version that upstream had between the merge bases and its commit.

    Versions older than the bases do not count: somebody may have restored one.
    """
    single = {it.path.path: it for it in asked if len(it.path.names) == 1 and it.path.downstream}
    if not (0 < len(single) <= _MOST_LOOKED_UP) or not origins.bases:
        return []
    shown = ("log", "-m", "--raw", "--no-abbrev", "--no-renames", "-z", "--format=")
    span = (origins.upstream, "--not", *origins.bases, "--")
    out = git.run("--literal-pathspecs", *shown, *span, *map(os.fsdecode, single))
    had = set(_changes(out))
    found = {name for name, it in single.items() if (name, it.path.downstream[name]) in had}
    return [it for name, it in single.items() if name in found]


def _changes(raw: bytes) -> Iterator[tuple[bytes, Entry]]:
    """Yield files' new versions, from the output of `git log --raw -z --no-abbrev --format=`."""
    words = iter(raw.split(b"\0"))
    for word in words:
        mark, change = word.lstrip()[:1], word.lstrip()[1:]
        if mark == b":":
            _, mode, _, oid, _ = change.decode().split(" ")
            yield next(words), Entry(mode, oid)


def _not_put_back(git: Git, found: Sequence[Logical], origins: Origins) -> list[Logical]:
    """Return the files that upstream's other commits in the branch have not changed since the release.

    If one did, somebody restored the release's version, such as after a merge of upstream's branch.
    """
    left = list(found)
    for base in origins.bases:
        fork = git.attempt("merge-base", origins.released, base).stdout.decode().strip()
        if fork == base or not left:
            continue
        names = {name for it in left for name in it.path.names}
        before = pick_entries(git, fork, names) if fork else {}
        after = pick_entries(git, base, names)
        left = [it for it in left if _is_unchanged(it.path, before, after)]
    return left


def _is_unchanged(
    path: ConflictPath, before: Mapping[bytes, Entry], after: Mapping[bytes, Entry]
) -> bool:
    # A file with another name there may be anything.
    is_there = path.ancestor is None or not after.keys().isdisjoint(path.names)
    return is_there and all(before.get(name) == after.get(name) for name in path.names)


def _is_side(path: ConflictPath, own: Mapping[bytes, Entry], tree: Mapping[bytes, Entry]) -> bool:
    """Return whether a tree has a side at every name to decide, and nothing else there."""
    return all(own.get(name) == tree.get(name) for name in path.names)


def _under_old_names(git: Git, renamed: Sequence[Logical], origins: Origins) -> set[bytes]:
    """Return the files that upstream renamed and that downstream has unchanged under the old name.

    The name is certain only if no other downstream file is the same.
    """
    downstream, released = (list_tree(git, it) for it in (origins.downstream, origins.released))
    names: dict[Entry, list[bytes]] = {}
    for name, entry in downstream.items():
        names.setdefault(entry, []).append(name)
    found = set()
    for path in (it.path for it in renamed):
        if len(path.names) > 1 or len(path.downstream) > 1 or path.names[0] in downstream:
            continue
        (entry,) = path.downstream.values()
        old = names.get(entry, [])
        is_asked = any(it.rpartition(b"/")[2] in ALWAYS_ASKED for it in old)
        if len(old) == 1 and released.get(old[0]) == entry:
            found |= set() if is_asked else {path.path}
    return found
