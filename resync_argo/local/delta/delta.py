"""The result of `delta`, as data. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from resync_argo.api.meta import Model
from resync_argo.local.delta.details import Changes

Fate = Literal["kept", "dropped", "landed upstream", "without effect", "unclear"]
FATES: tuple[Fate, ...] = ("unclear", "landed upstream", "dropped", "without effect", "kept")
"""In reading order: what people have to do comes first."""


class Own(Model):
    """A commit that only the fork has.

    Attributes:
        commit: its id.
        subject: the first line of its message.
        author: who wrote it, by name; `email` is the address.
        time: when (RFC 3339 in UTC).
        age_days: whole days since then.
        files: how many files it changes.
        added: lines, without those of binary files; likewise `deleted`.
        fate: what the Plan does with it.
        why: the reason, as a few words or a sentence; "" if it is kept.
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
    """The result of `delta`.

    Attributes:
        contained: the newest release in the branch; None if it contains none of the range.
        release: the release that the branch is compared with; `tag` is the git tag's name.
        operation: how the Plan brings in a release: `carry` for `git carry`, else `merge`.
        last: the merge of the last rebase, where a carry's list begins; None if there was none.
        commits: the fork's own, in the order in which they are picked.
        totals: of all of them.
        by_fate: of the commits with each fate.
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
