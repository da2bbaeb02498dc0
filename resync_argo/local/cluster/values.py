"""Sets parameters for a release on a cluster: on its Tag for every Plan, or on one Plan's Sync."""

from collections.abc import Mapping, Sequence

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.api.parameters.values import unknown
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import SYNCS, TAGS, Kube
from resync_argo.errors import Stalled, UsageError
from resync_argo.local.cluster.requests import apply, one_tag, syncs_of
from resync_argo.local.cluster.view import Standings, View, read_view
from resync_argo.names import sync_name


def set_values(
    kube: Kube, namespace: str, name: str, values: Mapping[str, str], *, plan: str | None = None
) -> str:
    """Write values into the Tag or Sync, and return its name as `kubectl` shows it.

    Args:
        kube: the cluster.
        namespace: where the Tag is.
        name: its name, or its version.
        values: by parameter name; "" removes one.
        plan: for this Plan only; None: for every Plan that has the parameters.

    Raises:
        UsageError: no Tag matches, or more than one; there is no such Plan or parameter; or a value
            does not fit its parameter.
        ResyncError: the API server refuses it.
    """
    view = read_view(kube, namespace)
    tag = one_tag(view, namespace, name)
    plans = _concerned(view, tag, plan)
    for key, value in values.items():
        _check(plans, key, value)
    change: Json = {"spec": {"parameters": {key: value or None for key, value in values.items()}}}
    if plan is None:
        kube.patch(TAGS, tag.metadata.key, change)
        return f"Tag {tag.metadata.name}"
    sync = ObjectKey(namespace, sync_name(plan, tag.metadata.name))
    if not syncs_of(view, tag, plan):
        apply(kube, plan, tag, {})
    kube.patch(SYNCS, sync, change)
    return f"Sync {sync.name}"


def _concerned(view: View, tag: Tag, name: str | None) -> list[Plan]:
    """Return the Plans that want a release: the one with that name, or all."""
    plans = [plan for plan, _, _ in Standings(view).of(tag)]
    found = [plan for plan in plans if name in (None, plan.metadata.name)]
    if not found:
        who = f"The Plan `{name}` does not want" if name is not None else "No Plan wants"
        raise UsageError(f"{who} the Tag `{tag.metadata.name}`.")
    return found


def _check(plans: Sequence[Plan], name: str, value: str) -> None:
    """Check a value against every Plan that has the parameter."""
    parameters = [it for plan in plans for it in plan.spec.config.parameters]
    meant = [it for it in parameters if it.name == name]
    if not meant:
        raise UsageError(unknown(parameters, name))
    for parameter in meant:
        try:
            refused = parameter.refusal(value) if value else None
        except Stalled as error:
            raise UsageError(str(error)) from error
        if refused is not None:
            raise UsageError(refused)
