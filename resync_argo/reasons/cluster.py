"""Problems between the controller and the Kubernetes API."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

CLUSTER_UNAVAILABLE = Reason(
    "ClusterUnavailable",
    Kind.PASSING,
    "The Kubernetes API server did not answer, or asked the controller to wait.",
    shown=(
        at.CREDENTIALS_FOUND.false,
        at.TEMPLATE_APPLIED.false,
        at.FORGE_REACHABLE.false,
        at.ADMITTED.unknown,
    ),
)
CLUSTER_ACCESS_DENIED = Reason(
    "ClusterAccessDenied",
    Kind.PERSON,
    "Kubernetes denied the controller a request (`403`). The message says which and why. The usual cause is a "
    "quota, an admission policy, or roles that are older than the controller.",
    "Change the quota or the policy, or apply the manifests of this release.",
    shown=(
        at.CREDENTIALS_FOUND.false,
        at.TEMPLATE_APPLIED.false,
        at.FORGE_REACHABLE.false,
        at.OBJECTS_CREATED.false,
        at.PENDING,
        at.ADMITTED.unknown,
    ),
)
REFUSED = Reason(
    "Refused",
    Kind.PERSON,
    "The API server refused an object that the controller made for the Plan. The message quotes it.",
    "Change the Plan, or the admission policy that refused it.",
    shown=(at.TEMPLATE_APPLIED.false, at.PENDING, at.OBJECTS_CREATED.false),
)
UNREADABLE = Reason(
    "Unreadable",
    Kind.PERSON,
    "This version of resync-argo cannot read the object, usually because a newer version wrote it. The object, "
    "its Syncs and its Workflows stay as they are.",
    "Run the newer version again, or change what the message names.",
    shown=(at.READY.false, at.STALLED.true, at.OBJECTS_CREATED.false),
)
NOT_OURS = Reason(
    "NotOurs",
    Kind.PERSON,
    "The WorkflowTemplate or the Workflow needs a name that another object already has. The controller did not "
    "make that object, and never takes it over.",
    "Delete or rename it.",
    shown=(at.TEMPLATE_APPLIED.false, at.PENDING, at.OBJECTS_CREATED.false),
)
