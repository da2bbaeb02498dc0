"""Why an open final pull request is made again, or is left as it is."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

REFRESH_DUE = Reason(
    "RefreshDue",
    Kind.STATE,
    "The pull request no longer merges, its base moved on, or somebody asked for it: it is made again on the branch "
    "as it is now. The message says why, and what it waits for.",
    shown=(at.UP_TO_DATE.false,),
)
HELD = Reason(
    "Held",
    Kind.STATE,
    "A person wants the pull request left as it is: it has the label `resync/hold`, or somebody commented "
    "`/resync hold`. The message says which.",
    "Take the label off, or comment `/resync unhold`, when it may be made again.",
    shown=(at.UP_TO_DATE.false,),
)
REFRESH_FAILED = Reason(
    "RefreshFailed",
    Kind.PERSON,
    "The run that was to make the pull request again did not succeed, so it stays as it was; the message has the "
    "cause. The next one begins when the branch has moved on.",
    "Do what the message says and comment `/resync refresh`, or bring the pull request up to date yourself.",
    shown=(at.UP_TO_DATE.false,),
)
STILL_STALE = Reason(
    "StillStale",
    Kind.PERSON,
    "The pull request was made again on the branch as it is, and still it does not merge, or lacks commits of the "
    "branch, as where the steps leave some out. The next run begins when the branch has moved on.",
    "Merge the branch into the pull request yourself, or correct the Plan's steps and comment `/resync refresh`.",
    shown=(at.UP_TO_DATE.false,),
)
