"""A compiled template on a real node, whatever happens to its attempts.

The run steps are compiled unchanged; small shell scripts replace our own programs and decide how
the attempt ends, so that a test can reach any end in seconds. The namespace enforces Pod Security
`restricted`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from resync_argo.api.plan import Plan
from resync_argo.compile import compile_plan
from resync_argo.contract import MAIN, MAX_ROUNDS, Outcome, Report
from resync_argo.settings import Settings
from resync_argo.submit import observe
from resync_argo.submit.progress import Failed, Progress, Running, Stopped, Succeeded, Suspended
from tests.cluster.coordinates import Coordinates
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.cluster

DEADLINE_SECONDS = 120

# Like our checkout, write the step wrapper; this one keeps its script, and runs it.
CHECKOUT = r"""
mkdir -p /workspace/.resync
cat > /workspace/.resync/step <<'EOF'
script=$(printf '%s\n' "$3" | sed "s/$2/{{/g")
printf '%s' "$script" > "/workspace/$1"
sh -e -c "$script"
EOF
"""
WAIT = "until [ -s /var/run/argo/ctr/{}/exitcode ]; do sleep 0.2; done\n"
# Like our `main`, open the gate once checkout has ended, and start the step.
GIVE_TURNS = (
    WAIT.format("checkout")
    + """
mkdir -p /var/run/argo/ctr/gate
printf 0 > /var/run/argo/ctr/gate/exitcode
until [ -p /workspace/.resync/turn.step ]; do sleep 0.2; done
echo go > /workspace/.resync/turn.step
"""
    + WAIT.format("step")
)
ODD_SCRIPT = 'echo \'{{.Dir}} {{{x}}} $$ $(echo y) $$$((1+2)) <@ "q"\' "$ODD" > /workspace/odd'
ODD_VALUE = "$(HOME) $$ $x '"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A namespace in which compiled Plans run with an end that the test chooses."""

    kubectl: Kubectl
    image: str

    def submit(
        self, name: str, *, main: str, script: str = ODD_SCRIPT, rounds: int = MAX_ROUNDS
    ) -> None:
        """Apply the compiled template, `main` being a shell script, and submit it."""
        manifest = compile_plan(self._plan(name, script), Settings(image=self.image)).manifest
        del manifest["metadata"]["ownerReferences"]
        for container in _containers(manifest):
            if container["command"] == ["resync-argo"]:
                part = GIVE_TURNS + main if container["name"] == MAIN else CHECKOUT
                container |= {"command": ["sh", "-c"], "args": [part]}
        workflow = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": {"name": name},
            "spec": {
                "workflowTemplateRef": {"name": name},
                "arguments": {"parameters": [{"name": "tag", "value": "1.2.3"}]},
            },
        }
        fewer = json.dumps(manifest).replace(f">= {MAX_ROUNDS}", f">= {rounds}")
        self.kubectl.apply(json.loads(fewer.replace(f"< {MAX_ROUNDS}", f"< {rounds}")), workflow)

    def _plan(self, name: str, script: str) -> Plan:
        config = {
            "upstream": {"name": "github.com/a/b", "matchedVersions": ["*"]},
            "downstream": {"name": "github.com/c/d", "branch": "main"},
            "image": self.image,
            "env": [{"name": "ODD", "value": ODD_VALUE}],
        }
        metadata = {"name": name, "namespace": self.kubectl.namespace, "uid": "uid"}
        spec = {"config": config, "steps": [{"run": script}]}
        return Plan.parse({"metadata": metadata, "spec": spec})

    def progress(self, name: str) -> Progress:
        """Return the Workflow's progress."""
        return observe(self.kubectl.get("workflow", name))

    def reach(self, name: str, *kinds: type) -> Any:
        """Wait until the Workflow's progress is of one of the kinds, and return it."""

        def reached() -> Progress | None:
            progress = self.progress(name)
            return progress if isinstance(progress, kinds) else None

        return wait_for(
            reached,
            deadline_seconds=DEADLINE_SECONDS,
            describe=lambda: f"{kinds}; it is {self.progress(name)}",
        )

    def end(self, name: str) -> Any:
        """Wait until the Workflow is over, and return how it ended."""
        return self.reach(name, Succeeded, Failed, Stopped)

    def resume(self, name: str, node: str) -> None:
        """Resume as the controller does, by the Kubernetes API alone."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        resumed = {"phase": "Succeeded", "message": "Resumed", "finishedAt": now}
        patch = {"status": {"nodes": {node: resumed}}}
        self.kubectl.run("patch", "workflow", name, "--type=merge", f"--patch={json.dumps(patch)}")


def _containers(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    templates = manifest["spec"]["templates"]
    attempt = next(t for t in templates if "containerSet" in t)
    containers: list[dict[str, Any]] = attempt["containerSet"]["containers"]
    return containers


@pytest.fixture
def stage(cluster: Coordinates, kubectl: Kubectl) -> Stage:
    """A namespace that enforces what OpenShift and careful administrators enforce."""
    label = "pod-security.kubernetes.io/enforce=restricted"
    kubectl.run("label", "namespace", kubectl.namespace, label)
    return Stage(kubectl=kubectl, image=cluster.step_image)


def _says(outcome: int, line: str) -> str:
    return f"echo '{line}' > /dev/termination-log; exit {outcome:d}"


def test_a_script_arrives_in_its_container_unchanged(stage: Stage) -> None:
    stage.submit("verbatim", main="cat /workspace/step; echo; cat /workspace/odd")

    assert stage.end("verbatim") == Succeeded(attempt=1, exit_code=Outcome.SYNCED)
    pod = stage.kubectl.list("pods")[0]["metadata"]["name"]
    log = stage.kubectl.run("logs", pod, f"--container={MAIN}")
    assert f"{ODD_SCRIPT}\n" in log
    assert f'{{{{.Dir}}}} {{{{{{x}}}}}} $$ $(echo y) $$$((1+2)) <@ "q" {ODD_VALUE}\n' in log


def test_a_conflict_suspends_and_a_resume_starts_the_next_attempt(stage: Stage) -> None:
    conflict = _says(Outcome.CONFLICT, "Conflict: abc 1 file in conflict")
    stage.submit("conflict", main=f"[ $RESYNC_ATTEMPT = 2 ] || {{ {conflict}; }}")

    suspended = stage.reach("conflict", Suspended)
    stage.resume("conflict", suspended.node)

    assert suspended.report == Report(reason="Conflict", message="abc 1 file in conflict")
    nodes = stage.kubectl.get("workflow", "conflict")["status"]["nodes"].values()
    assert {it["displayName"] for it in nodes if it["type"] == "Pod"} == {"attempt-1"}
    assert stage.end("conflict") == Succeeded(attempt=2, exit_code=Outcome.SYNCED)


def test_nothing_to_do_is_a_success(stage: Stage) -> None:
    stage.submit("synced", main=_says(Outcome.ALREADY_SYNCED, "AlreadySynced: 1.2.3 is contained"))

    ended = stage.end("synced")

    assert ended == Succeeded(
        attempt=1,
        exit_code=Outcome.ALREADY_SYNCED,
        report=Report(reason="AlreadySynced", message="1.2.3 is contained"),
    )


def test_a_failed_step_fails_the_workflow_after_main_has_reported(stage: Stage) -> None:
    # Argo asks every container to end as soon as one fails, but main finishes its work.
    report = _says(Outcome.FAILED, "StepFailed: step `step` ended with exit code 3")
    stage.submit("failed", main=f"trap '' TERM\nsleep 5\n{report}", script="exit 3")

    ended = stage.end("failed")

    assert isinstance(ended, Failed)
    assert (ended.container, ended.exit_code, ended.attempt) == ("step", 3, 1)
    assert ended.report == Report(reason="StepFailed", message="step `step` ended with exit code 3")
    assert len(stage.kubectl.list("pods")) == 1


@pytest.mark.parametrize("how", [("--grace-period=30",), ("--grace-period=0", "--force")])
def test_a_pod_that_is_deleted_is_replaced_by_another(stage: Stage, how: tuple[str, ...]) -> None:
    stage.submit("lost", main="sleep 15")
    stage.reach("lost", Running)
    pod = stage.kubectl.list("pods")[0]["metadata"]

    stage.kubectl.run("delete", "pod", pod["name"], "--wait=false", *how)

    # Argo may recreate the same attempt's pod, or the template may make another attempt: both are
    # fine.
    ended = stage.end("lost")
    assert isinstance(ended, Succeeded)
    assert ended.exit_code == Outcome.SYNCED
    assert pod["uid"] not in {p["metadata"]["uid"] for p in stage.kubectl.list("pods")}


@pytest.mark.parametrize("code", [2, 137, 143])
def test_an_attempt_that_was_killed_from_outside_is_repeated(stage: Stage, code: int) -> None:
    # Argo's executor ends with 2 if a signal reaches it as it ends, whatever `main` has reported.
    stage.submit("cut-off", main=f"[ $RESYNC_ATTEMPT = 2 ] || exit {code}")

    assert stage.end("cut-off") == Succeeded(attempt=2, exit_code=Outcome.SYNCED)


def test_a_workflow_that_is_terminated_counts_as_stopped(stage: Stage) -> None:
    stage.submit("stopped", main="sleep 600")
    stage.reach("stopped", Running)

    shutdown = json.dumps({"spec": {"shutdown": "Terminate"}})
    stage.kubectl.run("patch", "workflow", "stopped", "--type=merge", f"--patch={shutdown}")

    assert isinstance(stage.end("stopped"), Stopped)


def test_rounds_are_bounded(stage: Stage) -> None:
    stage.submit("rounds", main=f"exit {Outcome.CONFLICT:d}", rounds=1)

    ended = stage.end("rounds")

    assert isinstance(ended, Failed)
    said = stage.kubectl.get("workflow", "rounds")["status"]["message"]
    assert "still in conflict after" in said
    assert ended.message == "The branch was still in conflict after 1 attempts."
