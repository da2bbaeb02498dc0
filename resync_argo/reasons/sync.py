"""The state of a sync: its Workflow, its conflict and its pull request, as the controller sees them."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

PLAN_CHANGED = Reason(
    "PlanChanged",
    Kind.STATE,
    "The Plan has changed, so a failed or suspended sync starts over.",
    shown=(at.PENDING,),
)
REOPENED = Reason(
    "Reopened",
    Kind.STATE,
    "A conflict's pull request was reopened, so the sync starts over.",
    shown=(at.PENDING,),
)
SETTLED = Reason(
    "Settled",
    Kind.STATE,
    "A person had changed the pull request of a branch's earlier commits. It is merged or closed now, so the "
    "sync starts over.",
    shown=(at.PENDING,),
)
WORKFLOW_LOST = Reason(
    "WorkflowLost",
    Kind.PASSING,
    "The Workflow is gone, so the sync starts over. What people did is kept.",
    shown=(at.PENDING,),
)

TRIED_AGAIN = Reason(
    "TriedAgain",
    Kind.STATE,
    "The sync failed because of a bug in resync-argo, and is tried again.",
    shown=(at.PENDING,),
)
SECRET_CHANGED = Reason(
    "SecretChanged",
    Kind.STATE,
    "A Secret of the Plan changed, so a sync that lacked access is tried again.",
    shown=(at.PENDING,),
)
ACCESS_GRANTED = Reason(
    "AccessGranted",
    Kind.STATE,
    "The credentials now have what they lacked, so the failed sync is tried again.",
    shown=(at.PENDING,),
)
THROTTLED = Reason(
    "Throttled",
    Kind.PASSING,
    "The installation, the namespace or the forge allows no more syncs at the moment. The message says which. "
    "This one begins when there is room.",
    "If it lasts, raise the setting that the message names, or use credentials of your own.",
    shown=(at.PENDING,),
)
POD_LOST = Reason(
    "PodLost",
    Kind.PASSING,
    "The run's pod was lost before it could finish: its node was drained, went away or was full, or somebody "
    "deleted the pod. If Argo misses that, the controller ends the Workflow.",
    shown=(at.PENDING,),
)
EXECUTOR_FAILED = Reason(
    "ExecutorFailed",
    Kind.PASSING,
    "Argo's own container in the run's pod failed, and the message quotes it. Most often the API server was "
    "away, or had just started. If it keeps saying `is forbidden`, the namespace lacks the role of "
    "`resync-argo-executor`.",
    "If it says `is forbidden`, apply `manifests/namespace` again.",
    shown=(at.PENDING,),
)
TEMPLATE_NOT_SEEN = Reason(
    "TemplateNotSeen",
    Kind.PASSING,
    "Argo did not know the Plan's WorkflowTemplate when the run was to begin. This happens just after the API "
    "server or Argo restarts.",
    shown=(at.PENDING,),
)

REBUILDING = Reason(
    "Rebuilding",
    Kind.STATE,
    "A person asked to rebuild the branch. It is being deleted, and then the sync starts over.",
    shown=(at.PENDING,),
)
PLAN_NOT_FOUND = Reason(
    "PlanNotFound",
    Kind.PERSON,
    "The namespace has no Plan with the name in this Sync.",
    "Correct the name, or create the Plan.",
    shown=(at.PENDING,),
)
TAG_NOT_FOUND = Reason(
    "TagNotFound",
    Kind.PERSON,
    "The namespace has no Tag with the name in this Sync.",
    "Correct the name, or wait until upstream has the release.",
    shown=(at.PENDING,),
)

SUBMITTED = Reason(
    "Submitted",
    Kind.STATE,
    "The Workflow was submitted.",
    shown=(at.RUNNING,),
)
RUNNING = Reason(
    "Running",
    Kind.STATE,
    "The Workflow is running; the message names the step.",
    shown=(at.RUNNING,),
)
IMAGE_NOT_PULLED = Reason(
    "ImageNotPulled",
    Kind.PASSING,
    "The node cannot pull an image of the run's pod yet, and keeps trying. The message quotes it.",
    "If it lasts, correct `config.image` in the Plan, or give the namespace access to the image.",
    shown=(at.RUNNING,),
)
NODES_OFFLOADED = Reason(
    "NodesOffloaded",
    Kind.PERSON,
    "Argo keeps the nodes of the Workflow in its own database. The controller cannot see how far the run is, "
    "whether it met a conflict, or how it ended.",
    "Unset `ALWAYS_OFFLOAD_NODE_STATUS` for Argo's workflow-controller, stop the Workflow, and retry.",
    shown=(at.RUNNING, at.FAILED),
)
NO_ROOM_ON_NODES = Reason(
    "NoRoomOnNodes",
    Kind.PASSING,
    "No node has room for the run's pod yet. The message quotes the scheduler.",
    "If it lasts, ask for less in `config.resources`, or add nodes.",
    shown=(at.RUNNING,),
)
CHECKING_OUTCOME = Reason(
    "CheckingOutcome",
    Kind.PASSING,
    "The Workflow ended well, but the forge does not show the result yet. The controller keeps looking for two "
    "minutes.",
    shown=(at.RUNNING,),
)

NO_CONFLICT = Reason(
    "NoConflict",
    Kind.STATE,
    "There is no conflict to resolve.",
    shown=(at.CONFLICTED.false,),
)
LOOKING_FOR_PULL_REQUEST = Reason(
    "LookingForPullRequest",
    Kind.PASSING,
    "The Workflow is suspended at a conflict, but the forge does not show the conflict's pull request yet. If "
    "that lasts for two minutes, the sync fails.",
    shown=(at.CONFLICTED.true, at.CONFLICT),
)
WAITING_FOR_RESOLUTION = Reason(
    "WaitingForResolution",
    Kind.PERSON,
    "The conflict's pull request is open. The message has its address and the files.",
    "Resolve the conflict in that pull request and merge it.",
    shown=(at.CONFLICTED.true, at.CONFLICT),
)
RESOLVED = Reason(
    "Resolved",
    Kind.STATE,
    "The conflict's pull request was merged, and the Workflow is being resumed.",
    shown=(at.CONFLICTED.true, at.CONFLICT),
)
NOT_RESOLVED = Reason(
    "NotResolved",
    Kind.PERSON,
    "The conflict's pull request was merged, but conflict markers or `.resync-conflict` files were left in it. "
    "So the sync stopped at the same conflict again.",
    "Finish the resolution on the base branch of that pull request, then run `argo resume`.",
    shown=(at.CONFLICTED.true, at.CONFLICT),
)

SUCCEEDED = Reason(
    "Succeeded",
    Kind.STATE,
    "Every step succeeded, and the Plan opens no pull request.",
    shown=(at.FINISHED,),
)
PULL_REQUEST_OPEN = Reason(
    "PullRequestOpen",
    Kind.PERSON,
    "The pull request waits for review.",
    "Review it and merge it with a merge commit.",
    shown=(at.FINISHED, at.MERGED.false),
)
MERGED = Reason(
    "Merged",
    Kind.STATE,
    "The pull request was merged.",
    shown=(at.FINISHED, at.MERGED.true),
)
SQUASH_MERGED = Reason(
    "SquashMerged",
    Kind.STATE,
    "The pull request was squashed or rebased, so git does not know that the branch contains the release. A "
    "record in the repository lets later syncs count it. The message says if there is no record.",
    "Prefer a merge commit. If there is no record, a comment on the pull request says what to do.",
    shown=(at.FINISHED, at.MERGED.true),
)
ABANDONED = Reason(
    "Abandoned",
    Kind.STATE,
    "Somebody closed the pull request, or that of a conflict, without merging it.",
    "If you want the release after all, reopen it or retry.",
    shown=(at.SKIPPED, at.MERGED.false),
)

STOPPED = Reason(
    "Stopped",
    Kind.PERSON,
    "Somebody stopped the Workflow.",
    "Retry or skip the release.",
    shown=(at.FAILED,),
)
PULL_REQUEST_MISSING = Reason(
    "PullRequestMissing",
    Kind.PERSON,
    "The run reported success or a conflict, but the forge has no pull request for it. A step may have forged "
    "the outcome.",
    "Read the release's build scripts before you retry.",
    shown=(at.FAILED,),
)
NOT_CONTAINED = Reason(
    "NotContained",
    Kind.PERSON,
    "The run reported that the branch contains this release or a newer one, but the forge does not confirm that. "
    "A step may have forged the outcome.",
    "Read the release's build scripts before you retry.",
    shown=(at.FAILED,),
)
TAG_MOVED = Reason(
    "TagMoved",
    Kind.PERSON,
    "Upstream has moved the git tag to another commit since resync-argo first saw it.",
    "If the new commit is right, delete the Tag. The controller makes it again with that commit.",
    shown=(at.UPSTREAM_UNCHANGED.false, at.FAILED),
)
TAG_GONE = Reason(
    "TagGone",
    Kind.PERSON,
    "Upstream no longer has the git tag.",
    "If that is right, skip the release or delete the Tag.",
    shown=(at.UPSTREAM_UNCHANGED.false, at.FAILED),
)

CLEANUP_PENDING = Reason(
    "CleanupPending",
    Kind.PASSING,
    "Branches that nobody needs any more could not be deleted yet. The message says why.",
    "If it lasts, delete the branches that the message names yourself.",
    shown=(at.CLEANED_UP.false,),
)
