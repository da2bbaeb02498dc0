"""A person's request about a release: to retry it, skip it, or rebuild its branch or pull request.

A request is a field of the Sync's spec, or, for every Plan, of the Tag's. The controller writes the
same fields when somebody comments on a pull request.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from resync_argo.api.meta import Json
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import SYNCS, TAGS, Kube
from resync_argo.errors import UsageError
from resync_argo.local.cluster.view import Standings, View, find_tag, read_view
from resync_argo.names import API_VERSION, sync_name
from resync_argo.reasons.turn import TOO_YOUNG

Verb = Literal["retry", "skip", "rebuild", "refresh"]


def ask(
    kube: Kube, namespace: str, name: str, verb: Verb, now: datetime, *, plan: str | None = None
) -> list[str]:
    """Write a request into the objects that it concerns.

    Args:
        kube: the cluster.
        namespace: where the Tag is.
        name: its name, or its version.
        verb: the request.
        now: the time, which makes each request a new one.
        plan: for this Plan only; None: for every Plan.

    Returns:
        The changed objects, as `kubectl` names them.

    Raises:
        UsageError: no Tag matches, or more than one; nothing has run that could be tried again; no
            pull request is open; or one Plan is named, but the Tag is skipped for every Plan.
        ResyncError: the API server refuses it.
    """
    view = read_view(kube, namespace)
    tag = one_tag(view, namespace, name)
    if verb == "skip":
        return [_skip(kube, view, tag, plan)]
    if verb == "refresh":
        return _refresh(kube, view, tag, plan, now)
    changed = _withdraw_skip(kube, tag, plan)
    syncs = syncs_of(view, tag, plan)
    wish = {verb: int(now.timestamp()), "skip": None}
    if verb == "retry" and (early := list(_too_young(view, tag, plan))):
        return [*changed, *(apply(kube, it, tag, {verb: wish[verb]}) for it in early)]
    if not syncs and not changed:
        raise UsageError(
            f"Nothing has run for the Tag `{tag.metadata.name}` yet: it starts by itself when its turn"
            " comes."
        )
    for sync in syncs:
        kube.patch(SYNCS, sync.metadata.key, {"spec": wish})
    return [*changed, *(f"Sync {sync.metadata.name}" for sync in syncs)]


def one_tag(view: View, namespace: str, name: str) -> Tag:
    """Return the Tag with a name or version.

    Raises:
        UsageError: none matches, or more than one.
    """
    found = find_tag(view.tags, name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"There is no Tag `{name}` in the namespace {namespace}.")
    names = ", ".join(f"`{tag.metadata.name}`" for tag in found)
    raise UsageError(f"`{name}` is the version of several Tags; name one of {names}.")


def syncs_of(view: View, tag: Tag, plan: str | None = None) -> Sequence[Sync]:
    """Return the Syncs of a Tag, of one Plan or of all."""
    return [
        sync
        for sync in view.syncs
        if sync.spec.tag == tag.metadata.name and plan in (None, sync.spec.plan)
    ]


def _withdraw_skip(kube: Kube, tag: Tag, plan: str | None) -> list[str]:
    """Unskip a release that was skipped for every Plan."""
    name = tag.metadata.name
    if not tag.spec.skip:
        return []
    if plan is not None:
        raise UsageError(f"`{name}` is skipped for every Plan: ask again without `--plan`.")
    kube.patch(TAGS, tag.metadata.key, {"spec": {"skip": None}})
    return [f"Tag {name}"]


def _skip(kube: Kube, view: View, tag: Tag, plan: str | None) -> str:
    if plan is None:
        kube.patch(TAGS, tag.metadata.key, {"spec": {"skip": True}})
        return f"Tag {tag.metadata.name}"
    if plan not in {each.metadata.name for each in view.plans}:
        raise UsageError(f"There is no Plan `{plan}` in the namespace {tag.metadata.namespace}.")
    return apply(kube, plan, tag, {"skip": True})


def _refresh(kube: Kube, view: View, tag: Tag, plan: str | None, now: datetime) -> list[str]:
    """Request a refresh of a release's open pull requests."""
    found = [sync for sync in syncs_of(view, tag, plan) if sync.is_in_review]
    if not found:
        raise UsageError(
            f"The Tag `{tag.metadata.name}` has no open pull request that could be made again."
        )
    for sync in found:
        kube.patch(SYNCS, sync.metadata.key, {"spec": {"refresh": int(now.timestamp())}})
    return [f"Sync {sync.metadata.name}" for sync in found]


def _too_young(view: View, tag: Tag, plan: str | None) -> Iterator[str]:
    """Yield the Plans for which the release is only too young."""
    for each, sync, standing in Standings(view).of(tag):
        is_meant = plan in (None, each.metadata.name) and sync is None
        if is_meant and standing.reason == TOO_YOUNG:
            yield each.metadata.name


def apply(kube: Kube, plan: str, tag: Tag, wish: Json) -> str:
    """Apply a request to a release that may still be queued: create its Sync if there is none."""
    name = sync_name(plan, tag.metadata.name)
    manifest: Json = {
        "apiVersion": API_VERSION,
        "kind": "Sync",
        "metadata": {"namespace": tag.metadata.namespace, "name": name},
        "spec": {"plan": plan, "tag": tag.metadata.name, **wish},
    }
    kube.apply(SYNCS, manifest)
    return f"Sync {name}"
