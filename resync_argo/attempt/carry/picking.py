"""Picks commits in the trusted clone by git's own three-way merge of trees, without a work tree or steps' settings.

A conflict between picks is not a question to people. They answered everything at once before, for
one merge of all commits; their answer for a file goes into the last pick that touches the file.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from resync_argo.attempt.carry.policy import Carried
from resync_argo.attempt.merge.conflicts import is_directory, pick_entries
from resync_argo.attempt.merge.logical import real_name
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.raw import Sides, merge
from resync_argo.attempt.merge.three_way import write_tree
from resync_argo.attempt.trailers import credited
from resync_argo.conflicts.record import Entry
from resync_argo.git import Git

_HEADER = re.compile(rb"^(author|encoding) (.*)$", re.M)


@dataclass(frozen=True, kw_only=True)
class Picked:
    """The result of picking a commit.

    Attributes:
        tree: with the commit's own lines where they collide with others.
        conflicts: the names that collide.
    """

    tree: str
    conflicts: frozenset[bytes] = frozenset()


def pick(git: Git, tree: str, one: Carried, options: MergeOptions) -> Picked:
    """Pick a commit onto a tree.

    Raises:
        GitError: an object is missing.
    """
    sides = Sides(ours=tree, theirs=one.id, base=one.parent or empty_tree(git))
    # A preferred side applies to the merge of everything: here, it would hide the lines of the other side.
    plain = tuple(it for it in options.options if it not in ("ours", "theirs"))
    raw = merge(git, sides, replace(options, options=plain))
    if raw.clean:
        return Picked(tree=raw.tree)
    own = replace(options, options=(*plain, "theirs"))
    again = merge(git, sides, own)
    names = {real_name(path) for path in again.stages}
    there = pick_entries(git, one.id, names)
    left: dict[bytes, Entry | None] = dict.fromkeys(again.stages)
    # A directory of the commit comes with its own files.
    left |= {name: entry for name in names if not is_directory(entry := there.get(name))}
    conflicts = frozenset(real_name(path) for path in raw.stages)
    return Picked(tree=write_tree(git, again.tree, left), conflicts=conflicts)


def empty_tree(git: Git) -> str:
    """Return the tree without files, after creating it."""
    return git.run("hash-object", "-t", "tree", "-w", "--stdin").decode().strip()


def changed_paths(git: Git, one: Carried) -> frozenset[bytes]:
    """Return the paths that a commit changes."""
    return differing(git, one.parent or empty_tree(git), one.id)


def differing(git: Git, one: str, other: str) -> frozenset[bytes]:
    """Return the paths in which two trees differ."""
    argv = ("diff-tree", "-r", "-z", "--no-renames", "--name-only", one, other, "--")
    return frozenset(git.run(*argv).split(b"\0")[:-1])


def put(git: Git, tree: str, source: str, paths: Collection[bytes]) -> str:
    """Return a tree with some paths taken from another one."""
    if not paths:
        return tree
    there = pick_entries(git, source, paths)
    found = {path: there.get(path) for path in paths}
    return write_tree(
        git, tree, {path: entry for path, entry in found.items() if not is_directory(entry)}
    )


@dataclass(frozen=True, kw_only=True)
class Words:
    """A commit's metadata, as git stores it.

    Attributes:
        author: name, address and time.
        message: verbatim.
        encoding: of the message; None for UTF-8.
    """

    author: bytes
    message: bytes
    encoding: bytes | None = None


def words_of(git: Git, commit: str) -> Words:
    """Return a commit's metadata.

    Raises:
        GitError: there is no such commit.
    """
    head, _, message = git.run("cat-file", "commit", commit).partition(b"\n\n")
    found = dict(_HEADER.findall(head))
    return Words(author=found[b"author"], message=message, encoding=found.get(b"encoding"))


def in_utf8(words: Words) -> Words:
    """Return the same in UTF-8, as git-cherry-pick does it; unchanged if the encoding is not known."""
    if words.encoding is None:
        return words
    try:
        encoding = words.encoding.decode("ascii")
        author, message = (it.decode(encoding).encode() for it in (words.author, words.message))
    except (LookupError, UnicodeError):
        return words
    # An encoding may hide the end of a header.
    return words if b"\n" in author else Words(author=author, message=message)


def write_commit(
    git: Git, tree: str, parents: Sequence[str], words: Words, committer: bytes
) -> str:
    """Create a commit; the same input gives the same commit.

    Raises:
        GitError: git refuses it.
    """
    lines = [f"tree {tree}".encode(), *(f"parent {it}".encode() for it in parents)]
    lines += [b"author " + words.author, b"committer " + committer]
    if words.encoding is not None:
        lines.append(b"encoding " + words.encoding)
    text = b"\n".join(lines) + b"\n\n" + words.message
    return git.run("hash-object", "-t", "commit", "-w", "--stdin", stdin=text).decode().strip()


@dataclass(frozen=True, kw_only=True)
class Group:
    """Commits that become one.

    Attributes:
        commits: in order; several for a bot's.
        by: the bot's address; None for a commit that is not squashed.
    """

    commits: tuple[Carried, ...]
    by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Again:
    """The result of picking a commit or a squash.

    Attributes:
        one: the commit.
        commit: the new commit; None if it became empty.
        conflicts: its files that collide with upstream's, or with earlier picks.
        decided: its files whose content rules or people decided.
        undone: the commits of a bot cancel each other out.
    """

    one: Carried
    commit: str | None
    conflicts: frozenset[bytes] = frozenset()
    decided: frozenset[bytes] = frozenset()
    undone: bool = False


@dataclass(frozen=True, kw_only=True)
class Picking:
    """Picks commits again, one after the other.

    Attributes:
        git: the trusted clone.
        options: how to merge.
        wanted: the tree that all picks together must produce.
        decided: the paths in it that rules or people decided.
        committer: of the commits, as git stores it.
        people: who resolved a path, as `Name <address>`.
    """

    git: Git
    options: MergeOptions
    wanted: str
    decided: frozenset[bytes]
    committer: bytes
    people: Mapping[bytes, Sequence[str]] = field(default_factory=dict)

    def run(self, start: str, groups: Sequence[Group]) -> tuple[str, list[Again]]:
        """Return the last commit, and the result of each pick.

        Raises:
            GitError: an object is missing.
        """
        paths = {it.id: changed_paths(self.git, it) for group in groups for it in group.commits}
        last = {path: commit for commit, changed in paths.items() for path in changed}
        tip, found = start, []
        for group in groups:
            tip, made = self._pick_group(tip, group, paths, last)
            found += made
        return tip, found

    def _pick_group(
        self,
        tip: str,
        group: Group,
        paths: Mapping[str, frozenset[bytes]],
        last: Mapping[bytes, str],
    ) -> tuple[str, list[Again]]:
        git = self.git
        before = tree = git.text("rev-parse", f"{tip}^{{tree}}")
        done: list[Again] = []
        newest, resolved = None, set[bytes]()
        for one in group.commits:
            picked = pick(git, tree, one, self.options)
            decided = paths[one.id] & self.decided
            mine = {it for it in (*decided, *picked.conflicts) if last.get(it) in (one.id, None)}
            resolved |= mine
            after = put(git, picked.tree, self.wanted, mine)
            newest = one if after != tree else newest
            kept = "" if after != tree else None
            tree = after
            done.append(
                Again(one=one, commit=kept, conflicts=picked.conflicts, decided=frozenset(decided))
            )
        if newest is None or tree == before:
            return tip, [replace(it, commit=None, undone=it.commit is not None) for it in done]
        words = self.credited(words_of(git, newest.id), resolved)
        commit = write_commit(git, tree, [tip], words, self.committer)
        return commit, [replace(it, commit=None if it.commit is None else commit) for it in done]

    def credited(self, words: Words, paths: Collection[bytes]) -> Words:
        """Return a commit's metadata; its message credits who resolved some of its paths, but not its author again.

        Raises:
            GitError: git fails.
        """
        people = dict.fromkeys(it for path in sorted(paths) for it in self.people.get(path, ()))
        recoded = in_utf8(words)
        others = [it for it in people if not recoded.author.startswith(f"{it} ".encode())]
        if not others:
            return words
        return replace(recoded, message=credited(self.git, recoded.message, others))


def grouped(commits: Sequence[tuple[Carried, str | None]]) -> list[Group]:
    """Return the commits one by one, followed by one group for each bot.

    Args:
        commits: with the bot whose commits become one; None for the others.
    """
    bots: dict[str, list[Carried]] = {}
    for one, bot in commits:
        if bot is not None:
            bots.setdefault(bot, []).append(one)
    return [*_single(commits), *(Group(commits=tuple(it), by=by) for by, it in bots.items())]


def _single(commits: Sequence[tuple[Carried, str | None]]) -> Iterator[Group]:
    for one, bot in commits:
        if bot is None:
            yield Group(commits=(one,))
