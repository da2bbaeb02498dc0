"""The Tag kind as data: a release of an upstream.

`crds/tag.yaml` is the source of truth for valid objects; a test reads every sample through both.
"""

from pydantic import Field

from resync_argo.api.conditions import Condition
from resync_argo.api.meta import NOT_OBSERVED, Model, ObjectMeta
from resync_argo.api.naming import Naming
from resync_argo.api.sync import Phase


class TagSpec(Model):
    """Which release: `ref` and `commit` locate it upstream, and `skip` skips it for every Plan.

    `parameters` are values for the parameters of every Plan that has them, by name.
    """

    repository: str
    version: str | None = None
    tag_prefix: str | None = None
    version_pattern: str | None = None
    branch: str | None = None
    ref: str | None = None
    commit: str | None = None
    next: str | None = None
    skip: bool = False
    parameters: dict[str, str] = Field(default_factory=dict)

    @property
    def naming(self) -> Naming:
        """Return upstream's naming scheme for releases like this one."""
        return Naming(self.tag_prefix, self.version_pattern, self.branch)


class TagStatus(Model):
    """The observed state of a Tag; `plan`, `phase` and `pull_request` mirror the newest Sync."""

    observed_generation: int = NOT_OBSERVED
    phase: Phase | None = None
    plan: str | None = None
    pull_request: str | None = None
    conditions: tuple[Condition, ...] = ()


class Tag(Model):
    """A Tag object."""

    metadata: ObjectMeta
    spec: TagSpec
    status: TagStatus = TagStatus()

    @property
    def version(self) -> str:
        """Return the release's version: the one in the spec, else the object's name."""
        return self.spec.version or self.metadata.name
