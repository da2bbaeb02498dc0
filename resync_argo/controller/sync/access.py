"""Detects when a failed sync may continue: a Secret changed, or a permission was granted.

A Secret is read again periodically while a sync needs it. The Plan's `PermissionsGranted` shows the
forge's permissions; the forge is asked at once when a sync fails for lack of one.
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
    """Watches for all Syncs.

    Attributes:
        check_permissions: triggers a check of a Plan's permissions.
    """

    secrets: Secrets
    check_permissions: Callable[[ObjectKey], None]

    def complete(self, subject: Subject, before: Phase, inputs: Inputs) -> Inputs:
        """Return the inputs of a sync with the version of its Secrets, if that matters.

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
        """Trigger a check of permissions when a sync fails for lack of access.

        Returns:
            The seconds until the next look at the Secrets; None if they do not matter.
        """
        if not lacks_access(phase):
            return None
        if not lacks_access(before):
            self.check_permissions(subject.plan.metadata.key)
        return SECRET_SECONDS


def lacks_access(phase: Phase) -> bool:
    """Return whether a sync failed because its credentials are wrong or lack a permission."""
    return isinstance(phase, Failed) and phase.why.reason in ACCESS_REASONS
