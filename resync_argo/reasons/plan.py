"""The state of a Plan itself: its Secrets, its template, its texts, its repository."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

READY = Reason(
    "Ready",
    Kind.STATE,
    "New releases are synced as they appear.",
    shown=(at.READY.true,),
)
SUSPENDED = Reason(
    "Suspended",
    Kind.STATE,
    "`spec.suspend` is set: no new sync starts. What runs or waits for people goes on.",
    shown=(at.READY.true,),
)

NOT_OPTED_IN = Reason(
    "NotOptedIn",
    Kind.PERSON,
    "The namespace has not opted in: the controller may not submit Workflows there.",
    "Ask an administrator of the namespace to run `kubectl apply --server-side -n <namespace> -k "
    "manifests/namespace`; see [Install](install.md#3-a-namespace-for-plans).",
    shown=(at.ADMITTED.false,),
)
TOO_MANY_PLANS = Reason(
    "TooManyPlans",
    Kind.PERSON,
    "The namespace has more Plans than `RESYNC_MAX_PLANS_PER_NAMESPACE`, and this is one of the newest. The "
    "older ones go on.",
    "Delete Plans, or ask the controller's administrator to raise the setting.",
    shown=(at.ADMITTED.false,),
)

FOUND = Reason(
    "Found",
    Kind.STATE,
    "Every Secret that the Plan names has the keys it needs.",
    shown=(at.CREDENTIALS_FOUND.true,),
)
SECRET_NOT_FOUND = Reason(
    "SecretNotFound",
    Kind.PERSON,
    "A Secret that the Plan names does not exist in the Plan's namespace.",
    "Create it, or correct the name in the Plan.",
    shown=(at.CREDENTIALS_FOUND.false, at.CHANNEL_REACHABLE.false, at.FORGE_REACHABLE.false),
)
SECRET_KEY_MISSING = Reason(
    "SecretKeyMissing",
    Kind.PERSON,
    "The Slack Secret has neither the key `token` nor `webhook`.",
    "Add the bot token, or the address of an incoming webhook, under its key.",
    shown=(at.CREDENTIALS_FOUND.false,),
)

APPLIED = Reason(
    "Applied",
    Kind.STATE,
    "The WorkflowTemplate is the one that the Plan compiles to.",
    shown=(at.TEMPLATE_APPLIED.true,),
)
INVALID_PATTERN = Reason(
    "InvalidPattern",
    Kind.PERSON,
    "A regular expression of the Plan cannot be used: RE2 does not accept it, it lacks a group that it needs, or "
    "a parameter's default does not match it. It is `config.upstream.versionPattern`, a `pattern` of "
    "`config.parameters`, or a `title` of `config.include`.",
    "Correct it; the message has examples.",
    shown=(at.TEMPLATE_APPLIED.false,),
)
INVALID_SCHEDULE = Reason(
    "InvalidSchedule",
    Kind.PERSON,
    "`config.upstream.every` is neither a duration nor a cron schedule that ever occurs.",
    "Correct it; the message has examples.",
    shown=(at.TEMPLATE_APPLIED.false,),
)
INVALID_RANGE = Reason(
    "InvalidRange",
    Kind.PERSON,
    "One of `config.upstream.matchedVersions` is not a range of versions.",
    "Correct it; the message has examples.",
    shown=(at.TEMPLATE_APPLIED.false,),
)
INVALID_PATH = Reason(
    "InvalidPath",
    Kind.PERSON,
    "A `from` in `config.env` does not lead to a value, or a path in `config.conflicts` is invalid.",
    "Correct it; the message says what is possible.",
    shown=(at.TEMPLATE_APPLIED.false, at.FAILED),
)
PLAN_TOO_LARGE = Reason(
    "PlanTooLarge",
    Kind.PERSON,
    "The Plan's scripts or texts do not fit into a pod, or are larger than `RESYNC_MAX_PLAN_BYTES`.",
    "Move long scripts into the repository.",
    shown=(at.TEMPLATE_APPLIED.false, at.ADMITTED.false),
)

REACHED = Reason(
    "Reached",
    Kind.STATE,
    "The upstream's tags were read.",
    shown=(at.UPSTREAM_REACHABLE.true,),
)
UPSTREAM_NOT_READ = Reason(
    "UpstreamNotRead",
    Kind.PASSING,
    "The controller has not read the upstream's tags yet, or is still making a Tag of each release, so it does "
    "not know which one comes first.",
    shown=(at.UPSTREAM_REACHABLE.unknown, at.QUEUED),
)

GRANTED = Reason(
    "Granted",
    Kind.STATE,
    "The credentials have every permission that a sync needs.",
    shown=(at.PERMISSIONS_GRANTED.true,),
)
NOT_TOLD = Reason(
    "NotTold",
    Kind.STATE,
    "The forge does not report whether the credentials have the permissions that the message names. For "
    "fine-grained tokens GitHub reports none.",
    "Compare the token's permissions with the list yourself.",
    shown=(at.PERMISSIONS_GRANTED.unknown,),
)
PERMISSIONS_NOT_CHECKED = Reason(
    "PermissionsNotChecked",
    Kind.STATE,
    "The forge has not been asked yet, or it refused. It is asked when the rest of the Plan is ready.",
    shown=(at.PERMISSIONS_GRANTED.unknown, at.MERGE_COMMITS_ALLOWED.unknown),
)

MERGE_COMMITS_POSSIBLE = Reason(
    "MergeCommitsPossible",
    Kind.STATE,
    "Neither the repository nor a rule of the branch forbids merge commits.",
    shown=(at.MERGE_COMMITS_ALLOWED.true,),
)
MERGE_COMMITS_DISABLED = Reason(
    "MergeCommitsDisabled",
    Kind.PERSON,
    "The repository's settings do not allow merge commits. If a sync is squashed or rebased, upstream's history "
    "does not get into the branch. A record lets later syncs count the release, but a merge by hand meets the "
    "same conflicts again.",
    "Allow merge commits in the repository's settings, or leave it to the records.",
    shown=(at.MERGE_COMMITS_ALLOWED.false,),
)
LINEAR_HISTORY_REQUIRED = Reason(
    "LinearHistoryRequired",
    Kind.PERSON,
    "A rule of the branch forbids merge commits, with the same effect.",
    "Exempt the branch from the rule.",
    shown=(at.MERGE_COMMITS_ALLOWED.false,),
)
MERGE_METHODS_NOT_TOLD = Reason(
    "MergeMethodsNotTold",
    Kind.STATE,
    "The forge does not show these credentials how pull requests may be merged.",
    "Look at the repository's settings and the rules of the branch yourself.",
    shown=(at.MERGE_COMMITS_ALLOWED.unknown,),
)

PUSHED_TO_FORK = Reason(
    "PushedToFork",
    Kind.STATE,
    "Branches are pushed to a fork, which has none of the downstream repository's secrets.",
    shown=(at.CI_PROTECTED.true,),
)
UPSTREAM_TRUSTED = Reason(
    "UpstreamTrusted",
    Kind.STATE,
    "Branches are pushed to the downstream repository, and the Plan says by `downstream.trustUpstream` "
    "that its CI may run them.",
    shown=(at.CI_PROTECTED.true,),
)
CI_RUNS_UNREVIEWED_CODE = Reason(
    "CIRunsUnreviewedCode",
    Kind.PERSON,
    "Branches are pushed to the downstream repository. Its CI runs them with its secrets before anybody has "
    "reviewed upstream's code.",
    "Set `config.downstream.fork`. If you trust upstream that far, set `config.downstream.trustUpstream`.",
    shown=(at.CI_PROTECTED.false,),
)

DEFINED = Reason(
    "Defined",
    Kind.STATE,
    "Every variable in the texts has a value.",
    shown=(at.VARIABLES_DEFINED.true,),
)
UNDEFINED_VARIABLE = Reason(
    "UndefinedVariable",
    Kind.PERSON,
    "A title, body or message uses a `$NAME` that has no value. The action that uses it fails, since the text "
    "would have a hole.",
    "Define it in `config.env` or `config.parameters`.",
    shown=(at.VARIABLES_DEFINED.false, at.FAILED),
)
