"""The result of `delta`, as data. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from resync_argo.api.meta import Model
from resync_argo.local.delta.details import Changes

Fate = Literal["kept", "dropped", "landed upstream", "without effect", "unclear"]
FATES: tuple[Fate, ...] = ("unclear", "landed upstream", "dropped", "without effect", "kept")
"""In reading order: what people have to do comes first."""


class Own(Model):
    """A commit of the fork's own.

    Attributes:
        commit: its id.
        subject: its first line.
        author: who wrote it, by name; `email` is the address.
        time: when (RFC 3339 in UTC).
        age_days: whole days since then.
        files: how many it changes.
        added: lines; those of binary files are not counted. Likewise `deleted`.
        fate: what the Plan does with it.
        why: the reason, as a few words or a sentence; "" for a kept one.
    """

    commit: str
    subject: str
    author: str
    email: str
    time: str
    age_days: int
    files: int
    added: int
    deleted: int
    fate: Fate
    why: str = ""


class Totals(Model):
    """Sums over commits.

    Attributes:
        commits: how many.
        files: how many different files they change.
        added: the sum of their lines; `deleted` likewise.
    """

    commits: int = 0
    files: int = 0
    added: int = 0
    deleted: int = 0


class Delta(Model):
    """All that `delta` has to say.

    Attributes:
        contained: the newest release that the branch contains; None where it contains none of the range.
        release: the release that the branch is held against; `tag` is the git tag's name.
        operation: how the Plan brings a release, `carry` for `git carry`, else `merge`.
        last: the merge of the last rebase, from where a carry lists; None where there was none.
        commits: the fork's own, in the order in which they are picked again.
        totals: of all of them.
        by_fate: of those of one fate.
        notes: what else was noticed, as sentences.
    """

    plan: str
    upstream: str
    downstream: str
    branch: str
    contained: str | None
    release: str
    tag: str
    operation: Literal["carry", "merge"]
    last: str | None
    commits: tuple[Own, ...]
    totals: Totals
    by_fate: dict[Fate, Totals]
    notes: tuple[str, ...] = ()


def sum_up(commits: Sequence[Own], changes: Mapping[str, Changes]) -> Totals:
    """Return the sums over commits, given what each commit changes."""
    paths = (changes[it.commit].paths for it in commits)
    return Totals(
        commits=len(commits),
        files=len(set().union(*paths)),
        added=sum(it.added for it in commits),
        deleted=sum(it.deleted for it in commits),
    )
