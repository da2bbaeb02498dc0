"""What stands between the controller and the Kubernetes API."""

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
    "Kubernetes denied the controller a request (`403`); the message says which and why. Usual "
    "causes are a quota, an admission policy, or roles older than the controller.",
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
    "The API server refused an object that the controller made for the Plan; the message is its own.",
    "Change the Plan, or the admission policy that refused it.",
    shown=(at.TEMPLATE_APPLIED.false, at.PENDING, at.OBJECTS_CREATED.false),
)
UNREADABLE = Reason(
    "Unreadable",
    Kind.PERSON,
    "This version of the program cannot read the object: most often a newer version wrote it, or knows a "
    "value that this one does not. Nothing happens to the object, and its Syncs and Workflows stay as they are.",
    "Run the newer version again, or change what the message names.",
    shown=(at.READY.false, at.STALLED.true, at.OBJECTS_CREATED.false),
)
NOT_OURS = Reason(
    "NotOurs",
    Kind.PERSON,
    "An object that the controller did not make has the name that the WorkflowTemplate or the "
    "Workflow needs. The controller never takes it over.",
    "Delete or rename it.",
    shown=(at.TEMPLATE_APPLIED.false, at.PENDING, at.OBJECTS_CREATED.false),
)
