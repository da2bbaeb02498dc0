"""Detects when a run's pod is gone and Argo still waits for it.

Argo notices a deleted pod only by its watch, and misses a deletion between listing the pods and
starting the watch, for example when it or the API server restarts. The Workflow then runs for ever.
So this asks the API server periodically whether the pod exists.
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
"""Seconds between looks at a pod: few requests, and a run of minutes loses little time."""

CONFIRM_SECONDS = 40.0
"""Seconds until the next look at a missing pod; the poller varies it by a tenth."""

GONE_SECONDS = 30.0
"""How long a pod must be gone: Argo notices most deletions within a second, and takes ten to act."""

PodLooks: TypeAlias = Poller[ObjectKey, ObjectKey, bool]
"""By Sync: whether a pod is gone."""


@dataclass(frozen=True, kw_only=True)
class PodWatch:
    """Watches for all Syncs."""

    looks: PodLooks

    def complete(self, key: ObjectKey, inputs: Inputs) -> Inputs:
        """Return the inputs of a sync, with whether the pod that its Workflow waits for is gone.

        Args:
            key: the Sync.
            inputs: the other facts about it.
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
        """Return the seconds until the next look at a Sync's missing pod; None if it exists."""
        seen = self.looks.seen(key)
        return CONFIRM_SECONDS if seen is not None and seen.value else None

    def forget(self, key: ObjectKey) -> None:
        """Stop looking for a Sync."""
        self.looks.forget(key)


@dataclass(frozen=True, kw_only=True)
class PodLook:
    """Asks the API server."""

    kube: Kube

    def look(self, _key: ObjectKey, pod: ObjectKey) -> bool:
        """Return whether a pod is gone; if an older role forbids reading pods, it counts as present.

        Raises:
            ResyncError: the API server does not answer.
        """
        try:
            return not self.kube.exists(PODS, pod)
        except Forbidden:
            return False
