"""What is known of a sync at one moment, and what can be done about it: the words of `advance`."""

from dataclasses import dataclass
from typing import TypeAlias

from resync_argo.api.tag import Sync
from resync_argo.controller.state.workflow import Run
from resync_argo.forge.interface import PullRequest
from resync_argo.upstream.graph import Standing


@dataclass(frozen=True, kw_only=True)
class Observation:
    """All that is known of one Tag for one Plan at one moment.

    Attributes:
        plan: the Plan's name; `plan_uid` its uid.
        version: the Tag's version.
        template_hash: of the Plan's WorkflowTemplate as it is applied; None while it is not.
        opens_pull_request: the Plan has a step that opens one.
        standing: what the branch's order says.
        run: the Workflow that counts, see `current_run`.
        contained: the newest release that an attempt found in the branch already, if that makes this
            one needless: it is this one, or newer.
        proven: the forge confirmed what `run` says of the branch.
        retry_token: the value of the Tag's retry annotation.
        skip: the Tag's skip annotation asks to leave it out.
        final: the final pull request as observed; None: not looked for, or there is none.
        conflict: the conflict pull request, likewise; `files` are the files in it.
        now: RFC 3339 in UTC.
    """

    plan: str
    plan_uid: str
    version: str
    template_hash: str | None
    opens_pull_request: bool
    standing: Standing
    run: Run | None
    contained: str | None = None
    proven: bool = False
    retry_token: str | None = None
    skip: bool = False
    final: PullRequest | None = None
    conflict: PullRequest | None = None
    files: tuple[str, ...] = ()
    now: str


@dataclass(frozen=True, kw_only=True)
class Submit:
    """Start a Workflow."""

    retry: int
    force: bool


@dataclass(frozen=True, kw_only=True)
class Stop:
    """End a Workflow; `reason` and `message` tell people why, and a pass after a crash."""

    run: Run
    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Resume:
    """Let a suspended Workflow go on, since the pull request was merged."""

    run: Run
    pull_request: PullRequest


@dataclass(frozen=True, kw_only=True)
class Explain:
    """Show in the Workflow what it waits for."""

    run: Run
    message: str
    description: str


Act: TypeAlias = Submit | Stop | Resume | Explain


@dataclass(frozen=True, kw_only=True)
class Step:
    """The sync entry as it is now, and what to do about it."""

    sync: Sync
    act: Act | None = None
