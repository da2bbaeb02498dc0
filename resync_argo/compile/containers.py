"""The containers of an attempt, one per step, as nodes of Argo's containerSet.

Run steps get the user's image, their script, the Plan's literal variables and the workspace. All
other containers are ours: our image, the trusted volume, and only the Secrets they need. Each
depends on the one before it: that only draws the graph; turn.py describes how they wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from hera.workflows import ContainerNode
from hera.workflows import models as argo

from resync_argo.api.plan import PlanSpec
from resync_argo.api.regenerate import script_of
from resync_argo.api.variables import static_variables
from resync_argo.compile.escaping import escape_expansion, escape_script
from resync_argo.compile.turn import WAIT_FOR_TURN
from resync_argo.contract import (
    CHECKOUT,
    CONTRACT_VARIABLE,
    MAIN,
    MIRROR_VARIABLE,
    PARAMETERS,
    Contract,
    Layout,
    Secret,
    StepContract,
)
from resync_argo.settings import Settings

WORKSPACE_VOLUME = "workspace"
TRUSTED_VOLUME = "trusted"
CA_VOLUME = "ca"
MIRROR_VOLUME = "mirror"
MIRROR_FOLDER = "/mirror"
CA_FOLDER = "/etc/resync/ca"
CA_FILE = "ca-bundle.crt"
"""The key under which OpenShift and others store a site's certificates."""

_LAYOUT = Layout()
_TINY: Mapping[str, str] = {"cpu": "5m", "memory": "16Mi"}
"""What a container requests while it waits or does little; requests of a pod's containers add up."""
_FORGE: tuple[Secret, ...] = ("github", "fork")
_TRUSTED_LIMITS: Mapping[str, str] = {"memory": "512Mi"}
"""Our own programs fit in 150 MiB; git needs the rest to pack a large history."""

SECURITY_CONTEXT = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""What Pod Security's `restricted` requires of each container ("Pod Security Standards")."""


def build_containers(contract: Contract, spec: PlanSpec, settings: Settings) -> list[ContainerNode]:
    """Return the attempt's containers in order: checkout, one per step, main."""
    trusted = _Trusted(contract=contract, settings=settings)
    nodes = [trusted.node(CHECKOUT, "checkout", secrets=_FORGE)]
    requests = contract.config.resources.requests
    for step, known in zip(spec.steps, contract.steps, strict=True):
        script = script_of(spec, step)
        if script is None:
            nodes.append(trusted.node(known.container, "action", secrets=_secrets_of(known)))
        else:
            nodes.append(_run_node(contract, known, script, requests))
            requests = {}
    nodes.append(trusted.node(MAIN, "main", secrets=_FORGE))
    for before, node in pairwise(nodes):
        node.dependencies = [before.name]
    return nodes


def _run_node(
    contract: Contract, known: StepContract, script: str, requests: Mapping[str, str]
) -> ContainerNode:
    wrapper = str(_LAYOUT.control / "step")
    return ContainerNode(
        name=known.container,
        image=known.image or contract.config.image,
        command=["sh"],
        args=["-c", WAIT_FOR_TURN, wrapper, *_arguments(known.container, script)],
        env=_variables(_step_environment(contract)),
        resources=_resources({**_TINY, **requests}, contract.config.resources.limits),
        security_context=argo.SecurityContext.model_validate(SECURITY_CONTEXT),
        volume_mounts=[_WORKSPACE_MOUNT],
    )


def _arguments(container: str, script: str) -> tuple[str, str, str]:
    """Return the arguments of the step wrapper."""
    escaped = escape_script(script)
    return container, escaped.token, escape_expansion(escaped.text)


def _step_environment(contract: Contract) -> dict[str, str]:
    values = static_variables(contract.config)
    escaped = {name: escape_expansion(value) for name, value in values.items()}
    workspace = _LAYOUT.workspace
    return escaped | {
        "HOME": str(workspace / "home"),
        "TMPDIR": str(workspace / "tmp"),
        "XDG_CACHE_HOME": str(workspace / "home" / ".cache"),
    }


@dataclass(frozen=True, kw_only=True)
class _Trusted:
    """Makes the containers that run our own image."""

    contract: Contract
    settings: Settings

    def node(self, name: str, role: str, *, secrets: tuple[Secret, ...]) -> ContainerNode:
        """Return a container for one of our parts, with the Plan's Secrets for it."""
        named = [secret for secret in secrets if secret in secret_names(self.contract)]
        mounts = [_WORKSPACE_MOUNT, _TRUSTED_MOUNT, *(_secret_mount(secret) for secret in named)]
        if self.settings.ca_config_map:
            mounts.append(_CA_MOUNT)
        environment = self._environment()
        if self.settings.mirror_claim and role == "checkout":
            # Only checkout fetches snapshots, and it has ended when the first step begins.
            mounts.append(_MIRROR_MOUNT)
            environment[MIRROR_VARIABLE] = MIRROR_FOLDER
        return ContainerNode(
            name=name,
            image=self.settings.image,
            command=["resync-argo"],
            args=["attempt", role, name],
            env=_variables(environment),
            resources=_resources(_TINY, _TRUSTED_LIMITS),
            security_context=argo.SecurityContext.model_validate(
                {**SECURITY_CONTEXT, "readOnlyRootFilesystem": True}
            ),
            volume_mounts=mounts,
        )

    def _environment(self) -> dict[str, str]:
        trusted = str(_LAYOUT.trusted)
        return {
            CONTRACT_VARIABLE: self.contract.to_json(),
            "RESYNC_WORKFLOW": "{{workflow.name}}",
            "RESYNC_ATTEMPT": "{{inputs.parameters.attempt}}",
            **{f"RESYNC_{p.upper()}": f"{{{{workflow.parameters.{p}}}}}" for p in PARAMETERS},
            # Steps can write to the workspace, so our own files are where only we can write.
            "HOME": trusted,
            "TMPDIR": trusted,
            **network_variables(self.settings),
        }


def network_variables(settings: Settings) -> dict[str, str]:
    """Return the variables for git, requests and urllib to reach hosts from a closed site."""
    values = {"HTTPS_PROXY": settings.https_proxy, "NO_PROXY": settings.no_proxy}
    if settings.ca_config_map:
        values |= dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), f"{CA_FOLDER}/{CA_FILE}")
    return {name: value for name, value in values.items() if value}


def secret_names(contract: Contract) -> dict[Secret, str]:
    """Return the names of the Secrets that the pod needs, by what they are for.

    Slack's is for a step that posts; what else is said there is said by the controller.
    """
    names: dict[Secret, str] = {}
    if contract.config.github is not None:
        names["github"] = contract.config.github.credentials.secret_selector
        if contract.config.github.fork_credentials is not None:
            names["fork"] = contract.config.github.fork_credentials.secret_selector
    if contract.config.slack is not None and any(map(_posts, contract.steps)):
        names["slack"] = contract.config.slack.credentials.secret_selector
    return names


def _secrets_of(step: StepContract) -> tuple[Secret, ...]:
    return ("slack",) if _posts(step) else _FORGE


def _posts(step: StepContract) -> bool:
    return step.action is not None and step.action.type == "slack-notification"


def _secret_mount(secret: Secret) -> argo.VolumeMount:
    return argo.VolumeMount(name=secret, mount_path=str(_LAYOUT.secret(secret)), read_only=True)


def _resources(requests: Mapping[str, str], limits: Mapping[str, str]) -> argo.ResourceRequirements:
    return argo.ResourceRequirements(
        requests={name: argo.Quantity(amount) for name, amount in requests.items()},
        limits={name: argo.Quantity(amount) for name, amount in limits.items()} or None,
    )


def _variables(values: Mapping[str, str]) -> list[argo.EnvVar]:
    return [argo.EnvVar(name=name, value=value) for name, value in values.items()]


_WORKSPACE_MOUNT = argo.VolumeMount(name=WORKSPACE_VOLUME, mount_path=str(_LAYOUT.workspace))
_CA_MOUNT = argo.VolumeMount(name=CA_VOLUME, mount_path=CA_FOLDER, read_only=True)
_MIRROR_MOUNT = argo.VolumeMount(name=MIRROR_VOLUME, mount_path=MIRROR_FOLDER)
_TRUSTED_MOUNT = argo.VolumeMount(name=TRUSTED_VOLUME, mount_path=str(_LAYOUT.trusted))
