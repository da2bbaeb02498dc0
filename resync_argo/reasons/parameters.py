"""Problems with the values that people set for a release, and effects of these values."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

INVALID_VALUE = Reason(
    "InvalidValue",
    Kind.PERSON,
    "Somebody set a value for this release that `config.parameters` of the Plan does not allow, or for a "
    "parameter that the Plan does not have. The message says which, and what is allowed.",
    "Set another one with `resync-argo set`, or in `spec.parameters` of the Tag or the Sync.",
    shown=(at.PARAMETERS_VALID.false, at.PENDING, at.FAILED),
)
VALUE_MISSING = Reason(
    "ValueMissing",
    Kind.PERSON,
    "The Plan requires a value for each release, and nobody has set it for this one. Meanwhile no pod runs.",
    "Set it with `resync-argo set`, or in `spec.parameters` of the Tag or the Sync.",
    shown=(at.PARAMETERS_VALID.false, at.PENDING, at.FAILED),
)
VALUES_CHANGED = Reason(
    "ValuesChanged",
    Kind.STATE,
    "Somebody changed the value of a parameter, so a failed or suspended sync starts over with it. What people "
    "resolved is kept.",
    shown=(at.PENDING,),
)
