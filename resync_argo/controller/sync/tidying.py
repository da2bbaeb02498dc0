"""Lets Argo's graph show as failures what failed, and nothing else; see submit.appearance.

Of a run that is over the nodes are changed at once. In one that is suspended Argo looks at the attempt's pod again until
it has labelled that as completed, a moment after its end (where a site's `podGC` keeps it from doing so: until the run is
over), and takes back what was changed by then. So it is tried some times, with pauses, and never for ever.
"""

from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.sync import workflow_actions

PAUSES_SECONDS = (2.0, 10.0, 60.0)
"""How long a run has been suspended when it is tried for the first, second and last time."""


@dataclass(frozen=True, kw_only=True)
class Tidying:
    """Corrects the nodes of runs."""

    cluster: Cluster

    def follow(self, key: ObjectKey, seen_seconds: float) -> float | None:
        """Correct a run's nodes where it is time to.

        Args:
            key: the Workflow.
            seen_seconds: for how long we have seen it ended, or suspended where it is.

        Returns:
            In how many seconds to look again; None: nothing is left to do.

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
