"""Measures the cost of ten trivial steps: in a bare `sh`, as our attempt, and with a pod for each step.

    python -m tests.bench.steps

All three run on one machine, one after another. Our attempt is a Plan with ten `run: "true"` and no
pull request; it also checks out. The pod per step is a plain Argo Workflow on the same image. Both
are timed by their Workflow's own start and end, which Argo gives in whole seconds.
"""

import json
import subprocess
import time

from resync_argo.controller.kube.api import WORKFLOWS
from tests.bench.site import Site, bench_world, seconds_of
from tests.cluster.workflows import workflow

COUNT = 10
VERSION = "1.21.1"
PER_STEP = "pod-per-step"


def measure() -> dict[str, float]:
    """Return the seconds of each way, and our share of those of a pod per step."""
    with bench_world("resync-bench-steps") as site:
        bare, ours, pods = _bare(), _attempt(site), _pod_per_step(site)
    return {
        "bare_sh_seconds": bare,
        "our_attempt_seconds": ours,
        "pod_per_step_seconds": pods,
        "our_attempt_to_pod_per_step_ratio": round(ours / pods, 3),
        "our_attempt_to_bare_sh_ratio": round(ours / bare, 1),
    }


def _bare() -> float:
    begun = time.monotonic()
    for _ in range(COUNT):
        subprocess.run(["sh", "-e", "-c", "true"], check=True)
    return round(time.monotonic() - begun, 3)


def _attempt(site: Site) -> float:
    plan = site.world.plan()
    plan["spec"]["steps"] = [{"name": f"Step {n}", "run": "true"} for n in range(COUNT)]
    site.world.apply(plan)
    site.world.release(VERSION)
    _, submitted = site.seen(WORKFLOWS, lambda _: True)
    return seconds_of(site.ended_workflow(submitted["metadata"]["name"])["status"])


def _pod_per_step(site: Site) -> float:
    step = {"image": site.world.cluster.step_image, "command": ["sh", "-e", "-c"], "args": ["true"]}
    container = {"name": "step", "container": {**step, "imagePullPolicy": "IfNotPresent"}}
    names = (f"step-{n}" for n in range(COUNT))
    steps = {"name": "all", "steps": [[{"name": name, "template": "step"}] for name in names]}
    site.world.apply(workflow(PER_STEP, steps, container))
    return seconds_of(site.ended_workflow(PER_STEP)["status"])


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
