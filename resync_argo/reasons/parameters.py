"""What is wrong with the values that people set for a release, or what follows from them."""

from resync_argo.reasons import sections as at
from resync_argo.reasons.reason import Kind, Reason

INVALID_VALUE = Reason(
    "InvalidValue",
    Kind.PERSON,
    "A value that somebody set for this release does not match the Plan's `config.parameters`, "
    "or is of a parameter that the Plan does not have. The message says which, and what is "
    "allowed.",
    "Set another one: `resync-argo set`, or `spec.parameters` of the Tag or the Sync.",
    shown=(at.PARAMETERS_VALID.false, at.PENDING, at.FAILED),
)
VALUE_MISSING = Reason(
    "ValueMissing",
    Kind.PERSON,
    "The Plan requires a value for each release, and nobody has set it for this one. No pod waits for it.",
    "Set it: `resync-argo set`, or `spec.parameters` of the Tag or the Sync.",
    shown=(at.PARAMETERS_VALID.false, at.PENDING, at.FAILED),
)
VALUES_CHANGED = Reason(
    "ValuesChanged",
    Kind.STATE,
    "Somebody set another value of a parameter, so a failed or suspended sync starts over with it. What people "
    "resolved is kept.",
    shown=(at.PENDING,),
)
