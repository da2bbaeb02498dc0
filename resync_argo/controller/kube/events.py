"""Posts Kubernetes Events: one for each change that may interest a person, never one per reconcile.

Follows the events.k8s.io/v1 API. Names derive from the change, so that reporting it twice, for
example after a restart, makes one Event.
"""

import logging

from resync_argo.api.events import Event
from resync_argo.api.meta import ObjectMeta
from resync_argo.controller.kube.api import EVENTS, Kube
from resync_argo.controller.kube.errors import AlreadyExists
from resync_argo.errors import ResyncError
from resync_argo.names import API_VERSION, FIELD_MANAGER, GROUP, short_hash

LOG = logging.getLogger(__name__)

MAX_NOTE = 1000


def post_event(kube: Kube, kind: str, about: ObjectMeta, event: Event, now: str) -> None:
    """Post an Event; a lost one is not an error.

    Args:
        kube: the API server.
        kind: Plan, Tag or Sync.
        about: the object's metadata.
        event: the Event.
        now: RFC 3339 in UTC, to the second.
    """
    identity = short_hash(about.uid, event.reason, event.occasion, length=16)
    manifest = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"namespace": about.namespace, "name": f"{about.name[:200]}.{identity}"},
        "eventTime": now.removesuffix("Z") + ".000000Z",
        "reportingController": f"{GROUP}/{FIELD_MANAGER}",
        "reportingInstance": FIELD_MANAGER,
        "action": event.reason,
        "reason": event.reason,
        "type": event.type,
        "note": event.note[:MAX_NOTE],
        "regarding": {
            "apiVersion": API_VERSION,
            "kind": kind,
            "namespace": about.namespace,
            "name": about.name,
            "uid": about.uid,
        },
    }
    try:
        kube.create(EVENTS, manifest)
    except AlreadyExists:
        pass
    except ResyncError as error:
        LOG.warning("%s %s: the event %s is lost: %s", kind, about.key, event.reason, error)
