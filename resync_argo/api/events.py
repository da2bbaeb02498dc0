"""What a Kubernetes Event of this project says."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to one of our objects.

    Attributes:
        type: Warning where a person should look.
        reason: one CamelCase word.
        note: a sentence.
        occasion: tells this occasion from others with the same reason.
    """

    type: Literal["Normal", "Warning"]
    reason: str
    note: str
    occasion: str
