"""Checkout: the first container of an attempt, and the only one that fetches.

It finds the tag, clones, observes what the branch contains, takes up what people resolved before,
and fetches what steps may need for their clone. If the merge that they begin with leaves a conflict
to people, no step runs. Checkout saves what it saw as the `ReplayInput`.
"""

from collections.abc import Set

from resync_argo.attempt.checkout.at_once import asks_at_once
from resync_argo.attempt.checkout.workspace import prepare
from resync_argo.attempt.conflict.answers import restore_resolutions
from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.attempt.include.find import find_included
from resync_argo.attempt.repository.clone import clone, fetch_contents, fetch_tag, merge_bases
from resync_argo.attempt.repository.contained import contained_releases, last_release
from resync_argo.attempt.repository.mirror.view import close_mirror
from resync_argo.attempt.repository.ownership import look_for_others
from resync_argo.attempt.repository.squashed import graft_squashed
from resync_argo.attempt.repository.upstream_branch import contained_commit
from resync_argo.attempt.repository.upstream_release import (
    Listing,
    already_synced,
    find_release,
    newest_contained,
    reachable,
)
from resync_argo.attempt.variables import parameter_values
from resync_argo.git import commit_time
from resync_argo.upstream.eligibility import Release


def checkout(attempt: Attempt) -> ReplayInput:
    """Run all of the above.

    Raises:
        Stalled: a person must act: `TagGone`, `TagMoved`, `OwnedElsewhere`, `TooManyIncluded`,
            `InvalidValue`, or a reason from `hosts.refusals`.
        Transient: a host did not answer.
    """
    parameter_values(attempt)  # Fail on unusable settings before anything is fetched.
    attempt.layout.trusted.mkdir(parents=True, exist_ok=True)
    attempt.layout.workspace.mkdir(parents=True, exist_ok=True)
    listing = find_release(attempt)
    wanted = listing.wanted
    head = clone(attempt, wanted.tag, listing.tags)
    graft_squashed(attempt, head)
    history = reachable(attempt.repository, head)
    previous = _previous(attempt, listing, head, history)
    contained = wanted.tag.commit.encode() in history
    released = last_release(
        attempt.repository, attempt.contract.config, listing.tags, head=head, history=history
    )
    inside = contained_releases(attempt.contract.config, listing.tags, history)
    reason = already_synced(attempt, wanted, previous, head=head, contained=contained)
    if reason is None:
        look_for_others(attempt)
    answered = restore_resolutions(attempt) if reason is None else ()
    replay = ReplayInput(
        head=head,
        tag=wanted.tag.name,
        upstream_branch=wanted.tag.branch,
        tag_commit=wanted.tag.commit,
        version=str(wanted.version),
        date=commit_time(attempt.repository, wanted.tag.commit),
        previous_tag=previous.tag.name if previous else None,
        previous_version=str(previous.version) if previous else None,
        previous_commit=previous.tag.commit if previous else None,
        released_tag=released.tag.name if released else None,
        released_commit=released.tag.commit if released else None,
        contained_commits=tuple(it.tag.commit for it in inside),
        merge_bases=() if reason else merge_bases(attempt.repository, head, wanted.tag.commit),
        already_synced=reason,
        rounds=len(answered),
    )
    attempt.save(replay)
    if reason is None:
        replay = _ready_for_steps(attempt, replay)
        attempt.save(replay)
    close_mirror(attempt)
    prepare(attempt, replay)
    return replay


def _ready_for_steps(attempt: Attempt, replay: ReplayInput) -> ReplayInput:
    """Fetch what steps may need, unless people have to be asked before any of them runs."""
    if asks_at_once(attempt, replay):
        return replay.model_copy(update={"asks_at_once": True})
    fetch_contents(attempt, replay.head, replay.tag_commit)
    found = find_included(attempt, replay.head, replay.tag_commit)
    seen = {"included": found.included, "left": found.left, "include_record": found.include_record}
    return replay.model_copy(update=seen)


def _previous(attempt: Attempt, listing: Listing, head: str, history: Set[bytes]) -> Release | None:
    config = attempt.contract.config
    if config.upstream.branch is not None:
        return contained_commit(attempt.repository, head, listing.wanted)
    previous = newest_contained(config, listing.tags, history)
    if previous is not None:
        fetch_tag(attempt, previous.tag)
    return previous
