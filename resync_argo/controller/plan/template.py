"""A Plan's WorkflowTemplate: compiled when something that it is made from changed, and applied.

Compiling costs milliseconds and there may be a thousand Plans, so the template carries a hash of
what it was made from: the Plan's spec, the settings, and the program itself. A template that
somebody changed by hand is applied again; one that the Plan does not own is never touched.
"""

import functools
import hashlib
from pathlib import Path

import resync_argo
from resync_argo.api.plan import Plan
from resync_argo.compile import compile_plan
from resync_argo.controller.kube.api import WORKFLOW_TEMPLATES
from resync_argo.controller.kube.errors import NotFound
from resync_argo.controller.state.objects import SOURCE_ANNOTATION, Template, keep_template
from resync_argo.controller.state.workflow import controller_uid
from resync_argo.controller.world import World
from resync_argo.errors import Stalled
from resync_argo.names import short_hash
from resync_argo.upstream.eligibility import Policy

_COMPILER = ("compile/*.py", "api/*.py", "contract.py", "names.py")


def ensure_template(world: World, plan: Plan) -> Template:
    """Return the Plan's template, applied if it was missing or differs.

    Raises:
        Stalled: the Plan cannot be compiled, or something else has its template's name.
    """
    Policy.of(plan.spec.config)
    source = short_hash(plan.spec.model_dump_json(), plan.metadata.uid, _maker(world), length=16)
    template = _current(world, plan)
    if template is not None and template.source == source and not _altered(world, template):
        return template
    manifest = compile_plan(plan, world.settings).manifest
    manifest["metadata"]["annotations"][SOURCE_ANNOTATION] = source
    applied = keep_template(world.kube.apply(WORKFLOW_TEMPLATES, manifest))
    world.template_generations[applied.metadata.uid] = applied.generation
    world.caches.templates.put(applied, ours=True)
    return applied


def _current(world: World, plan: Plan) -> Template | None:
    """Return the template that is there.

    Raises:
        Stalled: reason `NotOurs`.
    """
    key = plan.metadata.key
    template = world.caches.templates.get(key)
    if template is not None:
        owner = template.owner
    else:
        # One without our label is not in the cache; applying would make it ours.
        try:
            found = world.kube.get(WORKFLOW_TEMPLATES, key)
        except NotFound:
            return None
        owner, template = controller_uid(found), keep_template(found)
    if owner != plan.metadata.uid:
        raise Stalled(
            "NotOurs",
            f"There is a WorkflowTemplate {key.name} that this Plan does not own: delete or rename it.",
        )
    return template


def _altered(world: World, template: Template) -> bool:
    known = world.template_generations.setdefault(template.metadata.uid, template.generation)
    return known != template.generation


def _maker(world: World) -> str:
    return short_hash(world.settings.model_dump_json(), _program(), length=16)


@functools.cache
def _program() -> str:
    """Return a hash of the code that compiles: a new release applies what it compiles anew."""
    root = Path(resync_argo.__file__).parent
    files = sorted(file for pattern in _COMPILER for file in root.glob(pattern))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
