"""Picks included pull requests onto downstream's branch, so that `git carry` carries them like its own patches.

Their commits are picked on downstream's commit, in order of number, by git's own merge. Where they
collide with the branch itself, the pull request's lines stay, and people are asked in the same
conflict pull request as for the rest of the carry.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from resync_argo.api.include import IncludedPull
from resync_argo.api.meta import Model
from resync_argo.attempt.carry.listing import describe
from resync_argo.attempt.carry.picking import changed_paths, pick, words_of, write_commit
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.include.find import own_commits
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.conflicts.quoting import quote, unquote
from resync_argo.git import Git


class Pick(Model):
    """A commit of a pull request.

    Attributes:
        pull: the pull request.
        commit: its id there; `subject` is its first line, `author` who wrote it, by e-mail address.
        now: the picked commit on top of downstream's; None if the branch already has all of it.
        paths: the paths that it changes, as git quotes names.
    """

    pull: IncludedPull
    commit: str
    subject: str
    author: str
    now: str | None
    paths: tuple[str, ...]


class Included(Model):
    """Downstream's branch with the pull requests on it.

    Attributes:
        tip: its last commit.
        picks: in order.
        collided: the paths in which pull requests collide with the branch or with each other, as git quotes names.
    """

    tip: str
    picks: tuple[Pick, ...] = ()
    collided: tuple[str, ...] = ()

    @property
    def by_commit(self) -> dict[str, Pick]:
        """Return the picks by their new commit."""
        return {it.now: it for it in self.picks if it.now is not None}

    @property
    def unclear(self) -> frozenset[bytes]:
        """Return the paths that collided."""
        return frozenset(map(unquote, self.collided))

    def touching(self, path: bytes) -> list[IncludedPull]:
        """Return the pull requests that change a path."""
        name = quote(path)
        pulls = {it.pull.number: it.pull for it in self.picks if it.now and name in it.paths}
        return list(pulls.values())


def include(
    git: Git,
    pulls: Sequence[IncludedPull],
    ends: tuple[str, str],
    options: MergeOptions,
    committer: bytes,
) -> Included:
    """Pick pull requests on a commit of the branch.

    Args:
        git: the trusted clone.
        pulls: the included ones.
        ends: downstream's commit and upstream's.
        options: how to merge.
        committer: of the commits, as git stores it.

    Raises:
        Stalled: reason `TooManyIncluded`.
        GitError: an object is missing.
    """
    picks, collided, tip = list[Pick](), set[bytes](), ends[0]
    for pull, commits in own_commits(git, *ends, pulls):
        found = describe(git, commits)
        for one in map(found.__getitem__, commits):
            tree = git.text("rev-parse", f"{tip}^{{tree}}")
            picked = pick(git, tree, one, options)
            collided |= picked.conflicts
            now = None
            if picked.tree != tree:
                words = words_of(git, one.id)
                now = tip = write_commit(git, picked.tree, [tip], words, committer)
            picks.append(
                Pick(
                    pull=pull,
                    commit=one.id,
                    subject=one.subject,
                    author=one.author,
                    now=now,
                    paths=_quoted(changed_paths(git, one)),
                )
            )
    return Included(tip=tip, picks=tuple(picks), collided=_quoted(collided))


def save_included(attempt: Attempt, included: Included) -> None:
    """Save the result for this attempt."""
    _path(attempt).write_text(included.model_dump_json(by_alias=True))


def load_included(attempt: Attempt) -> Included | None:
    """Return the saved result; None if `git carry` included nothing."""
    try:
        return Included.model_validate_json(_path(attempt).read_text())
    except FileNotFoundError:
        return None


def _quoted(paths: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(quote(it) for it in sorted(paths))


def _path(attempt: Attempt) -> Path:
    return attempt.layout.trusted / "included.json"
