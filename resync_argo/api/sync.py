"""The Sync kind as data: one release for one Plan, what people ask of it, and where it stands.

`crds/sync.yaml` is the source of truth for what is admitted. The controller makes a Sync when the
release's turn comes; people make one to ask something of a release that is still queued.
"""

from typing import Literal, Self

from pydantic import Field

from resync_argo.api.conditions import Condition
from resync_argo.api.meta import NOT_OBSERVED, Model, ObjectMeta

Phase = Literal["Pending", "Running", "Conflict", "Finished", "Failed", "Skipped"]


class SyncSpec(Model):
    """Which release for which Plan, and what people ask for.

    Attributes:
        plan: the Plan's name.
        tag: the Tag's name.
        skip: leave this release out.
        retry: a number above `SyncStatus.retry` asks for one more try.
        rebuild: a number above `SyncStatus.rebuild` asks to delete the branch and make it again.
        refresh: a number above `SyncStatus.refresh` asks to make the open pull request again.
        hold: leave the open pull request as it is, unless somebody asks for a refresh.
        comment: id of the newest comment that was carried out.
        parameters: values of the Plan's parameters, by name; they come before those of the Tag.
    """

    plan: str
    tag: str
    skip: bool = False
    retry: int = 0
    rebuild: int = 0
    refresh: int = 0
    hold: bool = False
    comment: int | None = None
    parameters: dict[str, str] = Field(default_factory=dict)


class Conflict(Model):
    """What people are asked to resolve.

    Attributes:
        pull_request: its address; `number` is its number.
        files: in conflict.
        downstream_authors: who wrote downstream's commits that collide; `upstream_authors` wrote upstream's.
    """

    pull_request: str
    number: int | None = None
    files: tuple[str, ...] = ()
    downstream_authors: tuple[str, ...] = ()
    upstream_authors: tuple[str, ...] = ()


class Freshness(Model):
    """What is known of making the open final pull request again.

    Attributes:
        base: tip of the downstream branch for which it was made again last.
        reason: what hinders it, or what it waits for; `message` says it in a sentence.
        next_try_time: after a temporary problem, not before then.
    """

    base: str | None = None
    reason: str | None = None
    message: str | None = None
    next_try_time: str | None = None


class Thread(Model):
    """What was said in Slack about a sync.

    Attributes:
        channel: as the Plan names it.
        id: Slack's `thread_ts` of the first message; None before there is one.
        told: what was said last of each kind, as `kind:what`.
    """

    channel: str
    id: str | None = None
    told: tuple[str, ...] = ()


class Times(Model):
    """When what happened to a sync, as the controller saw it, and how long it took.

    Written only when the phase changes; no number grows while nothing happens.

    Attributes:
        asked_time: when people were last asked to resolve a conflict (RFC 3339 in UTC, as all times).
        answered_time: when they last had answered, by merging or closing what they were asked.
        opened_time: when the final pull request was there.
        merged_time: when it was merged.
        rounds: how many conflicts people were asked about; `asked_number` is the newest question's
            pull request, since the same one asked again is not a new round.
        machine_seconds: how long Workflows were at work.
        conflict_seconds: how long conflicts waited for people; `review_seconds` is the same of the
            final pull request.
    """

    asked_time: str | None = None
    answered_time: str | None = None
    opened_time: str | None = None
    merged_time: str | None = None
    rounds: int = 0
    asked_number: int | None = None
    machine_seconds: int = 0
    conflict_seconds: int = 0
    review_seconds: int = 0


class SyncStatus(Model):
    """What was observed of a Sync.

    Attributes:
        version: the release's version.
        tag_uid: the Tag's uid, which tells it from a later Tag of the same name.
        phase: `reason` says why in one CamelCase word, `message` in a sentence.
        workflow: name of the newest Workflow; `attempt` counts its attempts from 1.
        template_hash: of the compiled template that the Workflow ran.
        parameters: the values with which that Workflow was started; None where there were none.
        tries: how many Workflows came before; it is part of a Workflow's name.
        retry: the `SyncSpec.retry` that was carried out last; `rebuild` and `refresh` likewise.
        failures: how many tries in a row ended with a problem that nobody has to fix.
        next_try_time: when the sync is tried again by itself.
        secrets: which version of the Plan's Secrets a failed sync had.
        contains: the newest release that an attempt found in the branch, confirmed by the forge.
        pull_request: address of the final pull request; `number` is its number.
        conflict: of the newest conflict pull request.
        freshness: None where the final pull request is not open, or nothing is to be said.
        times: None before a Workflow was submitted.
    """

    observed_generation: int = NOT_OBSERVED
    version: str = ""
    tag_uid: str = ""
    phase: Phase | None = None
    reason: str = ""
    message: str = ""
    workflow: str | None = None
    attempt: int | None = None
    template_hash: str | None = None
    parameters: dict[str, str] | None = None
    tries: int = 0
    retry: int = 0
    rebuild: int = 0
    refresh: int = 0
    failures: int = 0
    next_try_time: str | None = None
    secrets: str | None = None
    contains: str | None = None
    pull_request: str | None = None
    number: int | None = None
    merged: bool | None = None
    conflict: Conflict | None = None
    freshness: Freshness | None = None
    thread: Thread | None = None
    times: Times | None = None
    start_time: str | None = None
    finish_time: str | None = None
    conditions: tuple[Condition, ...] = ()

    def with_thread(self, thread: Thread | None) -> Self:
        """Return the status with what was said in Slack."""
        return self.model_copy(update={"thread": thread})


class Sync(Model):
    """A Sync object."""

    metadata: ObjectMeta
    spec: SyncSpec
    status: SyncStatus = SyncStatus()

    @property
    def is_in_review(self) -> bool:
        """Return whether its pull request waits for people."""
        status = self.status
        return status.phase == "Finished" and status.number is not None and not status.merged
