"""What a person asks of a Tag: another try, to leave it out, to make its branch anew.

A request is an annotation of the Tag, which the controller hears as it hears a comment on the pull
request.
"""

from datetime import datetime
from typing import Literal

from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import TAGS, Kube
from resync_argo.errors import UsageError
from resync_argo.local.cluster.view import find_tag, read_view
from resync_argo.names import RETRY_ANNOTATION, SKIP_ANNOTATION

Verb = Literal["retry", "skip", "rebuild"]


def ask(kube: Kube, namespace: str, name: str, verb: Verb, now: datetime) -> Tag:
    """Annotate a Tag with a request.

    Args:
        kube: the cluster.
        namespace: where the Tag is.
        name: its name, or its version.
        verb: what is asked.
        now: makes each request a new one.

    Raises:
        UsageError: no Tag, or more than one, is meant.
        ResyncError: the API server refuses it.
    """
    tag = one_tag(kube, namespace, name)
    token = f"{verb}-at-{now:%Y%m%dT%H%M%S}"
    annotations: dict[str, str | None] = (
        {SKIP_ANNOTATION: "true"}
        if verb == "skip"
        else {RETRY_ANNOTATION: token, SKIP_ANNOTATION: None}
    )
    kube.patch(TAGS, tag.metadata.key, {"metadata": {"annotations": annotations}})
    return tag


def one_tag(kube: Kube, namespace: str, name: str) -> Tag:
    """Return the Tag that a person means.

    Raises:
        UsageError: none, or more than one, is meant.
    """
    found = find_tag(read_view(kube, namespace).tags, name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"There is no Tag `{name}` in the namespace {namespace}.")
    names = ", ".join(f"`{tag.metadata.name}`" for tag in found)
    raise UsageError(f"`{name}` is the version of several Tags; name one of {names}.")
