"""Finds a merge's conflict before any step runs, without checking out files and with little to fetch.

In: the clone with both histories, what people answered before, and the Plan's first command. Out:
the conflict left to people, saved for `main` as if a step had met it. The same code performs the
same merge, so the conflict is the same. If that is uncertain, the steps run and meet the conflict
themselves.
"""

from dataclasses import replace

from resync_argo.attempt.checkout.opening import opening_merge
from resync_argo.attempt.conflict.answers import load_resolutions
from resync_argo.attempt.conflict.decisions import save_decisions
from resync_argo.attempt.conflict.stop import save_stop
from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.attempt.merge.conflicts import merge_sides
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.raw import THEIR_STAGE, Sides
from resync_argo.attempt.merge.three_way import write_tree
from resync_argo.attempt.merge.untouched import Origins
from resync_argo.attempt.repository.needed import fetch_for_question
from resync_argo.attempt.resolve.people import People
from resync_argo.attempt.resolve.settle import decide
from resync_argo.attempt.resolve.work import Work
from resync_argo.errors import ResyncError


def asks_at_once(attempt: Attempt, replay: ReplayInput) -> bool:
    """Return whether people have to be asked before any step runs; if so, save the conflict."""
    options = opening_merge(attempt, replay)
    if options is None or not replay.merge_bases or replay.head in replay.merge_bases:
        return False
    try:
        work = _merged(attempt, replay, options)
        people = People(answered=load_resolutions(attempt))
        stop = decide(attempt, work, people) if work is not None else None
    except ResyncError:
        # It needs more than was fetched, a host lacks an object, or a rule is invalid: later code reports that.
        return False
    if work is None or stop is None:
        return False
    save_decisions(attempt, work.decisions)
    save_stop(attempt, replace(stop, picked=replay.tag_commit))
    return True


def _merged(attempt: Attempt, replay: ReplayInput, options: MergeOptions) -> Work | None:
    """Return the merge of the release into the branch; None where nothing is in conflict."""
    fetch_for_question(attempt, replay.head, replay.tag_commit, replay.merge_bases[0])
    git = attempt.repository
    sides = Sides(ours=replay.head, theirs=replay.tag_commit)
    merged = merge_sides(git, sides, options, upstream=THEIR_STAGE)
    if not merged.conflicts:
        return None
    origins = None
    if replay.released_commit is not None:
        origins = Origins.of_merge(
            git,
            replay.head,
            replay.tag_commit,
            released=replay.released_commit,
            contained=replay.contained_commits,
        )
    return Work(
        git=git,
        tree=write_tree(git, merged.raw.tree, dict.fromkeys(merged.raw.stages)),
        options=options,
        where="merge -",
        step=attempt.contract.steps[0].container,
        unmerged={it.path.path: it for it in merged.conflicts},
        origins=origins,
    )
