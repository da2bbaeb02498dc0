"""How an attempt ended, as its containers report it: the steps, what they left, and the program."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

STEP_FAILED = Reason(
    "StepFailed",
    Kind.PERSON,
    "A step failed. The message names it, with its exit code and its last line of output; its log has the rest.",
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
    "A step committed a conflict that nobody resolved: it added files that still hold markers.",
    "Let the step stop at a conflict instead of adding everything.",
    shown=(at.FAILED,),
)
NOT_REPRODUCIBLE = Reason(
    "NotReproducible",
    Kind.PERSON,
    "A step gives another result each time, so a conflict that was resolved came back as a "
    "different one. The message names the step.",
    "Make the step give the same result for the same input: no times, no random names, pinned tools.",
    shown=(at.FAILED,),
)
TOO_MANY_ROUNDS = Reason(
    "TooManyRounds",
    Kind.PERSON,
    "The sync met more than fifty conflicts, one after the other.",
    "Look for the step that makes them.",
    shown=(at.FAILED,),
)
UNCLEAR_CARRY = Reason(
    "UnclearCarry",
    Kind.PERSON,
    "`git carry` met something about downstream's own commits that neither the Plan nor the history decides. The "
    "message names the commit and what is unclear.",
    "Decide it in the Plan: `config.carries` has a field for each case.",
    shown=(at.FAILED,),
)
TOO_MANY_INCLUDED = Reason(
    "TooManyIncluded",
    Kind.PERSON,
    "More open pull requests fit `config.include` than come along with one sync, or one of them has too many commits.",
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
    "A Plan of the same name, in another namespace or cluster, has pushed this release's branches to the same "
    "repository, so the sync leaves them alone.",
    "Rename one of the two Plans. If the other one is gone for good, delete the ref that the message names, "
    "and retry.",
    shown=(at.FAILED,),
)
UNTRUSTWORTHY = Reason(
    "Untrustworthy",
    Kind.PERSON,
    "What the steps left cannot be used: it is not a commit on top of the branch or the tag, or it "
    "was made to deceive.",
    "Read the release's build scripts before you retry.",
    shown=(at.FAILED,),
)
MISSING_OBJECT = Reason(
    "MissingObject",
    Kind.PERSON,
    "The clone is partial, and a step or a conflict needs an object that it lacks, such as a file of an old commit. "
    "The message quotes git or the step.",
    "Write `clone: Full` in `config` of the Plan: the sync starts over with the whole history.",
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
    "A Workflow that was submitted by hand lacks a parameter, or has one that cannot be used.",
    "Submit it again with `-p tag=1.2.3`.",
    shown=(at.CONTAINER,),
)
VERSION_MISMATCH = Reason(
    "VersionMismatch",
    Kind.PERSON,
    "The controller and the image of the pods are of different releases.",
    "Set `RESYNC_IMAGE` to the controller's release.",
    shown=(at.FAILED,),
)
CONFLICT_BRANCH_REWRITTEN = Reason(
    "ConflictBranchRewritten",
    Kind.PERSON,
    "The base branch of a conflict's pull request was rewritten, so its first commit is gone.",
    "Delete the conflict's two branches; the sync then asks again.",
    shown=(at.FAILED,),
)

GIT_ERROR = Reason(
    "GitError",
    Kind.OURS,
    "A git command of the program failed; the message quotes git.",
    "Report it, with the log of the container.",
    shown=(at.FAILED, at.PERMISSIONS_GRANTED.unknown, at.FORGE_REACHABLE.false),
)
INTERNAL_ERROR = Reason(
    "InternalError",
    Kind.OURS,
    "The program met something that should not happen.",
    "Report it, with the log of the container, or of the controller.",
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
    "An action did nothing because a step before it failed or stopped at a conflict, or the attempt ended before.",
    shown=(at.CONTAINER,),
)
