"""Checkout: the first container of an attempt, and the only one that fetches.

It finds the tag, clones, observes what the branch contains, fetches what steps may need, takes up
what people resolved before, and makes the steps' clone. What it saw it keeps as the `ReplayInput`.
"""

from resync_argo.attempt.checkout.workspace import prepare
from resync_argo.attempt.conflict.answers import restore_resolutions
from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.attempt.repository.clone import clone, fetch_contents
from resync_argo.attempt.repository.ownership import look_for_others
from resync_argo.attempt.repository.upstream_release import (
    already_synced,
    find_release,
    newest_contained,
    reachable,
)


def checkout(attempt: Attempt) -> ReplayInput:
    """Do all of the above.

    Raises:
        Stalled: a person must act: `TagGone`, `TagMoved`, `OwnedElsewhere`, or what `hosts.refusals` says of a host.
        Transient: a host did not answer.
    """
    attempt.layout.trusted.mkdir(parents=True, exist_ok=True)
    attempt.layout.workspace.mkdir(parents=True, exist_ok=True)
    listing = find_release(attempt)
    wanted = listing.wanted
    head = clone(attempt, wanted.tag, listing.tags)
    history = reachable(attempt.repository, head)
    previous = newest_contained(attempt.contract.config, listing.tags, history)
    contained = wanted.tag.commit.encode() in history
    reason = already_synced(attempt, wanted, previous, head=head, contained=contained)
    if reason is None:
        look_for_others(attempt)
    bases = fetch_contents(attempt, head, wanted.tag.commit) if reason is None else ()
    answered = restore_resolutions(attempt) if reason is None else ()
    replay = ReplayInput(
        head=head,
        tag=wanted.tag.name,
        tag_commit=wanted.tag.commit,
        version=str(wanted.version),
        date=_date(attempt, wanted.tag.commit),
        previous_tag=previous.tag.name if previous else None,
        previous_version=str(previous.version) if previous else None,
        previous_commit=previous.tag.commit if previous else None,
        merge_bases=bases,
        already_synced=reason,
        rounds=len(answered),
    )
    attempt.save(replay)
    prepare(attempt, replay)
    return replay


def _date(attempt: Attempt, commit: str) -> int:
    # Not `git show`, which looks at every changed file, and a release may name any number of them.
    return int(attempt.repository.text("log", "--max-count=1", "--format=%ct", commit, "--"))
