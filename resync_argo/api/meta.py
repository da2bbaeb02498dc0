"""What all kinds share: conversion from and to JSON, and object names.

The models are frozen. They use camelCase only in JSON. Unknown fields are ignored here: the API
server prunes them, and an older controller must cope with a newer CRD.
"""

from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Json = dict[str, Any]
"""An object as the API server sends it."""

NOT_OBSERVED = -1
"""The `status.observedGeneration` of an object that no controller has looked at yet: the CRDs' default."""


class Model(BaseModel):
    """A frozen part of an API object; snake_case inside, camelCase in JSON."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    @classmethod
    def parse(cls, data: object) -> Self:
        """Read JSON data as the API server returns it.

        Raises:
            pydantic.ValidationError: the data does not have the kind's shape.
        """
        return cls.model_validate(data)

    def dump(self) -> dict[str, Any]:
        """Return JSON data without absent fields."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class ObjectKey(NamedTuple):
    """Which object of a kind: its namespace and name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """Return `namespace/name`."""
        return f"{self.namespace}/{self.name}"


class OwnerReference(Model):
    """An object whose deletion deletes this one; at most one of them is its controller."""

    uid: str
    controller: bool = False


class ObjectMeta(Model):
    """The part of Kubernetes' ObjectMeta that the project reads."""

    name: str
    namespace: str = ""
    uid: str = ""
    generation: int = 0
    resource_version: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    owner_references: tuple[OwnerReference, ...] = ()

    @property
    def key(self) -> ObjectKey:
        """Return the object's key."""
        return ObjectKey(self.namespace, self.name)

    @property
    def controller_uid(self) -> str:
        """Return the uid of the object that controls this one, or ""."""
        return next((owner.uid for owner in self.owner_references if owner.controller), "")
