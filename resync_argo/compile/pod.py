"""An attempt's pod without its containers: volumes, users, and Argo's own parts.

Everything complies with Pod Security's `restricted` ("Pod Security Standards"), including Argo's
own containers. The user id is a setting: a plain cluster needs one for images that do not name
theirs; OpenShift assigns one to each namespace and refuses others.
"""

import json
from collections.abc import Mapping
from typing import Any

from hera.workflows import models as argo

from resync_argo.api.plan import Pod
from resync_argo.compile.containers import (
    CA_VOLUME,
    MIRROR_VOLUME,
    SECURITY_CONTEXT,
    TRUSTED_VOLUME,
    WORKSPACE_VOLUME,
)
from resync_argo.compile.turn import executor_template
from resync_argo.contract import CHECKOUT, MAIN, Contract, Secret
from resync_argo.settings import Settings

TERMINATION_GRACE_SECONDS = 300
"""When one container fails, Argo asks all others to end. `main` then still has to publish the
conflict or report the failure; Argo kills it after this time."""

_SECRET_MODE = 0o440


def build_volumes(secrets: Mapping[Secret, str], settings: Settings) -> list[argo.Volume]:
    """Return the pod's volumes: the workspace, the trusted one, one per Secret, the site's CA, the mirrors."""
    empty = argo.EmptyDirVolumeSource(size_limit=argo.Quantity(settings.workspace_size))
    return [
        argo.Volume(name=WORKSPACE_VOLUME, empty_dir=empty),
        argo.Volume(name=TRUSTED_VOLUME, empty_dir=empty),
        *(_secret_volume(name, secret) for name, secret in secrets.items()),
        *([_ca_volume(settings.ca_config_map)] if settings.ca_config_map else []),
        *([_mirror_volume(settings.mirror_claim)] if settings.mirror_claim else []),
    ]


def _ca_volume(config_map: str) -> argo.Volume:
    # Optional: a pod that waits for a ConfigMap reports nothing. One that runs without it names the untrusted host.
    source = argo.ConfigMapVolumeSource(name=config_map, optional=True)
    return argo.Volume(name=CA_VOLUME, config_map=source)


def _mirror_volume(claim: str) -> argo.Volume:
    source = argo.PersistentVolumeClaimVolumeSource(claim_name=claim)
    return argo.Volume(name=MIRROR_VOLUME, persistent_volume_claim=source)


def _secret_volume(name: str, secret: str) -> argo.Volume:
    source = argo.SecretVolumeSource(secret_name=secret, default_mode=_SECRET_MODE)
    return argo.Volume(name=name, secret=source)


def pod_security_context(settings: Settings) -> argo.PodSecurityContext:
    """Return the pod's user, file group and seccomp profile."""
    user = settings.run_as_user or None
    return argo.PodSecurityContext(
        run_as_non_root=True,
        run_as_user=user,
        run_as_group=user,
        fs_group=user,
        seccomp_profile=argo.SeccompProfile(type="RuntimeDefault"),
    )


def pod_patch(pod: Pod, contract: Contract) -> str:
    """Return the strategic merge patch of the pod ("Pod Spec Patch").

    It makes Argo's own containers comply, gives its executor a template of its own (turn.py), and
    sets what a Workflow has no field for.
    """
    steps = [step.container for step in contract.steps if step.action is None]
    actions = [step.container for step in contract.steps if step.action is not None]
    template = {
        "name": "ARGO_TEMPLATE",
        "value": executor_template(steps, (CHECKOUT, *actions, MAIN)),
    }
    patch: dict[str, Any] = {
        "containers": [{"name": "wait", "securityContext": SECURITY_CONTEXT}],
        "initContainers": [
            {"name": "init", "securityContext": SECURITY_CONTEXT, "env": [template]}
        ],
        "terminationGracePeriodSeconds": TERMINATION_GRACE_SECONDS,
    }
    if pod.runtime_class_name is not None:
        patch["runtimeClassName"] = pod.runtime_class_name
    return json.dumps(patch, sort_keys=True)


def placement(pod: Pod) -> dict[str, Any]:
    """Return the arguments of a WorkflowTemplate that determine where its pods run."""
    wanted = {
        "image_pull_secrets": [argo.LocalObjectReference(name=it) for it in pod.image_pull_secrets],
        "node_selector": pod.node_selector,
        "tolerations": [argo.Toleration(**it.model_dump()) for it in pod.tolerations],
    }
    return {name: value for name, value in wanted.items() if value}
