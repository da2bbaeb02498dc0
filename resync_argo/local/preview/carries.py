"""Forecasts `git carry` with the code that answers it in a run: what is asked, refused and carried.

It fetches the contents that a run would read, since a carry also reads what single commits changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from resync_argo.api.include import IncludedPull
from resync_argo.attempt.carry.again import judge_carried, refuse_unclear
from resync_argo.attempt.carry.included import include
from resync_argo.attempt.carry.picking import differing
from resync_argo.attempt.carry.policy import Fate
from resync_argo.attempt.carry.rounds import find_round
from resync_argo.attempt.conflict.decisions import DecidedBy
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.options import Call, MergeOptions
from resync_argo.attempt.merge.three_way import write_tree
from resync_argo.attempt.repository.clone import fetch_contents
from resync_argo.attempt.resolve.carrying import (
    check_words,
    merge_carried,
    pick_carried,
    since_of,
)
from resync_argo.attempt.resolve.settle import apply_rules
from resync_argo.attempt.resolve.work import Work
from resync_argo.conflicts.quoting import quote
from resync_argo.errors import ResyncError
from resync_argo.local.preview.forecast import Forecasted, people_of
from resync_argo.local.preview.report import CarryForecast
from resync_argo.upstream.git_tags import GitTag

_NOBODY = b"resync <resync> 0 +0000"
"""Whoever commits: these commits are looked at by nobody."""


@dataclass(frozen=True, kw_only=True)
class Branch:
    """The start of a carry.

    Attributes:
        head: the branch's tip.
        pulls: the included pull requests.
        released: the newest release that the branch contains; None if it contains none.
        contained: all releases that it contains.
    """

    head: str
    pulls: Sequence[IncludedPull] = ()
    released: str | None = None
    contained: tuple[str, ...] = ()


def forecast_carry(
    attempt: Attempt, branch: Branch, tag: GitTag, call: Call, options: MergeOptions
) -> Forecasted:
    """Return the result of a `git carry` of the branch onto a tag's commit.

    Args:
        attempt: its clone has both commits.
        branch: the branch with the patches.
        tag: the release.
        call: how the Plan's steps call it.
        options: how it merges.

    Raises:
        ResyncError: it would be refused, with the sentence of the refusal; or it cannot be forecast.
    """
    check_words(call)
    since, git, head, pulls = _since(call), attempt.repository, branch.head, branch.pulls
    fetch_contents(attempt, head, tag.commit)
    span = find_round(git, head, tag.commit, since)
    included = include(git, pulls, (head, tag.commit), options, _NOBODY) if pulls else None
    judged = judge_carried(attempt, span, tag.name, included)
    refuse_unclear(judged)
    work = merge_carried(attempt, judged, options, step="", released=branch.released)
    apply_rules(attempt, work)
    asked = [work.unmerged[path] for path in sorted(work.unmerged)]
    if not asked:
        # Only now does git refuse a patch of which nothing would be left.
        pick_carried(attempt, judged, work, _NOBODY)
    changed = differing(git, head, write_tree(git, work.tree, work.wanted))
    others = set(judged.picks)
    fates = [
        verdict.fate
        for it, verdict in zip(judged.commits, judged.verdicts, strict=True)
        if it.id not in others or verdict.fate is not Fate.KEEP
    ]
    found = CarryForecast(
        commits=int(git.text("rev-list", "--count", f"{head}..{tag.commit}")),
        files=len(changed | work.unmerged.keys()),
        conflicts=tuple(quote(it.path.path) for it in asked),
        by_rules=_decided(work, "rule"),
        untouched=_decided(work, "untouched"),
        by_steps=_decided(work, "step"),
        carried=fates.count(Fate.KEEP),
        included=len(judged.kept) - fates.count(Fate.KEEP),
        dropped=fates.count(Fate.DROP),
        landed=fates.count(Fate.LANDED),
    )
    return Forecasted(forecast=found, people=people_of(attempt, head, tag.commit, asked))


def _decided(work: Work, kind: DecidedBy) -> tuple[str, ...]:
    return tuple(
        quote(it) for it in sorted(it.path.path for it in work.decisions if it.kind == kind)
    )


def _since(call: Call) -> str | None:
    given = since_of(call)
    if given is not None and "$" in given:
        raise ResyncError(
            f"Which merge `--since {given}` names is known in a run alone: write the commit itself."
        )
    return given
