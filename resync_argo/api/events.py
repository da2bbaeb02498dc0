"""The content of a Kubernetes Event that this project emits."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to one of our objects.

    Attributes:
        type: Warning if a person should look.
        reason: one CamelCase word.
        note: a sentence.
        occasion: distinguishes this occasion from others with the same reason.
    """

    type: Literal["Normal", "Warning"]
    reason: str
    note: str
    occasion: str
