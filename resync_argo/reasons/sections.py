"""Where reasons show: the types of conditions of each kind of object, and the other places.

The order is that of docs/conditions.md.
"""

from resync_argo.reasons.reason import ConditionType, Section, Shown

READY = ConditionType(
    "Ready",
    on="Plan",
    about="A summary. It copies `Admitted` if that is present, or the first of `CredentialsFound`, `TemplateApplied` and "
    "`UpstreamReachable` that is False, or else the first that is Unknown, with its reason and "
    "message. Otherwise:",
)
ADMITTED = ConditionType(
    "Admitted",
    on="Plan",
    about="Present, with status False or Unknown, only while nothing at all is done for the Plan: nothing is "
    "compiled, and no host is asked. It is checked before everything else, and the Plan resumes by itself.",
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
    about="Whether the upstream's tags can be read, and the branch that the Plan follows is there. A failed read is repeated, less and less often.",
)
PERMISSIONS_GRANTED = ConditionType(
    "PermissionsGranted",
    on="Plan",
    about="A warning, not part of `Ready`: whether the credentials have every "
    "[permission that a sync needs](github-app.md). Checked when the Plan is ready and then once a "
    "day, or every ten minutes while one is missing; a push is rehearsed. A controller that starts checks "
    "only when that is due by `status.permissionCheck`, or a Secret changed. *Workflows* counts as "
    "missing only once upstream has changed `.github/workflows` since the release that the branch "
    "contains.",
)
MERGE_COMMITS_ALLOWED = ConditionType(
    "MergeCommitsAllowed",
    on="Plan",
    about="A warning, not part of `Ready`: whether people can merge a sync's pull request with a merge "
    "commit, by the repository's settings and the rules of the branch. Looked at together with the "
    "permissions. Absent if the Plan names no credentials.",
)
CI_PROTECTED = ConditionType(
    "CIProtected",
    on="Plan",
    about="A warning, not part of `Ready`: whether upstream's code stays out of the downstream "
    "repository's CI until somebody has [reviewed it](security.md#your-ci-runs-upstreams-code). Absent "
    "if the Plan names no credentials.",
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
    about="A warning, not part of `Ready`: whether the last message to `config.slack.channel` was "
    "posted. Absent if the Plan names no channel. A message that was not posted is tried again, "
    "less and less often.",
)
OBJECTS_CREATED = ConditionType(
    "ObjectsCreated",
    on="Plan",
    about="A warning, not part of `Ready`: present, with status False, only while the API server refuses a "
    "Tag or a Sync that the controller makes for the Plan, or a Sync's status. The message names the first "
    "one. The write is repeated at growing intervals of up to five minutes; other releases do not wait for it.",
)
NEXT_RELEASE = Section(
    "Next release",
    on="Plan",
    about="A release gets a Sync when its turn comes. Until then `status.next` shows the first "
    "release in the queue: its `version`, and the `reason` and `message` that say what it waits for.",
)
SUCCEEDED = ConditionType(
    "Succeeded",
    on="Sync",
    about="Where the sync stands. Its status follows `status.phase`.",
)
CONFLICTED = ConditionType(
    "Conflicted",
    on="Sync",
    about="Whether the sync has stopped at a conflict.",
)
MERGED = ConditionType(
    "Merged",
    on="Sync",
    about="Whether the pull request was merged. Absent until there is one. It has the reason of "
    "`Succeeded`.",
)
FORGE_REACHABLE = ConditionType(
    "ForgeReachable",
    on="Sync",
    about="Present, with status False, only while the controller cannot find out or do what the "
    "sync needs next.",
)
CLEANED_UP = ConditionType(
    "CleanedUp",
    on="Sync",
    about="A warning: present, with status False, only while branches of the sync are left over. "
    "It never holds anything up.",
)
UP_TO_DATE = ConditionType(
    "UpToDate",
    on="Sync",
    about="Present, with status False, only while the open pull request is to be [made again](conflicts.md#an-open-pull-request-stays-fresh) "
    "or is left as it is though it may be out of date. It never holds anything up. After a run "
    "that met a temporary problem it has the reason of that problem, and the message says when "
    "the next run begins.",
)
PARAMETERS_VALID = ConditionType(
    "ParametersValid",
    on="Sync",
    about="Present, with status False, only while a value that people set for the release, or did not set, does "
    "not match the Plan's [`config.parameters`](write-a-plan.md#values-of-one-release). No run begins then; one that is under way goes on.",
)
UPSTREAM_UNCHANGED = ConditionType(
    "UpstreamUnchanged",
    on="Tag",
    about="Present, with status False, only if upstream changed the git tag after it was first seen. "
    "Nothing that was synced is run again by itself.",
)
RECONCILING = ConditionType(
    "Reconciling",
    on="Every kind",
    about="Present, with status True, only while work is in progress and nothing is wrong: "
    "something runs, waits for its turn, is tried again, or waits for people. It has the reason "
    "and message of `Ready` or `Succeeded`.",
)
STALLED = ConditionType(
    "Stalled",
    on="Every kind",
    about="Present, with status True, only while nothing goes on before somebody fixes a "
    "problem: a Plan that cannot be run, a sync that failed, a forge that refuses the "
    "credentials. It has the reason and message of that problem.",
)
CONTAINERS = Section(
    "Container messages",
    on="Workflow",
    about="In the Argo UI each container of an attempt that did not simply succeed ends with a "
    "message `Reason: sentence`, or `Reason (after 60 s): sentence` where a host asked to wait so long. "
    "The reasons are those of a [Sync](#succeeded), and:",
)
LEFT_OUT = Section(
    "Git tags that are left out",
    on="Preview",
    about="Not every git tag of the upstream is a release that the Plan wants. `resync-argo preview` "
    "lists the others, each with one of these reasons.",
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
