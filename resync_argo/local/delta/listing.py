"""Lists the commits that only the fork has, according to how its Plan brings in releases.

For a Plan with `git carry`, these are the commits that the carry would list, judged by the same
code. For a Plan that merges, they are all commits that are in none of the releases in the branch; a
merge keeps them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from resync_argo.api.carries import Carries
from resync_argo.attempt.carry.again import judge_carried
from resync_argo.attempt.carry.landed import find_facts, find_likely
from resync_argo.attempt.carry.listing import list_carried
from resync_argo.attempt.carry.policy import Carried, Verdict, judge
from resync_argo.attempt.carry.policy import Fate as Judged
from resync_argo.attempt.carry.rounds import Round, find_round
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.options import Call
from resync_argo.attempt.repository.clone import fetch_changed, fetch_contents
from resync_argo.attempt.repository.upstream_release import reachable
from resync_argo.attempt.resolve.carrying import check_words, since_of
from resync_argo.errors import Stalled
from resync_argo.git import Git, GitError
from resync_argo.local.delta.delta import Fate
from resync_argo.local.delta.details import read_signatures
from resync_argo.reasons.attempt import UNCLEAR_CARRY
from resync_argo.upstream.eligibility import Release
from resync_argo.upstream.git_tags import GitTag

_CARRIED: dict[Judged, Fate] = {
    Judged.KEEP: "kept",
    Judged.DROP: "dropped",
    Judged.LANDED: "landed upstream",
    Judged.REFUSE: "unclear",
}


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The commits, with what the Plan makes of each.

    Attributes:
        operation: how the Plan brings in a release.
        span: where the list begins and ends.
        release: the one that the branch is compared with.
        commits: the fork's own; `fates` and `why` are in the same order.
        notes: what else was noticed, as sentences.
    """

    operation: Literal["carry", "merge"]
    span: Round
    release: Release
    commits: Sequence[Carried]
    fates: Sequence[Fate]
    why: Sequence[str]
    notes: tuple[str, ...] = ()


def list_carries(
    attempt: Attempt, head: str, call: Call, release: Release, contained: Release | None
) -> Listed:
    """Return what `git carry` would list.

    Args:
        attempt: its clone has both commits.
        head: the branch's tip.
        call: how the Plan's steps call it.
        release: the one that it would bring in.
        contained: the newest release in the branch. If it is not certain how `release` would be
            brought in, the list begins there, and a note says so.

    Raises:
        Stalled: `UnclearCarry`: it is not certain what is carried; or contents cannot be fetched.
        Transient: a host cannot be reached.
    """
    check_words(call)
    given, held, notes = since_of(call), release, list[str]()
    try:
        span = _round(attempt, head, release.tag.commit, given)
    except Stalled as error:
        if error.reason != UNCLEAR_CARRY or contained is None or contained == release:
            raise
        held = contained
        span = _round(attempt, head, contained.tag.commit, given)
        notes.append(f"`git carry` cannot bring {release.version} yet: {error}")
    _fetch(attempt, span, list_carried(attempt.repository, span))
    judged = judge_carried(attempt, span, held.tag.name)
    return Listed(
        operation="carry",
        span=span,
        release=held,
        commits=judged.commits,
        fates=[_CARRIED[it.fate] for it in judged.verdicts],
        why=[it.why for it in judged.verdicts],
        notes=tuple(notes),
    )


def _round(attempt: Attempt, head: str, upstream: str, given: str | None) -> Round:
    try:
        return find_round(attempt.repository, head, upstream, given)
    except GitError as error:
        if not error.lacks_object:
            raise
        # Contents show whether an odd merge is an ordinary one: it is made again.
        fetch_contents(attempt, head, upstream)
    return find_round(attempt.repository, head, upstream, given)


def list_merged(attempt: Attempt, head: str, release: Release, tags: Sequence[GitTag]) -> Listed:
    """Return the branch's commits that are in none of the releases that it contains.

    Args:
        attempt: its clone has both commits.
        head: the branch's tip.
        release: upstream's newest; commits that have landed there are marked.
        tags: all of upstream's.

    Raises:
        Stalled: there are too many; or contents cannot be fetched.
        Transient: a host cannot be reached.
    """
    git = attempt.repository
    span = _whole(git, head, release, tags)
    commits = list_carried(git, span)
    verdicts = _judge_merged(attempt, span, release, commits)
    fates = [_merged_fate(it) for it in verdicts]
    return Listed(
        operation="merge",
        span=span,
        release=release,
        commits=commits,
        fates=fates,
        why=["" if fate == "kept" else it.why for fate, it in zip(fates, verdicts, strict=True)],
    )


def _whole(git: Git, head: str, release: Release, tags: Sequence[GitTag]) -> Round:
    commit = release.tag.commit
    own = reachable(git, head) - reachable(git, commit)
    # For example a patch release on a branch that newer releases do not descend from.
    known = {it.commit for it in tags if it.commit.encode() in own}
    return Round(head=head, upstream=commit, last=None, base=None, since=tuple(sorted(known)))


def _judge_merged(
    attempt: Attempt, span: Round, release: Release, commits: Sequence[Carried]
) -> list[Verdict]:
    if not commits:
        return []
    git = attempt.repository
    signatures = read_signatures(git, [it.id for it in commits]).values()
    # Upstream commits a patch after its author date, whichever side wrote it.
    oldest = max(int(min(it.time for it in signatures).timestamp()), 0)
    span = replace(span, compared=(span.upstream, f"--max-age={oldest}"))
    _fetch(attempt, span, commits)
    prefixes = attempt.contract.config.carries.prefixes
    facts = find_facts(
        git,
        span,
        commits,
        prefixes=prefixes,
        beside={},
        release=release.tag.name,
    )
    lenient = Carries(prefixes=prefixes, untagged="Keep", unknown="Keep", reverts="Keep")
    return judge(commits, lenient, facts)


def _merged_fate(verdict: Verdict) -> Fate:
    if verdict.fate is Judged.LANDED:
        return "landed upstream"
    return "without effect" if verdict.is_neutral else "kept"


def _fetch(attempt: Attempt, span: Round, commits: Sequence[Carried]) -> None:
    """Fetch the contents that a comparison of patches needs."""
    ids = [it.id for it in commits]
    fetch_changed(attempt, "downstream", ids)
    fetch_changed(attempt, "upstream", find_likely(attempt.repository, span, ids))
