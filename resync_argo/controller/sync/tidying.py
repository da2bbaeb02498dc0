"""Corrects Argo's graph so that only real failures look like failures; see submit.appearance.

The nodes of a finished run are changed at once. In a suspended run, Argo reads the attempt's pod
and reverts our changes until it labels the pod as completed, shortly after the pod's end. (If a
site's `podGC` prevents the label, it does so until the run is over.) So we try a few times, with
pauses.
"""

from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.sync import workflow_actions

PAUSES_SECONDS = (2.0, 10.0, 60.0)
"""How long a run has been suspended at the first, second and last try."""


@dataclass(frozen=True, kw_only=True)
class Tidying:
    """Corrects the nodes of runs."""

    cluster: Cluster

    def follow(self, key: ObjectKey, seen_seconds: float) -> float | None:
        """Correct a run's nodes if a try is due.

        Args:
            key: the Workflow.
            seen_seconds: how long it has been ended, or suspended at its node.

        Returns:
            The seconds until the next look; None: nothing is left to do.

        Raises:
            ResyncError: the API server refused a write.
        """
        run = self.cluster.caches.runs.get(key)
        if run is None or not run.corrections:
            return None
        if run.state == "Failed":
            workflow_actions.tidy(self.cluster, run, tries=1)
            return None
        tries = run.tidied
        if tries >= len(PAUSES_SECONDS):
            return None
        if seen_seconds >= PAUSES_SECONDS[tries]:
            workflow_actions.tidy(self.cluster, run, tries=tries + 1)
            return PAUSES_SECONDS[tries]
        return PAUSES_SECONDS[tries] - seen_seconds
