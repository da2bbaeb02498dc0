"""Compiles and applies a Plan's WorkflowTemplate when its sources change.

Compiling takes milliseconds and there may be a thousand Plans, so the template carries a hash of
its sources: the Plan's spec, the settings, and the program itself. A template changed by hand is
applied again; one that the Plan does not own is never touched.
"""

import functools
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from cachetools import LRUCache

import resync_argo
from resync_argo.api.plan import Plan
from resync_argo.compile import compile_plan
from resync_argo.controller.kube.api import WORKFLOW_TEMPLATES
from resync_argo.controller.kube.errors import NotFound
from resync_argo.controller.plan.mirror_claims import MirrorClaims
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.objects import SOURCE_ANNOTATION, Template, keep_template
from resync_argo.errors import Stalled
from resync_argo.names import short_hash
from resync_argo.reasons.cluster import NOT_OURS
from resync_argo.upstream.eligibility import Policy

_COMPILER = ("compile/*.py", "api/*.py", "contract.py", "names.py")

MAX_TEMPLATES = 10_000


@dataclass(frozen=True, kw_only=True)
class Templates:
    """The WorkflowTemplates of all Plans.

    Attributes:
        cluster: the API server and the caches.
        claims: the namespaces with a volume for mirrors.
        stored_as: by uid, the digest of an applied spec as the API server stores it, so that mere
            reformatting does not count as a change.
    """

    cluster: Cluster
    claims: MirrorClaims
    stored_as: LRUCache[str, str] = field(default_factory=lambda: LRUCache(MAX_TEMPLATES))

    def ensure(self, plan: Plan) -> Template:
        """Return the Plan's template; apply it if it is missing or differs.

        Raises:
            Stalled: the Plan cannot be compiled, or something else has its template's name.
        """
        Policy.of(plan.spec.config)
        settings = self.claims.settings_for(plan.metadata.namespace)
        maker = short_hash(settings.model_dump_json(), _program(), length=16)
        source = short_hash(plan.spec.model_dump_json(), plan.metadata.uid, maker, length=16)
        template = self._current(plan)
        if template is not None and template.source == source and not self._is_altered(template):
            return template
        manifest = compile_plan(plan, settings).manifest
        manifest["metadata"]["annotations"][SOURCE_ANNOTATION] = source
        applied = keep_template(self.cluster.kube.apply(WORKFLOW_TEMPLATES, manifest))
        self.stored_as[applied.metadata.uid] = applied.digest
        self.cluster.caches.templates.put(applied, ours=True)
        return applied

    def _is_altered(self, template: Template) -> bool:
        stored = self.stored_as.get(template.metadata.uid, template.hash)
        return template.digest not in (template.hash, stored)

    def _current(self, plan: Plan) -> Template | None:
        """Return the existing template.

        Raises:
            Stalled: reason `NotOurs`.
        """
        key = plan.metadata.key
        template = self.cluster.caches.templates.get(key)
        if template is None:
            # A template without our label is not in the cache; applying would take it over.
            try:
                template = keep_template(self.cluster.kube.get(WORKFLOW_TEMPLATES, key))
            except NotFound:
                return None
        if template.metadata.controller_uid != plan.metadata.uid:
            raise Stalled(
                NOT_OURS,
                f"There is a WorkflowTemplate {key.name} that this Plan does not own: delete or rename it.",
            )
        return template


@functools.cache
def _program() -> str:
    """Return a hash of the compiling code, so that a new release applies its templates again."""
    root = Path(resync_argo.__file__).parent
    files = sorted(file for pattern in _COMPILER for file in root.glob(pattern))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
