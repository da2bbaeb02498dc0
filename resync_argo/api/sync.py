"""The Sync kind as data: one release for one Plan, what people request, and its state.

`crds/sync.yaml` is the source of truth for valid objects. The controller creates a Sync when the
release is due. People create one to make a request about a release that is still queued.
"""

from typing import Literal, Self

from pydantic import Field

from resync_argo.api.conditions import Condition
from resync_argo.api.meta import NOT_OBSERVED, Model, ObjectMeta

Phase = Literal["Pending", "Running", "Conflict", "Finished", "Failed", "Skipped"]


class SyncSpec(Model):
    """Which release for which Plan, and what people request.

    Attributes:
        plan: the Plan's name.
        tag: the Tag's name.
        skip: leave this release out.
        retry: a number above `SyncStatus.retry` asks for one more try.
        rebuild: a number above `SyncStatus.rebuild` asks to delete the branch and rebuild it.
        refresh: a number above `SyncStatus.refresh` asks to rebuild the open pull request.
        hold: leave the open pull request as it is, unless somebody asks for a refresh.
        comment: id of the newest comment whose commands were executed.
        parameters: values of the Plan's parameters, by name; they override those of the Tag.
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
    """The conflict that people are asked to resolve.

    Attributes:
        pull_request: its address; `number` is its number.
        files: the paths in conflict.
        downstream_authors: authors of downstream's colliding commits; `upstream_authors` wrote
            upstream's.
    """

    pull_request: str
    number: int | None = None
    files: tuple[str, ...] = ()
    downstream_authors: tuple[str, ...] = ()
    upstream_authors: tuple[str, ...] = ()


class Freshness(Model):
    """The state of rebuilding the open final pull request.

    Attributes:
        base: tip of the downstream branch at the last rebuild.
        reason: what prevents it, or what it waits for; `message` explains that in a sentence.
        next_try_time: after a temporary problem, the earliest time of the next try.
    """

    base: str | None = None
    reason: str | None = None
    message: str | None = None
    next_try_time: str | None = None


class Thread(Model):
    """What was posted to Slack about a sync.

    Attributes:
        channel: as the Plan names it.
        id: Slack's `thread_ts` of the first message; None before the first message.
        told: the last post of each kind, as `kind:what`.
    """

    channel: str
    id: str | None = None
    told: tuple[str, ...] = ()


class Times(Model):
    """The times of a sync's events, as the controller saw them, and their durations.

    Written only when the phase changes, so an idle sync is not rewritten.

    Attributes:
        asked_time: when people were last asked to resolve a conflict (RFC 3339 in UTC, as all
            times).
        answered_time: when they last answered, by merging or closing the pull request.
        opened_time: when the final pull request was opened.
        merged_time: when it was merged.
        rounds: how many conflicts people were asked about; `asked_number` is the newest conflict's
            pull request, since asking again in the same one is not a new round.
        machine_seconds: how long Workflows ran.
        conflict_seconds: how long conflicts waited for people; `review_seconds` is the same for the
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
    """The observed state of a Sync.

    Attributes:
        version: the release's version.
        tag_uid: the Tag's uid, which distinguishes it from a later Tag of the same name.
        phase: `reason` says why in one CamelCase word, `message` in a sentence.
        workflow: name of the newest Workflow; `attempt` counts its attempts from 1.
        template_hash: the hash of the compiled template that the Workflow ran.
        parameters: the values that the Workflow was started with; None if there were none.
        tries: how many Workflows came before the newest; it is part of its name.
        retry: the last `SyncSpec.retry` that was executed; likewise `rebuild` and `refresh`.
        failures: how many tries in a row ended with a temporary problem.
        next_try_time: when the sync is retried automatically.
        secrets: the versions of the Plan's Secrets that a failed sync used.
        contains: the newest release that an attempt found in the branch, confirmed by the forge.
        pull_request: address of the final pull request; `number` is its number.
        conflict: what the newest conflict pull request asks.
        freshness: None if the final pull request is not open, or there is nothing to report.
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
        """Return the status with a record of what was posted to Slack."""
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
