"""Caches as informers fill them."""

from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.state.objects import Caches
from resync_argo.controller.state.workflow import Run


def put(caches: Caches, *objects: Plan | Tag | Sync | Run) -> None:
    """Put each object into the cache of its kind."""
    for one in objects:
        match one:
            case Plan():
                caches.plans.put(one)
            case Tag():
                caches.tags.put(one)
            case Sync():
                caches.syncs.put(one)
            case Run():
                caches.runs.put(one)
