"""Why a release waits for its turn or is left out, and why a git tag is not a release."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

NOT_BEGUN = Reason(
    "NotBegun",
    Kind.STATE,
    "No sync of the release has begun. It waits for its turn, or no Plan wants it. `status.next` of a Plan says "
    "which release comes next, and what that one waits for.",
    shown=(at.PENDING,),
)
OLDER_FIRST = Reason(
    "OlderFirst",
    Kind.STATE,
    "Another release comes first. The message names the one just before this one; its own reason says what it "
    "waits for.",
    shown=(at.QUEUED, at.PENDING),
)
BRANCH_BUSY = Reason(
    "BranchBusy",
    Kind.STATE,
    "It is next, but another sync is running on the branch or waits for a resolution.",
    shown=(at.QUEUED, at.PENDING),
)
EARLIER_PULL_REQUEST_OPEN = Reason(
    "EarlierPullRequestOpen",
    Kind.PERSON,
    "It is next, but the pull request of an earlier release is still open.",
    "Merge or close that pull request.",
    shown=(at.QUEUED, at.PENDING),
)
BLOCKED_BY_FAILURE = Reason(
    "BlockedByFailure",
    Kind.PERSON,
    "The sync of an older release failed, and newer ones wait for it.",
    "Retry or skip the older release.",
    shown=(at.QUEUED, at.PENDING),
)
PLAN_SUSPENDED = Reason(
    "PlanSuspended",
    Kind.STATE,
    "The Plan's `spec.suspend` is set. The message has its `suspendReason`.",
    shown=(at.QUEUED, at.PENDING),
)
TOO_YOUNG = Reason(
    "TooYoung",
    Kind.STATE,
    "The release is younger than the Plan's `upstream.minimumAge`. The message and `status.next.dueTime` of the "
    "Plan say when its turn comes.",
    "Wait, or retry the release if you want it now.",
    shown=(at.QUEUED, at.PENDING),
)
PLAN_NOT_READY = Reason(
    "PlanNotReady",
    Kind.STATE,
    "The Plan is not ready. Its condition `Ready` has the cause.",
    shown=(at.QUEUED, at.PENDING),
)
TAG_UNAVAILABLE = Reason(
    "TagUnavailable",
    Kind.PERSON,
    "Upstream has moved or deleted the git tag since resync-argo first saw it. The Tag's condition "
    "`UpstreamUnchanged` says which.",
    "If the change is right, delete the Tag; otherwise skip the release.",
    shown=(at.QUEUED, at.PENDING),
)
NEXT = Reason(
    "Next",
    Kind.STATE,
    "It is this release's turn, and its sync starts now.",
    shown=(at.QUEUED, at.PENDING),
)

ALREADY_SYNCED = Reason(
    "AlreadySynced",
    Kind.STATE,
    "The branch contains this release already.",
    shown=(at.FINISHED,),
)
SUPERSEDED = Reason(
    "Superseded",
    Kind.STATE,
    "The branch contains a newer release that the Plan matches.",
    "Retry it if you want it anyway.",
    shown=(at.SKIPPED,),
)
NEWER_VERSION = Reason(
    "NewerVersion",
    Kind.STATE,
    "There is a newer release, and `config.order` is Latest.",
    shown=(at.SKIPPED,),
)
MOVED_ON = Reason(
    "MovedOn",
    Kind.STATE,
    "Upstream's branch has newer commits, and the pull request now brings those.",
    shown=(at.SKIPPED,),
)
SKIP_REQUESTED = Reason(
    "SkipRequested",
    Kind.STATE,
    "A person asked to skip this release.",
    "Withdraw the request if you want the release after all.",
    shown=(at.SKIPPED,),
)
NOT_WANTED = Reason(
    "NotWanted",
    Kind.STATE,
    "The Plan has changed, and its ranges no longer match the version.",
    shown=(at.SKIPPED,),
)

NOT_A_VERSION = Reason(
    "NotAVersion",
    Kind.STATE,
    "Its name is not a version in the Plan's `config.upstream.versioning`, which is Semantic Versioning unless "
    "you set it to Loose.",
    shown=(at.GIT_TAG,),
)
PATTERN_NOT_MATCHED = Reason(
    "PatternNotMatched",
    Kind.STATE,
    "Its name does not match `config.upstream.versionPattern`.",
    shown=(at.GIT_TAG,),
)
OTHER_PREFIX = Reason(
    "OtherPrefix",
    Kind.STATE,
    "Its name does not begin with `config.upstream.tagPrefix`.",
    shown=(at.GIT_TAG,),
)
PRERELEASE = Reason(
    "Prerelease",
    Kind.STATE,
    "It is a prerelease, and `config.enablePrereleases` is not set.",
    shown=(at.GIT_TAG,),
)
OUT_OF_RANGE = Reason(
    "OutOfRange",
    Kind.STATE,
    "Its version is in none of `config.upstream.matchedVersions`.",
    shown=(at.GIT_TAG,),
)
DUPLICATE_VERSION = Reason(
    "DuplicateVersion",
    Kind.STATE,
    "Another git tag stands for the same version.",
    shown=(at.GIT_TAG,),
)
NOT_A_COMMIT = Reason(
    "NotACommit",
    Kind.PERSON,
    "The git tag names a tree or a file, so there is no commit to merge. A run finds that out, and the next "
    "release has its turn.",
    "Nothing. If you want the release, ask upstream for a tag of a commit.",
    shown=(at.GIT_TAG, at.SKIPPED),
)
