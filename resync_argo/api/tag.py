"""The Tag kind as data: a release of an upstream, and where each Plan that wants it stands.

`crds/tag.yaml` is the source of truth for what is admitted; a test reads every sample through both.
"""

from typing import Literal

from resync_argo.api.conditions import Condition
from resync_argo.api.meta import Model, ObjectMeta

Phase = Literal["Pending", "Running", "Conflict", "Finished", "Failed", "Skipped"]


class TagSpec(Model):
    """Which release; `ref` and `commit` say where upstream has it."""

    repository: str
    version: str | None = None
    tag_prefix: str | None = None
    ref: str | None = None
    commit: str | None = None
    next: str | None = None


class Conflict(Model):
    """What a person is asked to resolve: the address of the pull request and its files."""

    pull_request: str
    number: int | None = None
    files: tuple[str, ...] = ()


class Thread(Model):
    """What was told in Slack of a sync.

    Attributes:
        channel: as the Plan names it.
        id: Slack's `thread_ts`, of the first message; absent before there is one.
        told: what was said last of each kind, as `kind:what`.
    """

    channel: str
    id: str | None = None
    told: tuple[str, ...] = ()


class Sync(Model):
    """Where one Plan stands with this Tag.

    Attributes:
        plan: the Plan's name; `plan_uid` tells a Plan from a later one of the same name.
        phase: `reason` says why in one CamelCase word, `message` in a sentence.
        workflow: the Workflow's name; `attempt` counts its attempts from 1.
        template_hash: of the compiled template that the Workflow ran.
        retry: how often it was begun anew, so that each try has a Workflow of a name of its own;
            `retry_token` is the request for another try that was heard last.
        pull_request: address of the final pull request; `number` is its number.
    """

    plan: str
    plan_uid: str = ""
    phase: Phase
    reason: str = ""
    message: str = ""
    workflow: str | None = None
    attempt: int | None = None
    template_hash: str | None = None
    retry: int = 0
    retry_token: str | None = None
    pull_request: str | None = None
    number: int | None = None
    merged: bool | None = None
    conflict: Conflict | None = None
    thread: Thread | None = None
    start_time: str | None = None
    finish_time: str | None = None


class TagStatus(Model):
    """What we observed of a Tag; `plan`, `phase` and `pull_request` mirror the newest sync."""

    observed_generation: int = 0
    phase: Phase | None = None
    plan: str | None = None
    pull_request: str | None = None
    conditions: tuple[Condition, ...] = ()
    syncs: tuple[Sync, ...] = ()


class Tag(Model):
    """A Tag object."""

    metadata: ObjectMeta
    spec: TagSpec
    status: TagStatus = TagStatus()

    @property
    def version(self) -> str:
        """Return the release's version: as the spec says, else the object's name."""
        return self.spec.version or self.metadata.name
