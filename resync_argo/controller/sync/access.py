"""Sees when a failed sync may go on since its access was repaired: a Secret changed, a right was granted.

A Secret is read again now and then while a sync needs it. What the forge grants is what the Plan's
`PermissionsGranted` says; the forge is asked at once when a sync fails for want of a right.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.access import secrets_of
from resync_argo.controller.forge.secrets import SecretMissing, Secrets
from resync_argo.controller.sync.decision.inputs import Inputs
from resync_argo.controller.sync.decision.phases import Failed, Phase
from resync_argo.controller.sync.observe import Subject
from resync_argo.reasons.catalogue import ACCESS_REASONS

SECRET_SECONDS = 300.0
"""Between two looks at the Secrets of a failed sync."""


@dataclass(frozen=True, kw_only=True)
class AccessWatch:
    """Looks for all Syncs.

    Attributes:
        check_permissions: has the forge asked what the credentials of a Plan may do.
    """

    secrets: Secrets
    check_permissions: Callable[[ObjectKey], None]

    def complete(self, subject: Subject, before: Phase, inputs: Inputs) -> Inputs:
        """Return what is known of a sync, with the version of its Secrets where that counts.

        Raises:
            ResyncError: the API server refuses to show a Secret.
        """
        report = inputs.run.report if inputs.run is not None else None
        if not lacks_access(before) and (report is None or report.reason not in ACCESS_REASONS):
            return inputs
        try:
            return replace(inputs, secrets=self.secrets.version(secrets_of(subject.plan)))
        except SecretMissing:
            return inputs

    def follow(self, subject: Subject, before: Phase, phase: Phase) -> float | None:
        """Have the forge asked when a sync fails for want of access.

        Returns:
            The seconds until the Secrets are looked at again; None where they do not count.
        """
        if not lacks_access(phase):
            return None
        if not lacks_access(before):
            self.check_permissions(subject.plan.metadata.key)
        return SECRET_SECONDS


def lacks_access(phase: Phase) -> bool:
    """Return whether a sync failed since its credentials are wrong or lack a right."""
    return isinstance(phase, Failed) and phase.why.reason in ACCESS_REASONS
