"""Forecasts `git carry`, by the very code that answers it in a run: what is asked, what is refused, what is carried.

The contents that a run would read are fetched, for a carry also reads what single commits changed.
"""

from resync_argo.attempt.carry.again import judge_carried, refuse_unclear
from resync_argo.attempt.carry.picking import differing
from resync_argo.attempt.carry.policy import Fate
from resync_argo.attempt.carry.rounds import find_round
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
from resync_argo.conflicts.quoting import quote
from resync_argo.errors import ResyncError
from resync_argo.local.preview.forecast import Forecasted, people_of
from resync_argo.local.preview.outlook import CarryForecast
from resync_argo.upstream.git_tags import GitTag

_NOBODY = b"resync <resync> 0 +0000"
"""Whoever commits: these commits are looked at by nobody."""


def forecast_carry(
    attempt: Attempt, head: str, tag: GitTag, call: Call, options: MergeOptions
) -> Forecasted:
    """Return what `git carry` would give that brings a tag's commit to a commit of the branch.

    Args:
        attempt: whose clone; it has both commits.
        head: the branch's tip.
        tag: the release.
        call: how the Plan's steps call it.
        options: how it merges.

    Raises:
        ResyncError: it would be refused, with the sentence of the refusal; or it cannot be forecast.
    """
    check_words(call)
    since, git = _since(call), attempt.repository
    fetch_contents(attempt, head, tag.commit)
    span = find_round(git, head, tag.commit, since)
    judged = judge_carried(attempt, span, tag.name)
    refuse_unclear(judged)
    work = merge_carried(attempt, judged, options, step="")
    apply_rules(attempt, work)
    by = {
        kind: [it.path.path for it in work.decisions if it.kind == kind]
        for kind in ("rule", "step")
    }
    asked = [work.unmerged[path] for path in sorted(work.unmerged)]
    if not asked:
        # A patch of which nothing would be left is refused only now.
        pick_carried(attempt, judged, work, _NOBODY)
    changed = differing(git, head, write_tree(git, work.tree, work.wanted))
    fates = [it.fate for it in judged.verdicts]
    found = CarryForecast(
        commits=int(git.text("rev-list", "--count", f"{head}..{tag.commit}")),
        files=len(changed | work.unmerged.keys()),
        conflicts=tuple(quote(it.path.path) for it in asked),
        by_rules=tuple(quote(path) for path in sorted(by["rule"])),
        by_steps=tuple(quote(path) for path in sorted(by["step"])),
        carried=fates.count(Fate.KEEP),
        dropped=fates.count(Fate.DROP),
        landed=fates.count(Fate.LANDED),
    )
    return Forecasted(forecast=found, people=people_of(attempt, head, tag.commit, asked))


def _since(call: Call) -> str | None:
    given = since_of(call)
    if given is not None and "$" in given:
        raise ResyncError(
            f"Which merge `--since {given}` names is known in a run alone: write the commit itself."
        )
    return given
