"""Sees when a run's pod is gone and Argo still waits for it.

Argo hears of a deleted pod by its watch alone, and misses a deletion between a list of the pods and the
watch that follows it, as when it restarts or the API server does. Its Workflow then runs for ever. So the
API server is asked, now and then, whether the pod is there.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import PODS, Kube
from resync_argo.controller.kube.errors import Forbidden
from resync_argo.controller.polling.lanes import Lane
from resync_argo.controller.polling.poller import Poller
from resync_argo.controller.sync.decision.inputs import Inputs

LOOK_SECONDS = 120.0
"""Between two looks at a pod: few requests, and a run that takes minutes loses no more than some of them."""

CONFIRM_SECONDS = 40.0
"""Until the next look at a pod that is gone; the poller makes it a tenth shorter or longer."""

GONE_SECONDS = 30.0
"""How long a pod must be gone: Argo, which hears of most deletions within a second, takes ten to act on it."""

PodLooks: TypeAlias = Poller[ObjectKey, ObjectKey, bool]
"""By Sync: whether a pod is gone."""


@dataclass(frozen=True, kw_only=True)
class PodWatch:
    """Looks for all Syncs."""

    looks: PodLooks

    def complete(self, key: ObjectKey, inputs: Inputs) -> Inputs:
        """Return what is known of a sync, with whether the pod is gone that its Workflow waits for.

        Args:
            key: of the Sync.
            inputs: what is known of it.
        """
        run = inputs.run
        if run is None or run.pod is None or not run.is_active:
            self.looks.forget(key)
            return inputs
        pod = ObjectKey(run.metadata.namespace, run.pod)
        every = self.seconds_to_next(key) or LOOK_SECONDS
        seen = self.looks.ask(key, pod, Lane(pod.namespace, "kubernetes"), every=every)
        is_gone = seen is not None and bool(seen.value) and seen.at - seen.since >= GONE_SECONDS
        return replace(inputs, is_pod_gone=is_gone)

    def seconds_to_next(self, key: ObjectKey) -> float | None:
        """Return when a Sync's pod that is gone is to be looked at again; None where it is there."""
        seen = self.looks.seen(key)
        return CONFIRM_SECONDS if seen is not None and seen.value else None

    def forget(self, key: ObjectKey) -> None:
        """Look no more for a Sync."""
        self.looks.forget(key)


@dataclass(frozen=True, kw_only=True)
class PodLook:
    """Asks the API server."""

    kube: Kube

    def look(self, _key: ObjectKey, pod: ObjectKey) -> bool:
        """Return whether a pod is gone; one that may not be looked at, under older roles, is not.

        Raises:
            ResyncError: the API server does not answer.
        """
        try:
            return not self.kube.exists(PODS, pod)
        except Forbidden:
            return False
