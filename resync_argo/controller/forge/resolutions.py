"""Shows on an open conflict pull request how much of it is resolved: the status `resync/resolution`.

In: the pull request as the poll or a webhook showed it. Out: a commit status on its head, set once per
head commit and process. Nothing is asked of git or the forge while the head stays. Called by `tag`.
"""

from resync_argo.api.plan import Plan
from resync_argo.conflicts.observe import observe_resolution
from resync_argo.conflicts.resolution import STATUS_CONTEXT, Resolution
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.world import World
from resync_argo.errors import ResyncError, Stalled
from resync_argo.forge.interface import CommitState, CommitStatus, PullRequest, PullRequestState

REWRITTEN = "The base branch was rewritten: nobody can tell what is left"


def show_resolution(
    world: World, plan: Plan, found: PullRequest | None, run: Run | None
) -> ResyncError | None:
    """Set the status of a head commit that was not judged yet; return why that could not be done.

    What a person has to mend is not tried again before the head moves; anything else is, at the next
    look. It never keeps a sync from going on.
    """
    if found is None or found.state is not PullRequestState.OPEN:
        return None
    downstream = plan.spec.config.downstream
    key = downstream.fork or downstream.name, found.number
    judged = world.judged.get(key)
    if judged is not None and judged[0] == found.head_commit:
        return judged[1]
    try:
        world.forges.conflict(plan).set_commit_status(
            found.head_commit, _status(_look(world, plan, found), _page(world, run))
        )
    except Stalled as error:
        world.judged[key] = found.head_commit, error
        return error
    except ResyncError as error:
        return error
    world.judged[key] = found.head_commit, None
    return None


def _look(world: World, plan: Plan, found: PullRequest) -> Resolution | None:
    """Judge the very commit that the forge named: the branch may be ahead of it, or behind."""
    return observe_resolution(
        world.remotes.conflict(plan),
        base=found.base_branch,
        head=found.head_commit,
        key=found.head_branch.split("/")[-2],
    )


def _page(world: World, run: Run | None) -> str | None:
    """Return where the status leads: the run that waits, in the Argo UI."""
    runs = world.settings.runs_url(run.metadata.namespace) if run is not None else None
    return f"{runs}/{run.metadata.name}" if run is not None and runs else None


def _status(resolution: Resolution | None, url: str | None) -> CommitStatus:
    state, description = CommitState.ERROR, REWRITTEN
    if resolution is not None:
        state = CommitState.SUCCESS if resolution.is_complete else CommitState.FAILURE
        description = resolution.description
    return CommitStatus(context=STATUS_CONTEXT, state=state, description=description, url=url)
