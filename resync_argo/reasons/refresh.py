"""Why an open pull request is made again, or stays as it is."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

REFRESH_DUE = Reason(
    "RefreshDue",
    Kind.STATE,
    "The pull request is made again on its base as it is now: it no longer merges, its base moved on, or "
    "somebody asked for it. The message says which, and what it waits for.",
    shown=(at.UP_TO_DATE.false,),
)
HELD = Reason(
    "Held",
    Kind.STATE,
    "A person wants the pull request left as it is, by the label `resync/hold` or the comment `/resync hold`. "
    "The message says which.",
    "When it may be made again, remove the label or comment `/resync unhold`.",
    shown=(at.UP_TO_DATE.false,),
)
REFRESH_FAILED = Reason(
    "RefreshFailed",
    Kind.PERSON,
    "A run was to make the pull request again, and did not succeed. The pull request stays as it was, and the "
    "message has the cause. The next run begins when the branch has moved on.",
    "Do what the message says and comment `/resync refresh`, or bring the pull request up to date yourself.",
    shown=(at.UP_TO_DATE.false,),
)
STILL_STALE = Reason(
    "StillStale",
    Kind.PERSON,
    "The pull request was made again, but it still does not merge, or it lacks commits of the branch, for "
    "example because the steps leave some out. The next run begins when the branch has moved on.",
    "Merge the branch into the pull request yourself, or correct the Plan's steps and comment `/resync refresh`.",
    shown=(at.UP_TO_DATE.false,),
)
