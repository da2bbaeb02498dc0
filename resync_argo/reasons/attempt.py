"""How an attempt ended, as its containers report it: because of a step, its result, or a bug."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

STEP_FAILED = Reason(
    "StepFailed",
    Kind.PERSON,
    "A step failed. The message has its name, its exit code and its last line of output; its log has the rest.",
    "Correct the step, or its memory limit if it was killed.",
    shown=(at.FAILED,),
)
NOTHING_TO_PROPOSE = Reason(
    "NothingToPropose",
    Kind.PERSON,
    "The steps made no commit, so there is nothing to open a pull request for.",
    "Let a step commit its work.",
    shown=(at.FAILED,),
)
CONFLICT_MARKERS = Reason(
    "ConflictMarkers",
    Kind.PERSON,
    "A step committed a conflict that nobody resolved: files that it added still have conflict markers.",
    "Let the step stop at a conflict instead of adding everything.",
    shown=(at.FAILED,),
)
NOT_REPRODUCIBLE = Reason(
    "NotReproducible",
    Kind.PERSON,
    "A conflict that was resolved came back as a different one, since a step gives another result each time. The "
    "message names the step.",
    "Make the step give the same result for the same input: no times, no random names, pinned tools.",
    shown=(at.FAILED,),
)
TOO_MANY_ROUNDS = Reason(
    "TooManyRounds",
    Kind.PERSON,
    "The sync met more than fifty conflicts, one after the other.",
    "Find the step that causes them.",
    shown=(at.FAILED,),
)
UNCLEAR_CARRY = Reason(
    "UnclearCarry",
    Kind.PERSON,
    "`git carry` cannot decide what to do with one of downstream's own commits, from the Plan and the history. "
    "The message names the commit, and what is unclear.",
    "Decide it in the Plan: `config.carries` has a field for each case.",
    shown=(at.FAILED,),
)
TOO_MANY_INCLUDED = Reason(
    "TooManyIncluded",
    Kind.PERSON,
    "`config.include` matches more open pull requests than one sync may bring along, or one of them has too many "
    "commits.",
    "Narrow `config.include`, or merge or close some of them.",
    shown=(at.FAILED,),
)
FOREIGN_COMMIT = Reason(
    "ForeignCommit",
    Kind.PERSON,
    "The sync's branch has a commit that resync-argo did not make, so the sync leaves it alone.",
    "Merge or close the pull request, or comment `/resync rebuild` to discard the commit.",
    shown=(at.FAILED, at.UP_TO_DATE.false),
)
OWNED_ELSEWHERE = Reason(
    "OwnedElsewhere",
    Kind.PERSON,
    "A Plan of the same name in another namespace or cluster pushed this release's branches to the same "
    "repository first. This sync leaves them alone.",
    "Rename one of the two Plans. If the other one is gone for good, delete the ref that the message names, "
    "and retry.",
    shown=(at.FAILED,),
)
UNTRUSTWORTHY = Reason(
    "Untrustworthy",
    Kind.PERSON,
    "The result of the steps cannot be used. It is not a commit on top of the branch or the tag, or it was made "
    "to deceive.",
    "Read the release's build scripts before you retry.",
    shown=(at.FAILED,),
)
MISSING_OBJECT = Reason(
    "MissingObject",
    Kind.PERSON,
    "The clone is partial, and lacks an object that a step or a conflict needs, such as a file of an old commit. "
    "The message quotes git or the step.",
    "Write `clone: Full` in `config` of the Plan. The sync then starts over with the whole history.",
    shown=(at.FAILED,),
)
DISK_FULL = Reason(
    "DiskFull",
    Kind.PERSON,
    "The clone or the steps need more disk than `RESYNC_WORKSPACE_SIZE` or the node allows.",
    "Raise the setting, or let the steps write less.",
    shown=(at.FAILED,),
)
INVALID_PARAMETER = Reason(
    "InvalidParameter",
    Kind.PERSON,
    "Somebody submitted a Workflow by hand, and a parameter is missing or invalid.",
    "Submit it again with `-p tag=1.2.3`.",
    shown=(at.CONTAINER,),
)
VERSION_MISMATCH = Reason(
    "VersionMismatch",
    Kind.PERSON,
    "The controller and the image of the pods belong to different releases of resync-argo.",
    "Set `RESYNC_IMAGE` to the controller's release.",
    shown=(at.FAILED,),
)
CONFLICT_BRANCH_REWRITTEN = Reason(
    "ConflictBranchRewritten",
    Kind.PERSON,
    "The base branch of a conflict's pull request was rewritten, so its first commit is gone.",
    "Delete the conflict's two branches. The sync then asks again.",
    shown=(at.FAILED,),
)

GIT_ERROR = Reason(
    "GitError",
    Kind.OURS,
    "A git command of resync-argo failed. The message quotes git.",
    "Report it, with the log of the container.",
    shown=(at.FAILED, at.PERMISSIONS_GRANTED.unknown, at.FORGE_REACHABLE.false),
)
INTERNAL_ERROR = Reason(
    "InternalError",
    Kind.OURS,
    "Something happened in resync-argo that should not happen.",
    "Report it, with the log of the container or of the controller.",
    shown=(at.FAILED, at.PERMISSIONS_GRANTED.unknown, at.FORGE_REACHABLE.false),
)

CONFLICT = Reason(
    "Conflict",
    Kind.STATE,
    "The attempt stopped at a conflict and opened its pull request.",
    shown=(at.CONTAINER,),
)
SKIPPED = Reason(
    "Skipped",
    Kind.STATE,
    "An action did nothing: an earlier step failed or stopped at a conflict, or the attempt had already ended.",
    shown=(at.CONTAINER,),
)
