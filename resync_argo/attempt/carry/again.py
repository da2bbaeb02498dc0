"""Decides what to do with each carried commit, and picks the kept ones on a merge that records upstream.

It picks once all conflicts are decided.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from resync_argo.attempt.carry.included import Included, Pick
from resync_argo.attempt.carry.landed import find_facts
from resync_argo.attempt.carry.ledger import Entry, Ledger, with_pulls
from resync_argo.attempt.carry.listing import brought_beside, list_carried
from resync_argo.attempt.carry.picking import (
    Again,
    Picking,
    Words,
    differing,
    grouped,
    pick,
    write_commit,
)
from resync_argo.attempt.carry.policy import Carried, Facts, Fate, Verdict, judge, squashed_by
from resync_argo.attempt.carry.rounds import Round
from resync_argo.attempt.carry.state import State, find_state
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.conflicts.quoting import quote
from resync_argo.errors import Stalled
from resync_argo.git import Git
from resync_argo.reasons.attempt import UNCLEAR_CARRY


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The commits and what to do with each.

    Attributes:
        span: the rebase.
        release: what upstream's commit is called.
        commits: the fork's own; `verdicts` are in the same order.
        facts: what is known about them.
        included: the pull requests that come along, whose commits are among them; None: none does.
    """

    span: Round
    release: str
    commits: Sequence[Carried]
    verdicts: Sequence[Verdict]
    facts: Facts
    included: Included | None = None

    @property
    def picks(self) -> Mapping[str, Pick]:
        """Return the commits of pull requests, by id."""
        return self.included.by_commit if self.included is not None else {}

    @property
    def kept(self) -> list[Carried]:
        """Return the commits to pick."""
        pairs = zip(self.commits, self.verdicts, strict=True)
        return [one for one, verdict in pairs if verdict.fate is Fate.KEEP]

    @property
    def dropped(self) -> list[Carried]:
        """Return the commits to remove from the branch's files."""
        pairs = zip(self.commits, self.verdicts, strict=True)
        gone = (Fate.DROP, Fate.LANDED)
        return [one for one, it in pairs if it.fate in gone and not it.is_neutral]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The expected result of all commits together.

    Attributes:
        tree: the files.
        decided: its paths that rules or people decided.
        options: how to merge.
        committer: of the commits, as git stores it.
        people: who resolved a path, as `Name <address>`.
    """

    tree: str
    decided: Collection[bytes]
    options: MergeOptions
    committer: bytes
    people: Mapping[bytes, Sequence[str]] = field(default_factory=dict)


def judge_carried(
    attempt: Attempt, span: Round, release: str, included: Included | None = None
) -> Judged:
    """Return the commits carried since the last rebase, and what to do with each.

    Args:
        attempt: whose clone and Plan.
        span: the rebase.
        release: what upstream's commit is called.
        included: the pull requests that come along; None: none does.

    Raises:
        Stalled: `UnclearCarry`: there are too many.
        GitError: an object is missing.
    """
    git, carries = attempt.repository, attempt.contract.config.carries
    if included is not None:
        span = replace(span, included=included.tip)
    commits = list_carried(git, span)
    facts = find_facts(
        git,
        span,
        commits,
        prefixes=carries.prefixes,
        beside=brought_beside(git, span),
        release=release,
    )
    verdicts = judge(commits, carries, facts, included.by_commit if included is not None else ())
    return Judged(
        span=span,
        release=release,
        commits=commits,
        verdicts=verdicts,
        facts=facts,
        included=included,
    )


def refuse_unclear(judged: Judged) -> None:
    """Refuse commits that nothing decides about.

    Raises:
        Stalled: `UnclearCarry`: with the sentence about the first of them.
    """
    refused = [it.why for it in judged.verdicts if it.fate is Fate.REFUSE]
    if refused:
        more = f" {len(refused) - 1} more commits are unclear." if len(refused) > 1 else ""
        raise Stalled(UNCLEAR_CARRY, refused[0] + more)


def state_of(git: Git, judged: Judged, options: MergeOptions) -> State:
    """Return downstream's files without the dropped commits.

    Raises:
        Stalled: `UnclearCarry`: the histories are unrelated.
        GitError: an object is missing.
    """
    state = find_state(
        git,
        judged.span,
        commits=judged.commits,
        kept=judged.kept,
        dropped=judged.dropped,
        options=options,
    )
    if state is None:
        raise Stalled(
            UNCLEAR_CARRY, "The branch and upstream share no history: merge them once by hand."
        )
    collided = judged.included.unclear if judged.included is not None else frozenset()
    return replace(state, unclear=state.unclear | collided)


def pick_again(attempt: Attempt, judged: Judged, wanted: Wanted) -> tuple[str, Ledger]:
    """Record upstream by a merge and pick the kept commits on it; return the last commit and each result.

    Raises:
        Stalled: `UnclearCarry`: a commit would become empty for no known reason.
        GitError: an object is missing.
    """
    git, carries = attempt.repository, attempt.contract.config.carries
    picking = Picking(
        git=git,
        options=wanted.options,
        wanted=wanted.tree,
        decided=frozenset(wanted.decided),
        committer=wanted.committer,
        people=wanted.people,
    )
    start = _record(attempt, judged, picking.committer)
    kept = judged.kept
    own = [it for it in kept if it.id not in judged.picks]
    chosen = [(it, squashed_by(it.author, carries)) for it in own]
    others = [(it, None) for it in kept if it.id in judged.picks]
    tip, again = picking.run(start, [*grouped(chosen), *grouped(others)])
    bots = {one.id for one, bot in chosen if bot is not None}
    found = {it.one.id: it for it in again}
    entries = [
        _entry(picking, judged, found.get(one.id), (one, verdict), squashed=one.id in bots)
        for one, verdict in zip(judged.commits, judged.verdicts, strict=True)
    ]
    if judged.included is not None:
        entries = with_pulls(entries, judged.included)
    rest = differing(git, tip, wanted.tree)
    ledger = Ledger(entries=tuple(entries), last=judged.span.last)
    if not rest:
        return tip, ledger
    message = f"{carries.prefixes[0]}: <carry>: adjust carried patches to {judged.release}\n"
    words = picking.credited(Words(author=picking.committer, message=message.encode()), rest)
    commit = write_commit(git, wanted.tree, [tip], words, picking.committer)
    files = tuple(quote(it) for it in sorted(rest))
    return commit, ledger.model_copy(update={"rest": commit, "rest_files": files})


def _record(attempt: Attempt, judged: Judged, committer: bytes) -> str:
    config, span = attempt.contract.config, judged.span
    message = (
        f"Merge {judged.release} of {config.upstream.name} into {config.downstream.branch}\n\n"
        "All files are upstream's. The patches that the branch carries are picked again on top of this.\n"
    )
    words = Words(author=committer, message=message.encode())
    git = attempt.repository
    tree = git.text("rev-parse", f"{span.upstream}^{{tree}}")
    return write_commit(git, tree, [span.head, span.upstream], words, committer)


def _entry(
    picking: Picking,
    judged: Judged,
    again: Again | None,
    found: tuple[Carried, Verdict],
    *,
    squashed: bool,
) -> Entry:
    one, verdict = found
    entry = Entry(commit=one.id, subject=one.subject, fate="dropped", why=verdict.why)
    if verdict.fate is Fate.LANDED:
        return entry.model_copy(update={"fate": "landed upstream"})
    if again is None:
        return entry
    files = tuple(quote(it) for it in sorted(again.conflicts | again.decided))
    own = {"now": again.commit, "squashed": squashed, "conflicts": files}
    if again.commit is not None:
        why = "squashed with the bot's others" if squashed else ""
        return entry.model_copy(update={"fate": "kept", "why": why, **own})
    why = _why_empty(picking, judged, again)
    return entry.model_copy(update={"fate": "became empty", "why": why, **own})


def _why_empty(picking: Picking, judged: Judged, again: Again) -> str:
    """Return the reason why a commit became empty.

    Raises:
        Stalled: reason `UnclearCarry`: there is no known reason.
    """
    git, one, upstream = picking.git, again.one, judged.span.upstream
    if again.conflicts or again.decided:
        return "the decisions about its files leave nothing of it"
    if again.undone:
        return "the bot's commits cancel each other out"
    tree = git.text("rev-parse", f"{upstream}^{{tree}}")
    alone = pick(git, tree, one, picking.options)
    if alone.tree == tree:
        return "upstream's files have all of it"
    twin = judged.facts.twins.get(one.id)
    if twin is not None:
        return f"{twin[:12]} is the same patch"
    if one.id in judged.picks:
        return "branch and upstream have all of it"
    raise Stalled(
        UNCLEAR_CARRY,
        f"Nothing would be left of the commit {one.id[:12]} ({one.subject[:100]}), though upstream does not have it:"
        " another carried commit makes the same change. Name it in `carries.exclude` of the Plan.",
    )
