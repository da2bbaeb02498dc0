"""Compiles a Plan into its WorkflowTemplate: complete, readable, and the same bytes every time.

The controller applies the manifest next to the Plan; `argo submit --from workflowtemplate/<plan> -p
tag=1.21.2` runs it by hand. Its templates (Argo's documents "Container Set Template", "Suspending",
"Template Recursion"):

    sync               an attempt; at a conflict a person's part, then the next attempt
    attempt            one pod, one container per step
    resolve-conflicts  where a Workflow is suspended until the conflict pull request is merged
"""

import json
from dataclasses import dataclass
from typing import Any

from hera.workflows import (
    ContainerSet,
    Parameter,
    Step,
    Steps,
    Suspend,
    WorkflowTemplate,
)
from hera.workflows import models as argo

from resync_argo import names
from resync_argo.api.plan import Plan
from resync_argo.compile.containers import build_containers, secret_names
from resync_argo.compile.pod import build_volumes, placement, pod_patch, pod_security_context
from resync_argo.contract import (
    AGAIN_STEP,
    ATTEMPT_TEMPLATE,
    MAX_ROUNDS,
    SUSPEND_TEMPLATE,
    Contract,
    Outcome,
    build_contract,
    too_large,
)
from resync_argo.settings import Settings
from resync_argo.upstream.eligibility import Policy

SYNC_TEMPLATE = "sync"

MAX_MANIFEST_BYTES = 400_000
"""Argo stores the template in the Workflow."""

MAX_LOST_PODS = 2
"""How often to repeat an attempt whose pod was lost; a failed step is never repeated."""

# The result of an attempt, as an expression: the exit code of its `main`, or that of a killed
# process if the pod was lost. Argo 4.0 waits for ever for a step's variable that never comes, so
# `get` makes it optional. `status` always exists, and naming it first keeps Argo from evaluating
# the expression before the attempt has run.
_KILLED = "'137'"
_TERMINATED = "'143'"
# When a container ends with a nonzero code, as a step does at a conflict, Argo sends SIGTERM to
# all. Its executor returns signals to the Go runtime before it ends. A signal at that moment ends
# the container's first process with 2 (Go's `dieFromSignal`), whatever the exit code of `main` was.
_CUT_OFF = "'2'"
_ENDED_FROM_OUTSIDE = ", ".join((_KILLED, _TERMINATED, _CUT_OFF))
_CODE = (
    f"(steps.attempt.status == 'Error' ? {_KILLED} : get(steps.attempt, 'exitCode') ?? {_KILLED})"
)
CONFLICT = f"{_CODE} == '{Outcome.CONFLICT:d}'"
LOST = f"{_CODE} in [{_ENDED_FROM_OUTSIDE}]"
FAILED = (
    f"steps.attempt.status == 'Failed' && !({_CODE} in "
    f"['{Outcome.CONFLICT:d}', '{Outcome.ALREADY_SYNCED:d}', {_ENDED_FROM_OUTSIDE}])"
)


@dataclass(frozen=True, kw_only=True)
class CompiledTemplate:
    """A WorkflowTemplate as JSON data, and the hash of its executed part."""

    manifest: dict[str, Any]
    hash: str


def compile_plan(plan: Plan, settings: Settings) -> CompiledTemplate:
    """Compile a Plan.

    Raises:
        Stalled: the Plan cannot be run as it is: `InvalidRange`, `InvalidPattern`, `InvalidPath`,
            `PlanTooLarge`; the message says why.
    """
    Policy.of(plan.spec.config)
    for parameter in plan.spec.config.parameters:
        parameter.check()
    contract = build_contract(plan, settings)
    manifest = _build(plan, contract, settings).to_dict()
    _name_attempts(manifest["spec"]["templates"])
    size = len(json.dumps(manifest["spec"]))
    if size > MAX_MANIFEST_BYTES:
        raise too_large("Its scripts and variables", size, MAX_MANIFEST_BYTES)
    digest = names.spec_digest(manifest["spec"])
    manifest["metadata"]["annotations"][names.TEMPLATE_HASH_ANNOTATION] = digest
    owner = names.owner_reference("Plan", plan.metadata.name, plan.metadata.uid)
    manifest["metadata"]["ownerReferences"] = [owner]
    return CompiledTemplate(manifest=manifest, hash=digest)


def _build(plan: Plan, contract: Contract, settings: Settings) -> WorkflowTemplate:
    labels = {
        names.PLAN_LABEL: names.label_value(plan.metadata.name),
        names.PLAN_UID_LABEL: names.label_value(plan.metadata.uid),
    }
    with WorkflowTemplate(
        api_version=f"{names.ARGO_GROUP}/{names.ARGO_VERSION}",
        name=plan.metadata.name,
        namespace=plan.metadata.namespace or None,
        labels=labels,
        annotations=_annotations(plan),
        workflow_metadata=argo.WorkflowMetadata(labels=labels),
        entrypoint=SYNC_TEMPLATE,
        arguments=_parameters(),
        service_account_name=settings.executor_service_account,
        automount_service_account_token=False,
        executor=argo.ExecutorConfig(service_account_name=settings.executor_service_account),
        security_context=pod_security_context(settings),
        pod_spec_patch=pod_patch(plan.spec.config.pod, contract),
        **placement(plan.spec.config.pod),
        ttl_strategy=argo.TTLStrategy(seconds_after_completion=settings.keep_workflow_seconds),
    ) as template:
        _build_attempt(plan, contract, settings)
        Suspend(name=SUSPEND_TEMPLATE)
        _build_sync()
    return template


def _annotations(plan: Plan) -> dict[str, str]:
    config = plan.spec.config
    return {
        "workflows.argoproj.io/title": plan.metadata.name,
        "workflows.argoproj.io/description": (
            f"Syncs {config.downstream.name} {config.downstream.branch} with {config.upstream.name}"
        ),
    }


def _parameters() -> list[Parameter]:
    return [
        Parameter(name="tag", description="the upstream version, for example 1.21.2"),
        Parameter(name="ref", value="", description="its git ref upstream; empty: looked up"),
        Parameter(name="commit", value="", description="the commit it must have; empty: any"),
        Parameter(name="force", value="false", description="sync what seems to be synced already"),
        Parameter(name="owner", value="", description="whose the branches are; empty: nobody's"),
        Parameter(name="values", value="", description="of the Plan's parameters, as JSON"),
    ]


def _build_attempt(plan: Plan, contract: Contract, settings: Settings) -> None:
    with ContainerSet(
        name=ATTEMPT_TEMPLATE,
        inputs=[Parameter(name="attempt")],
        active_deadline_seconds=settings.attempt_deadline_seconds,
        archive_location=argo.ArtifactLocation(archive_logs=False),
        volumes=build_volumes(secret_names(contract), settings),
    ):
        build_containers(contract, plan.spec, settings)


def _name_attempts(templates: list[dict[str, Any]]) -> None:
    """Number the attempts in the graph. Hera's annotations are the pod's; Argo reads the template's."""
    attempt = next(it for it in templates if it["name"] == ATTEMPT_TEMPLATE)
    name = f"{ATTEMPT_TEMPLATE}-{{{{inputs.parameters.attempt}}}}"
    attempt["annotations"] = {"workflows.argoproj.io/display-name": name}


def _build_sync() -> None:
    attempt, lost = "inputs.parameters.attempt", "inputs.parameters.lost"
    resolve = f"{CONFLICT} && asInt({attempt}) < {MAX_ROUNDS}"
    again = f"{LOST} && asInt({lost}) < {MAX_LOST_PODS}"
    inputs = [Parameter(name="attempt", value="1"), Parameter(name="lost", value="0")]
    with Steps(name=SYNC_TEMPLATE, inputs=inputs) as sync:
        Step(
            name=ATTEMPT_TEMPLATE,
            template=ATTEMPT_TEMPLATE,
            arguments={"attempt": f"{{{{{attempt}}}}}"},
            continue_on=argo.ContinueOn(failed=True, error=True),
        )
        with sync.parallel():
            Step(name=SUSPEND_TEMPLATE, template=SUSPEND_TEMPLATE, when=_when(resolve))
            too_many = f"{CONFLICT} && asInt({attempt}) >= {MAX_ROUNDS}"
            given_up = f"{LOST} && asInt({lost}) >= {MAX_LOST_PODS}"
            # One step for all of them: Argo's graph collapses more than three branches.
            _failure(
                "failed",
                f"({FAILED}) || ({too_many}) || ({given_up})",
                f"{{{{={too_many} ? 'still in conflict after {MAX_ROUNDS} attempts'"
                f" : {given_up} ? 'the pod was lost {MAX_LOST_PODS + 1} times'"
                " : 'the attempt failed, and its graph and the message of its `main` say why'}}",
            )
        Step(
            name=AGAIN_STEP,
            template=SYNC_TEMPLATE,
            when=_when(f"({resolve}) || ({again})"),
            arguments={
                "attempt": f"{{{{=asInt({attempt}) + 1}}}}",
                "lost": f"{{{{=asInt({lost}) + ({LOST} ? 1 : 0)}}}}",
            },
        )


def _when(expression: str) -> str:
    return f"{{{{={expression}}}}}"


def _failure(name: str, expression: str, message: str) -> None:
    """Add a step that fails the Workflow with a message, without a pod.

    Items that are not a list are an error of the step, unless its `when` is false.
    """
    Step(name=name, template=SUSPEND_TEMPLATE, when=_when(expression), with_param=message)
