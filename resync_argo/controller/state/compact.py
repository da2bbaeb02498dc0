"""Reduces the memory of cached objects, of which there are tens of thousands.

For each model, pydantic records the given fields in a set about as large as the fields themselves;
nothing here uses that set. Texts shared by many objects are stored once.
"""

import sys
from typing import TypeVar

from resync_argo.api.meta import Model

_SHARED = frozenset({"namespace", "repository", "branch", "type", "status", "reason"})
"""The fields whose texts repeat between objects."""

_NOTED: set[str] = set()
"""The record next to every model; pydantic changes it only in a copy."""

M = TypeVar("M", bound=Model)


def compact(model: M) -> M:
    """Return the same model in less memory."""
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
