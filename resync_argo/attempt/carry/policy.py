"""What to do with each downstream commit, by its subject, the Plan and what upstream has. Pure.

Nothing is guessed: if neither the Plan nor a fact decides, the commit is refused with a sentence
that says what to write.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from resync_argo.api.carries import Carries
from resync_argo.attempt.carry.subject import Kind, read_subject

_ID = re.compile(r"[0-9a-f]{7,64}")
_NUMBER = re.compile(r"^\d{1,12}\+")
_REVERTED = re.compile(r"This reverts commit ([0-9a-f]{7,64})")


class Fate(Enum):
    """What to do with a commit."""

    KEEP = "kept"
    DROP = "dropped"
    LANDED = "landed upstream"
    REFUSE = "refused"


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A downstream commit since the last rebase.

    Attributes:
        id: the commit.
        parent: its parent; None for a first commit.
        subject: its first line.
        body: the rest of its message.
        author: who wrote it, by e-mail address.
        is_empty: it changes nothing.
    """

    id: str
    parent: str | None = None
    subject: str
    body: str = ""
    author: str = ""
    is_empty: bool = False

    @property
    def reverts(self) -> str | None:
        """Return the one commit that it claims to revert, perhaps abbreviated; None for none or several."""
        found = _REVERTED.findall(self.body)
        return found[0] if len(found) == 1 else None

    def may_revert(self, other: "Carried") -> bool:
        """Return whether it claims, by id or by subject, to revert a commit."""
        if self.says_revert:
            return self.reverts is not None and other.id.startswith(self.reverts)
        return bool(other.subject) and self.subject.endswith(f'Revert "{other.subject}"')

    @property
    def says_revert(self) -> bool:
        """Return whether it claims to revert something."""
        return _REVERTED.search(self.body) is not None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What to do with a commit, and why.

    Attributes:
        fate: what.
        why: a few words, or the sentence of a refusal.
        is_neutral: the branch's files are the same without it.
    """

    fate: Fate
    why: str = ""
    is_neutral: bool = False


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts about the commits besides their messages.

    Attributes:
        numbers: upstream commits that merged a pull request, by its number.
        taken_back: upstream commits that claim to revert such a pull request, by its number.
        same: upstream commits with the very same patch, by carried commit.
        twins: carried commits with the very same patch as an earlier one, which is named.
        inverse: pairs of carried commits in which the second exactly reverts the first.
        unclear: reverts that may affect carried patches.
        beside: commits that a merge brought together with upstream's own, by that merge.
        release: what upstream's commit is called.
    """

    numbers: Mapping[int, str] = field(default_factory=dict)
    taken_back: Mapping[int, str] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    twins: Mapping[str, str] = field(default_factory=dict)
    inverse: Collection[tuple[str, str]] = ()
    unclear: Collection[str] = ()
    beside: Mapping[str, str] = field(default_factory=dict)
    release: str = "upstream"


def judge(
    commits: Sequence[Carried], carries: Carries, facts: Facts, included: Collection[str] = ()
) -> list[Verdict]:
    """Return what to do with each commit, in order; subjects do not decide about `included` ones."""
    taken_back = dict(_taken_back(commits, carries, facts))
    return [
        _listed(one, carries)
        or taken_back.get(one.id)
        or (_included(one, facts) if one.id in included else _one(one, carries, facts))
        for one in commits
    ]


def _included(one: Carried, facts: Facts) -> Verdict:
    """Return what to do with a commit of an included pull request."""
    return _landed(one, None, facts) or Verdict(fate=Fate.KEEP)


def squashed_by(author: str, carries: Carries) -> str | None:
    """Return the address whose commits are squashed; None for a commit that is not."""
    wanted = author.strip().lower()
    # GitHub puts a number before the name: `123+bot@users.noreply.github.com`.
    known = (wanted, _NUMBER.sub("", wanted))
    return next((it for it in carries.squash if it.strip().lower() in known), None)


def _listed(one: Carried, carries: Carries) -> Verdict | None:
    """Return what the Plan says about this particular commit."""
    by = next((it for it in carries.exclude if _names(it, one)), None)
    if by is not None:
        return Verdict(fate=Fate.DROP, why="the Plan excludes it")
    if any(_names(it, one) for it in carries.keep):
        return Verdict(fate=Fate.KEEP)
    return None


def _names(wanted: str, one: Carried) -> bool:
    if _ID.fullmatch(wanted):
        return one.id.startswith(wanted)
    return _fits(wanted, one.subject)


def _fits(pattern: str, text: str) -> bool:
    """Return whether a text contains the parts of a pattern between its `*`, in order."""
    first, *parts = pattern.split("*")
    if not parts:
        return text == pattern
    *middle, last = parts
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def _taken_back(
    commits: Sequence[Carried], carries: Carries, facts: Facts
) -> Iterable[tuple[str, Verdict]]:
    listed = {it.id: _listed(it, carries) for it in commits}
    for first, second in facts.inverse:
        if _is(listed.get(first), Fate.KEEP) or _is(listed.get(second), Fate.DROP):
            # Nothing reverts a commit that the Plan keeps, and a commit that it excludes reverts nothing.
            continue
        yield first, Verdict(fate=Fate.DROP, why=f"{second[:12]} reverts it", is_neutral=True)
        yield (
            second,
            Verdict(fate=Fate.DROP, why=f"with {first[:12]}, which it reverts", is_neutral=True),
        )


def _is(verdict: Verdict | None, fate: Fate) -> bool:
    return verdict is not None and verdict.fate is fate


def _one(one: Carried, carries: Carries, facts: Facts) -> Verdict:
    if one.is_empty:
        return Verdict(fate=Fate.DROP, why="it changes nothing", is_neutral=True)
    landed = _landed(one, read_subject(one.subject, carries.prefixes).number, facts)
    return landed or _by_tag(one, carries, facts)


def _landed(one: Carried, number: int | None, facts: Facts) -> Verdict | None:
    if number is not None and number in facts.numbers:
        why = f"{facts.release} has #{number}, by {facts.numbers[number][:12]}"
        if number in facts.taken_back:
            by = facts.taken_back[number][:12]
            return _refused(one, f"is not clear: {why}, and {by} says that it reverts that")
        return Verdict(fate=Fate.LANDED, why=why)
    if one.id in facts.same:
        why = f"{facts.release} has the same patch, {facts.same[one.id][:12]}"
        return Verdict(fate=Fate.LANDED, why=why)
    return None


def _by_tag(one: Carried, carries: Carries, facts: Facts) -> Verdict:
    kind = read_subject(one.subject, carries.prefixes).kind
    if kind is Kind.UNKNOWN:
        return _by_setting(one, carries.unknown, "unknown", "a tag that the Plan does not know")
    if kind is Kind.REVERT or is_undo(one, kind):
        return _revert(one, kind, carries, facts)
    if kind is Kind.UNTAGGED:
        return _untagged(one, carries, facts)
    if kind is Kind.DROP:
        return Verdict(fate=Fate.DROP, why="its subject says so")
    return Verdict(fate=Fate.KEEP)


def _untagged(one: Carried, carries: Carries, facts: Facts) -> Verdict:
    if one.id in facts.beside:
        merge = facts.beside[one.id][:12]
        what = f"came by the merge {merge} together with upstream's commits, and {facts.release} lacks it"
        return _refused(one, f"{what}, so it may be upstream's on another branch")
    return _by_setting(one, carries.untagged, "untagged", "no tag")


def is_undo(one: Carried, kind: Kind) -> bool:
    """Return whether a commit without a tag reverts another one."""
    return kind is Kind.UNDO or (kind is Kind.UNTAGGED and one.says_revert)


def _revert(one: Carried, kind: Kind, carries: Carries, facts: Facts) -> Verdict:
    if kind is not Kind.REVERT and carries.untagged == "Drop" and one.id not in facts.unclear:
        return Verdict(fate=Fate.DROP, why="it has no tag")
    if carries.reverts == "Keep":
        return Verdict(fate=Fate.KEEP)
    what = one.reverts[:12] if one.reverts else "something"
    return _refused(
        one, f"reverts {what}, which is not just one carried patch since the last rebase"
    )


def _by_setting(one: Carried, setting: str, name: str, what: str) -> Verdict:
    if setting == "Keep":
        return Verdict(fate=Fate.KEEP)
    if setting == "Drop":
        return Verdict(fate=Fate.DROP, why=f"it has {what}")
    also = f", or set `carries.{name}` to Keep or Drop"
    return _refused(one, f"has {what}", also)


def _refused(one: Carried, what: str, also: str = "") -> Verdict:
    sentence = (
        f"The commit {one.id[:12]} ({one.subject[:100]}) {what}: name it in `carries.keep` or `carries.exclude`"
        f" of the Plan{also}."
    )
    return Verdict(fate=Fate.REFUSE, why=sentence)
