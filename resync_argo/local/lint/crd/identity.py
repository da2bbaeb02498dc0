"""Checks an object's kind and name, which a CRD's schema leaves to the API server."""

import re
from collections.abc import Iterator

from resync_argo.local.lint.crd.schemas import Json, kinds
from resync_argo.local.lint.documents import Document
from resync_argo.local.lint.findings import Finding
from resync_argo.names import API_VERSION

MAX_NAME = 253
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def check(document: Document) -> Iterator[Finding]:
    """Yield what is wrong with kind, version and name."""
    data = document.data
    if not is_ours(data):
        named = ", ".join(f"`{kind}`" for kind in kinds())
        yield document.finding(("kind",), f"`kind` must be one of {named}")
        return
    if data.get("apiVersion") != API_VERSION:
        yield document.finding(("apiVersion",), f"`apiVersion` must be `{API_VERSION}`")
    if not has_name(data):
        message = "`metadata.name` must be given, of lower-case letters, digits, `-` and `.`"
        yield document.finding(("metadata", "name"), message)


def is_ours(data: object) -> bool:
    """Return whether a document holds an object of one of our kinds."""
    return isinstance(data, dict) and data.get("kind") in kinds()


def has_name(data: Json) -> bool:
    """Return whether an object has a name that the API server would accept."""
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return isinstance(name, str) and len(name) <= MAX_NAME and bool(_NAME.fullmatch(name))
