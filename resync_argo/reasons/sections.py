"""Where reasons appear: the types of conditions of each kind of object, and other places.

The order is that of docs/conditions.md.
"""

from resync_argo.reasons.reason import ConditionType, Section, Shown

READY = ConditionType(
    "Ready",
    on="Plan",
    about="A summary. It copies the first of these conditions that applies:\n"
    "\n"
    "1. `Admitted`, if it is present;\n"
    "2. the first of `CredentialsFound`, `TemplateApplied` and `UpstreamReachable` that is False;\n"
    "3. the first of them that is Unknown.\n"
    "\n"
    "If none applies, it has a reason of its own:",
)
ADMITTED = ConditionType(
    "Admitted",
    on="Plan",
    about="Present, with status False or Unknown, only while the controller does nothing for the Plan: it "
    "compiles nothing, and asks no host. It checks this before everything else, and goes on by itself "
    "when it can.",
)
CREDENTIALS_FOUND = ConditionType(
    "CredentialsFound",
    on="Plan",
    about="Whether every Secret that the Plan names exists and has the keys it needs.",
)
TEMPLATE_APPLIED = ConditionType(
    "TemplateApplied",
    on="Plan",
    about="Whether the WorkflowTemplate in the cluster is the one that the Plan compiles to.",
)
UPSTREAM_REACHABLE = ConditionType(
    "UpstreamReachable",
    on="Plan",
    about="Whether the upstream's tags can be read, and the branch that the Plan follows exists. A failed "
    "read is repeated, less and less often.",
)
PERMISSIONS_GRANTED = ConditionType(
    "PermissionsGranted",
    on="Plan",
    about="A warning, not part of `Ready`: whether the credentials have every [permission that a sync "
    "needs](github-app.md).\n"
    "\n"
    "- It is checked when the Plan is ready and then once a day, or every ten minutes while a "
    "permission is missing.\n"
    "- The check rehearses a push.\n"
    "- A controller that starts uses the last result (`status.permissionCheck`) until the next check is "
    "due or a Secret changes.\n"
    "- *Workflows* counts as missing only if upstream has changed `.github/workflows` since the release "
    "that the branch contains.",
)
MERGE_COMMITS_ALLOWED = ConditionType(
    "MergeCommitsAllowed",
    on="Plan",
    about="A warning, not part of `Ready`: whether the repository's settings and the rules of the branch let "
    "people merge a sync's pull request with a merge commit. It is checked together with the "
    "permissions, and absent if the Plan names no credentials.",
)
CI_PROTECTED = ConditionType(
    "CIProtected",
    on="Plan",
    about="A warning, not part of `Ready`: whether the downstream repository's CI runs upstream's code only "
    "after somebody has [reviewed it](security.md#your-ci-runs-upstreams-code). Absent if the Plan "
    "names no credentials.",
)
VARIABLES_DEFINED = ConditionType(
    "VariablesDefined",
    on="Plan",
    about="A warning, not part of `Ready`: whether every variable in the Plan's titles, bodies and "
    "messages has a value.",
)
CHANNEL_REACHABLE = ConditionType(
    "ChannelReachable",
    on="Plan",
    about="A warning, not part of `Ready`: whether Slack accepted the last message to `config.slack.channel`. "
    "A message that was not posted is tried again, less and less often. Absent if the Plan names no "
    "channel.",
)
OBJECTS_CREATED = ConditionType(
    "ObjectsCreated",
    on="Plan",
    about="A warning, not part of `Ready`. It is present, with status False, only while the API server "
    "refuses to store a Tag or a Sync of the Plan, or a Sync's status.\n"
    "\n"
    "- The message names the first object that was refused.\n"
    "- The write is repeated at growing intervals of up to five minutes.\n"
    "- Other releases do not wait for it.",
)
NEXT_RELEASE = Section(
    "Next release",
    on="Plan",
    about="A release gets a Sync when its turn comes. Until then `status.next` of the Plan shows the first "
    "release in the queue: its `version`, and the `reason` and `message` that say what it waits for.",
)
SUCCEEDED = ConditionType(
    "Succeeded",
    on="Sync",
    about="The state of the sync. The status of the condition follows `status.phase`.",
)
CONFLICTED = ConditionType(
    "Conflicted",
    on="Sync",
    about="Whether the sync has stopped at a conflict.",
)
MERGED = ConditionType(
    "Merged",
    on="Sync",
    about="Whether the pull request was merged. Absent until there is one. Its reason is that of `Succeeded`.",
)
FORGE_REACHABLE = ConditionType(
    "ForgeReachable",
    on="Sync",
    about="Present, with status False, only while the controller cannot find out what the sync needs next, or "
    "cannot do it.",
)
CLEANED_UP = ConditionType(
    "CleanedUp",
    on="Sync",
    about="A warning: present, with status False, only while some of the sync's branches are left over. "
    "Nothing waits for it.",
)
UP_TO_DATE = ConditionType(
    "UpToDate",
    on="Sync",
    about="Present, with status False, in two cases: the open pull request is going to be [made "
    "again](conflicts.md#an-open-pull-request-stays-fresh), or it stays as it is although it may be out "
    "of date. Nothing waits for it. After a run that met a temporary problem, the reason is that of the "
    "problem, and the message says when the next run begins.",
)
PARAMETERS_VALID = ConditionType(
    "ParametersValid",
    on="Sync",
    about="Present, with status False, only while a value for the release is missing or does not match the "
    "Plan's [`config.parameters`](write-a-plan.md#values-of-one-release). Meanwhile no run begins; one "
    "that has begun goes on.",
)
UPSTREAM_UNCHANGED = ConditionType(
    "UpstreamUnchanged",
    on="Tag",
    about="Present, with status False, only if upstream changed the git tag after resync-argo first saw it. "
    "What was synced is not synced again automatically.",
)
RECONCILING = ConditionType(
    "Reconciling",
    on="Every kind",
    about="Present, with status True, only while work is in progress and nothing is wrong: something runs, "
    "waits for its turn, is tried again, or waits for people. It has the reason and message of `Ready` "
    "or `Succeeded`.",
)
STALLED = ConditionType(
    "Stalled",
    on="Every kind",
    about="Present, with status True, only while a problem stops everything until somebody fixes it: a Plan "
    "that cannot be run, a sync that failed, a forge that refuses the credentials. It has the reason "
    "and message of that problem.",
)
CONTAINERS = Section(
    "Container messages",
    on="Workflow",
    about="In the Argo UI, each container of an attempt ends with a message unless it simply succeeded: "
    "`Reason: sentence`, or `Reason (after 60 s): sentence` if a host asked to wait that long. The "
    "reasons are those of a [Sync](#succeeded), and:",
)
LEFT_OUT = Section(
    "Git tags that are left out",
    on="Preview",
    about="Not every git tag of the upstream is a release that the Plan wants. `resync-argo preview` lists "
    "the others, each with one of these reasons.",
)

PENDING = Shown(section=SUCCEEDED, status="Unknown", phase="Pending")
RUNNING = Shown(section=SUCCEEDED, status="Unknown", phase="Running")
CONFLICT = Shown(section=SUCCEEDED, status="Unknown", phase="Conflict")
FINISHED = Shown(section=SUCCEEDED, status="True", phase="Finished")
SKIPPED = Shown(section=SUCCEEDED, status="False", phase="Skipped")
FAILED = Shown(section=SUCCEEDED, status="False", phase="Failed")

QUEUED = Shown(section=NEXT_RELEASE)
CONTAINER = Shown(section=CONTAINERS)
GIT_TAG = Shown(section=LEFT_OUT)
