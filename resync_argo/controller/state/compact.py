"""Objects that take less memory: there are tens of thousands, and each is kept for as long as it exists.

pydantic notes beside each model which of its fields were given, in a set that is about as large as the fields
themselves; nobody here asks for it. Texts that many objects have are kept once.
"""

import sys
from typing import TypeVar

from resync_argo.api.meta import Model

_SHARED = frozenset({"namespace", "repository", "branch", "type", "status", "reason"})
"""The fields whose texts repeat from object to object."""

_NOTED: set[str] = set()
"""What is noted beside every model; pydantic changes that only in a copy of its own."""

M = TypeVar("M", bound=Model)


def compact(model: M) -> M:
    """Return the model itself, in less memory."""
    _shrink(model)
    return model


def _shrink(model: Model) -> None:
    object.__setattr__(model, "__pydantic_fields_set__", _NOTED)
    fields = vars(model)
    for name, value in fields.items():
        if isinstance(value, str):
            if name in _SHARED:
                fields[name] = sys.intern(value)
        elif isinstance(value, Model):
            _shrink(value)
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Model):
                    _shrink(item)
