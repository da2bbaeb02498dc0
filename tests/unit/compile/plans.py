"""Plans for the compiler's tests: the samples and a small one to change; and parts of their templates."""

from pathlib import Path
from typing import Any

import yaml

from resync_argo.api.plan import Plan
from resync_argo.compile import compile_plan
from resync_argo.settings import Settings

SAMPLES = Path(__file__).parents[2] / "samples"
UID = "5b0c9a52-63e1-4a0c-9d0a-0a6c1d1b1f00"


def sample(name: str) -> Plan:
    """Return a Plan of the samples as the API server would give it."""
    return _placed(yaml.safe_load((SAMPLES / f"{name}.yaml").read_text()))


def small(*steps: dict[str, Any], **config: Any) -> Plan:
    """Return a Plan with these steps, and with further parts of its `config`."""
    known = {
        "upstream": {"name": "github.com/a/b", "matchedVersions": ["*"]},
        "downstream": {"name": "github.com/c/d", "branch": "main"},
        "image": "example.com/image:1",
    }
    spec = {"config": known | config, "steps": list(steps) or [{"run": "true"}]}
    return _placed({"metadata": {"name": "small"}, "spec": spec})


def _placed(manifest: dict[str, Any]) -> Plan:
    manifest["metadata"] |= {"namespace": "resync", "uid": UID}
    return Plan.parse(manifest)


RUN = {"name": "Build it", "run": "make"}
PULL_REQUEST = {"action": {"type": "pull-request", "title": "{{t}} $(x) $$"}}
SLACK = {"action": {"type": "slack-notification", "channel": "c", "message": "m"}}
GITHUB = {"credentials": {"secretSelector": "github-secret"}}
CHAT = {"credentials": {"secretSelector": "slack-secret"}}

GOLDENS: dict[str, Plan] = {
    "plan": sample("plan"),
    "plan-mended": sample("plan-mended"),
    "small": small(),
    "everything": small(
        RUN,
        {"run": "go list -f '{{.Dir}}' $(pwd) $$"},
        SLACK,
        RUN,
        PULL_REQUEST,
        github=GITHUB,
        slack=CHAT,
        env=[
            {"name": "BRANCH", "from": ".config.downstream.branch"},
            {"name": "COMMIT", "from": ".tag.commit"},
            {"name": "WORDS", "value": "$(HOME) $$ $x"},
        ],
        parameters=[
            {"name": "JIRA", "pattern": "[A-Z]+-[0-9]+", "required": True, "description": "a bug"},
            {"name": "NOTE", "pattern": ".{1,80}$", "default": "none"},
        ],
        pod={
            "imagePullSecrets": ["registry"],
            "runtimeClassName": "gvisor",
            "nodeSelector": {"kubernetes.io/arch": "amd64"},
            "tolerations": [{"key": "batch", "operator": "Exists", "effect": "NoSchedule"}],
        },
        resources={"limits": {"cpu": 2, "memory": "4Gi"}, "requests": {"cpu": "500m"}},
    ),
}


def compiled(plan: Plan, **settings: Any) -> dict[str, Any]:
    """Compile a Plan, with further settings."""
    return compile_plan(plan, Settings(**settings)).manifest


def template_of(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one of a WorkflowTemplate's templates."""
    return next(t for t in manifest["spec"]["templates"] if t["name"] == name)


def containers_of(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the attempt's containers by name."""
    containers = template_of(manifest, "attempt")["containerSet"]["containers"]
    return {container["name"]: container for container in containers}


def environment_of(container: dict[str, Any]) -> dict[str, str]:
    """Return a container's variables."""
    return {variable["name"]: variable["value"] for variable in container["env"]}


def mounts_of(container: dict[str, Any]) -> set[str]:
    """Return the names of the volumes that a container mounts."""
    return {mount["name"] for mount in container["volumeMounts"]}


def is_ours(container: dict[str, Any]) -> bool:
    """Return whether a container runs our image."""
    return bool(container["command"] == ["resync-argo"])
