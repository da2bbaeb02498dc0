"""Plans for the compiler's tests: the samples, and a small one to change."""

from pathlib import Path
from typing import Any

import yaml

from resync_argo.api.plan import Plan

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
