"""Builds the Workflow that runs a Sync, from its Plan and Tag.

Its name is always the same for the same Plan, Sync, template and try, so that a second submission
finds the first. The controller creates the returned manifest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hera.workflows import Parameter, Workflow
from hera.workflows import models as argo

from resync_argo import names
from resync_argo.api.parameters.values import to_json
from resync_argo.api.plan import Plan, RepositoryName
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag

_MAX_TITLE = 18
"""Argo's list of Workflows cuts longer titles."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What distinguishes the Workflows of a Sync.

    Attributes:
        template_hash: of the Plan's present template.
        tries: how many earlier Workflows the Sync had.
        force: sync the release even if the branch seems to contain it; only people request that.
        owner: distinguishes the Plan from those of the same name in other namespaces and clusters.
        values: of the Plan's parameters that people set.
    """

    template_hash: str
    tries: int = 0
    force: bool = False
    owner: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def build_workflow(plan: Plan, tag: Tag, sync: Sync, submission: Submission) -> dict[str, Any]:
    """Return the Workflow's manifest.

    Args:
        plan: the Plan.
        tag: the release.
        sync: the Sync that owns the Workflow.
        submission: distinguishes it from the Sync's other Workflows.
    """
    template_hash = submission.template_hash
    identity = plan.metadata.uid, sync.metadata.uid, template_hash, str(submission.tries)
    workflow = Workflow(
        api_version=f"{names.ARGO_GROUP}/{names.ARGO_VERSION}",
        name=names.workflow_name(plan.metadata.name, tag.version, *identity),
        namespace=plan.metadata.namespace or None,
        labels=workflow_labels(plan, tag),
        annotations=_annotations(plan, tag, template_hash),
        arguments=_arguments(tag, submission),
        workflow_template_ref=argo.WorkflowTemplateRef(name=plan.metadata.name),
    )
    manifest: dict[str, Any] = workflow.to_dict()
    owner = names.owner_reference("Sync", sync.metadata.name, sync.metadata.uid)
    manifest["metadata"]["ownerReferences"] = [owner]
    return manifest


def workflow_labels(plan: Plan, tag: Tag) -> dict[str, str]:
    """Return the labels by which the controller finds a Workflow's Plan and Tag."""
    return {
        names.PLAN_LABEL: names.label_value(plan.metadata.name),
        names.PLAN_UID_LABEL: names.label_value(plan.metadata.uid),
        names.TAG_LABEL: names.label_value(tag.metadata.name),
        names.VERSION_LABEL: names.label_value(tag.version),
    }


def _annotations(plan: Plan, tag: Tag, template_hash: str) -> dict[str, str]:
    downstream = plan.spec.config.downstream
    repository = RepositoryName.of(downstream.name).name
    return {
        "workflows.argoproj.io/title": f"{repository} {tag.version}"[:_MAX_TITLE],
        "workflows.argoproj.io/description": (
            f"{downstream.name} {downstream.branch}: {tag.version} of {plan.spec.config.upstream.name}"
        ),
        names.TEMPLATE_HASH_ANNOTATION: template_hash,
    }


def _arguments(tag: Tag, submission: Submission) -> list[Parameter]:
    values = {
        "tag": tag.version,
        "ref": tag.spec.ref or "",
        "commit": tag.spec.commit or "",
        "force": "true" if submission.force else "false",
        "owner": submission.owner,
        "values": to_json(submission.values),
    }
    return [Parameter(name=name, value=value) for name, value in values.items()]
