"""Looks at the forge for one sync: the pull requests that `wanted` names, and what people wrote on them.

In: the observation so far; out: the same with what was seen. A command that people wrote is carried out
here, as if they had annotated the Tag. Called by `tag`.
"""

import logging
from contextlib import suppress
from dataclasses import replace

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.controller.commands import obey
from resync_argo.controller.forge.containment import newest_contained, prove
from resync_argo.controller.state.objects import sync_of
from resync_argo.controller.sync.inputs import Observation
from resync_argo.controller.sync.lookups import Wanted, is_blocked
from resync_argo.controller.world import World
from resync_argo.errors import Stalled
from resync_argo.forge.interface import ObjectNotFound, PullRequest, PullRequestState
from resync_argo.names import conflict_branches, sync_branch

LOG = logging.getLogger(__name__)


def look(world: World, tag: Tag, plan: Plan, seen: Observation, want: Wanted) -> Observation:
    """Return the observation with what is wanted of the forge."""
    if want.claim and seen.run is not None and prove(world, plan, tag, seen.run):
        seen = replace(seen, proven=True, contained=newest_contained(world, plan, tag))
    if want.final and plan.spec.config.github is not None:
        try:
            seen = replace(seen, final=_final(world, tag, plan, seen, want))
        except ObjectNotFound:
            if want.intervals == 1:  # else nobody waits for it
                raise
    if want.conflict is None and want.conflict_number is None:
        return seen
    found = _conflict(world, plan, seen, want)
    if found is None:
        return seen
    downstream = plan.spec.config.downstream
    repository, forge = downstream.fork or downstream.name, world.forges.conflict(plan)
    _listen(world, tag, plan, found, asks=True)
    return replace(seen, conflict=found, files=world.pull_requests.files(repository, forge, found))


def _final(
    world: World, tag: Tag, plan: Plan, seen: Observation, want: Wanted
) -> PullRequest | None:
    repository, forge = plan.spec.config.downstream.name, world.forges.final(plan)
    branch = sync_branch(plan.metadata.name, seen.version)
    if want.final_number is None:
        return world.pull_requests.by_branch(repository, forge, branch)
    found = world.pull_requests.by_number(
        repository, forge, want.final_number, intervals=want.intervals
    )
    if found is not None and found.head_branch != branch:
        raise ObjectNotFound(
            "ObjectNotFound",
            f"{repository}: #{found.number} is not the pull request of {branch}, which was opened in "
            "another repository: name that one in the Plan again, or delete the Tag to start over.",
        )
    if found is not None:
        _listen(world, tag, plan, found)
    return found


def _is_blocked(tag: Tag, plan: Plan) -> bool:
    sync = sync_of(tag, plan)
    return sync is not None and is_blocked(sync)


def _listen(world: World, tag: Tag, plan: Plan, found: PullRequest, *, asks: bool = False) -> None:
    """Obey what people wrote on a pull request that cannot go on by itself: closed, blocked, or asking.

    One that `asks` for a resolution is answered by a merge: while it is open only a skip counts there.
    """
    is_open = found.state is PullRequestState.OPEN
    is_closed = found.state is PullRequestState.CLOSED
    if not (is_closed or (is_open and (asks or _is_blocked(tag, plan)))):
        return
    downstream, final = plan.spec.config.downstream, world.forges.final(plan)
    forge = world.forges.conflict(plan) if asks else final
    repository = (downstream.fork if asks else None) or downstream.name
    try:
        command = world.comments.newest_command(repository, forge, found, judge=final)
    except Stalled as error:
        if not (asks and is_open):
            raise
        # Such as a bot that may not see who writes to the downstream: the question stays answerable.
        LOG.warning("what people wrote on %s cannot be heard: %s", found.url, error)
        command = None
    if command is not None and (is_closed or not asks or command.verb == "skip"):
        obey(world, tag, plan, command)
    world.comments.heard(repository, found)


def _conflict(world: World, plan: Plan, seen: Observation, want: Wanted) -> PullRequest | None:
    """Return the conflict's pull request: the known one if it is for this conflict, else by branch."""
    downstream = plan.spec.config.downstream
    repository, forge = downstream.fork or downstream.name, world.forges.conflict(plan)
    head = want.conflict and conflict_branches(plan.metadata.name, seen.version, want.conflict)[1]
    resumed = seen.run.resumed if seen.run is not None else frozenset()
    if want.conflict_number is not None and want.conflict_number not in resumed:
        with suppress(ObjectNotFound):  # the Plan may name another repository now
            found = world.pull_requests.by_number(
                repository, forge, want.conflict_number, intervals=want.intervals
            )
            if found is not None and head in (None, found.head_branch):
                return found
    return world.pull_requests.by_branch(repository, forge, head) if head else None
