"""The contract between the controller and the pod; both sides use only this module.

The compiled template carries a `Contract` as JSON in one variable of each trusted container; the
Workflow's parameters arrive in variables beside it. The pod returns an exit code and, unless it is
zero, one line in the container's termination message (Kubernetes, "Customizing the termination
message"), which no step can write to. Nothing else comes out of the pod: the controller reads lists
of files and addresses from the forge.
"""

import enum
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from resync_argo.api.include import title_pattern
from resync_argo.api.meta import Model
from resync_argo.api.plan import (
    Action,
    Config,
    Plan,
    Regenerate,
    Step,
)
from resync_argo.errors import Stalled
from resync_argo.names import container_names
from resync_argo.reasons.plan import PLAN_TOO_LARGE
from resync_argo.settings import HostSettings, Settings

CHECKOUT = "checkout"
MAIN = "main"
ATTEMPT_TEMPLATE = "attempt"
SUSPEND_TEMPLATE = "resolve-conflicts"
AGAIN_STEP = "again"

GATE = "gate"
"""What every step waits for, according to Argo's executor; no container has this name."""

RESERVED_CONTAINERS = (CHECKOUT, MAIN, GATE, "init", "wait")
"""Names that no step's container gets; the last two are Argo's own containers."""

GO = "go"
"""The message with which a step's turn comes; any other is the reason why it does not."""

CONTRACT_VARIABLE = "RESYNC_CONTRACT"

MIRROR_VARIABLE = "RESYNC_MIRROR"
"""The path of the namespace's mirrors in `checkout`."""

PARAMETERS = ("tag", "ref", "commit", "force", "owner", "values")
"""The Workflow's parameters; `argo submit -p tag=1.21.2` needs only the first."""

MAX_ROUNDS = 50

STOPPED_AT = "container: "
"""The prefix of the line with which a conflict's report names its container."""

MAX_REPORT = 2000
"""Characters of a report's first line."""

MAX_OPENING = 1_000
"""Characters of the first step's first command."""

MAX_CONTRACT_BYTES = 100_000
"""Linux limits a process's variable to 128 KiB."""

_READS_COMMITS = re.compile(
    r"rebase|cherry|carry|revert|format-patch|\b(am|annotate|apply|bisect|blame|log|range-diff|replay|show)\b"
    r"|\.(sh|bash|py|pl)\b|(?m:^|[;&|(])[^\S\n]*[\w.-]*/\w"
)
"""Matches a step's script that may work on single commits of the branch: by itself, by a program of
that name, or by a program in the repository with unknown content."""


class Outcome(enum.IntEnum):
    """Exit codes of `main`; 2, 64 and 143 are Argo's own. All others are failures."""

    SYNCED = 0
    FAILED = 1
    CONFLICT = 10
    ALREADY_SYNCED = 11
    FOREIGN_COMMIT = 12


STEP_CONFLICT = 10
"""Exit code of a step that stopped at a conflict; in a pod it ends with 0, since Argo would show a failure."""


class StepContract(Model):
    """One step as the pod knows it.

    Attributes:
        container: its container's name.
        title: the maintainer's name for it.
        image: the step's own; None: the Plan's.
        action: the action; absent for a script.
        regenerate: what our program regenerates in the step's image; absent for others.
    """

    container: str
    title: str
    image: str | None = None
    action: Action | None = None
    regenerate: Regenerate | None = None


class Contract(Model):
    """Everything about the Plan that trusted containers need.

    Attributes:
        reads_commits: steps may need the file contents of each of the branch's own commits.
        opening: the first command of the first step, on one line; absent if that is not a script,
            or a long command.
        run_url: the base address of runs; a run's page is this, a slash, and its Workflow's name.
    """

    plan: str
    namespace: str
    config: Config
    steps: tuple[StepContract, ...]
    hosts: dict[str, HostSettings] = Field(default_factory=dict)
    slack_api_url: str
    reads_commits: bool = True
    opening: str | None = None
    run_url: str | None = None

    @classmethod
    def from_json(cls, text: str) -> "Contract":
        """Parse the output of `to_json`."""
        return cls.model_validate_json(text)

    def to_json(self) -> str:
        """Return JSON in which neither Argo's `{{` nor Kubernetes' `$(` and `$$` can occur.

        It leaves out where the pod runs, when to refresh, and what a parameter means to people. So
        changing `refresh` or `description` does not change the template, which would restart syncs
        that wait for people.
        """
        told = self.dump()
        del told["config"]["pod"], told["config"]["refresh"]
        for parameter in told["config"]["parameters"]:
            del parameter["description"]
        text = json.dumps(told, sort_keys=True, separators=(",", ":"))
        return re.sub(r"\{(?=\{)", r"\\u007b", text).replace("$", r"\u0024")


def build_contract(plan: Plan, settings: Settings) -> Contract:
    """Return the contract of a Plan.

    Raises:
        Stalled: reason `PlanTooLarge` or `InvalidPattern`.
    """
    for it in plan.spec.config.include:
        title_pattern(it.title or "")
    contract = Contract(
        plan=plan.metadata.name,
        namespace=plan.metadata.namespace,
        config=plan.spec.config,
        steps=step_contracts(plan.spec.steps),
        hosts=settings.hosts,
        slack_api_url=settings.slack_api_url,
        reads_commits=reads_commits(step.run or "" for step in plan.spec.steps),
        opening=first_command(plan.spec.steps[0].run or "") if plan.spec.steps else None,
        run_url=settings.runs_url(plan.metadata.namespace),
    )
    size = len(contract.to_json())
    if size > MAX_CONTRACT_BYTES:
        raise too_large("Its variables, rules and texts", size, MAX_CONTRACT_BYTES)
    return contract


def reads_commits(scripts: Iterable[str]) -> bool:
    """Return whether scripts may work on single commits of the branch, like a rebase."""
    return any(_READS_COMMITS.search(script) for script in scripts)


def first_command(script: str) -> str | None:
    """Return the first command line of a shell script; None if there is none, or it is long."""
    for line in script.replace("\\\n", " ").splitlines():
        command = line.strip()
        if command and not command.startswith(("#", "set ")):
            return command if len(command) <= MAX_OPENING else None
    return None


def step_contracts(steps: tuple[Step, ...]) -> tuple[StepContract, ...]:
    """Return the steps as the pod knows them, with their containers' names."""
    containers = container_names((it.title for it in steps), reserved=RESERVED_CONTAINERS)
    return tuple(
        StepContract(
            container=container,
            title=step.title,
            image=step.image,
            action=step.action,
            regenerate=step.regenerate,
        )
        for container, step in zip(containers, steps, strict=True)
    )


def too_large(what: str, size: int, limit: int) -> Stalled:
    """Return the error for a Plan that is too large."""
    return Stalled(
        PLAN_TOO_LARGE,
        f"{what} need {size:,} bytes, and {limit:,} fit: move long scripts into the repository.",
    )


_REPORT = re.compile(
    r"(?:^|: )(?P<reason>[A-Z][A-Za-z]{2,40})(?: \(after (?P<wait>\d{1,9}) s\))?: (?P<message>.+)\Z",
    re.S,
)


@dataclass(frozen=True, kw_only=True)
class Report:
    """The content of a container's termination message: `Reason: sentence`, and perhaps more lines.

    If the other side asked to wait, it is `Reason (after 60 s): sentence`. The wait comes before
    any untrusted text: the sentence may quote anybody, and a step wrote the lines.

    Attributes:
        reason: one CamelCase word.
        message: a sentence.
        lines: of a failure, the end of the step's log; of a conflict, the step's container as
            `container: NAME`, and then the authors of colliding lines (conflicts.authors).
        retry_after: the least seconds to wait, if the other side asked for that; else None.
    """

    reason: str
    message: str
    lines: tuple[str, ...] = ()
    retry_after: float | None = None

    def __str__(self) -> str:
        """Return the first line."""
        wait = "" if self.retry_after is None else f" (after {math.ceil(self.retry_after)} s)"
        return f"{self.reason}{wait}: {' '.join(self.message.split())}"[:MAX_REPORT]

    @property
    def whole(self) -> str:
        """Return all of it, for the termination message."""
        return "\n".join((str(self), *self.lines))

    @property
    def stopped(self) -> str | None:
        """Return the container that stopped at a conflict, if the report names it."""
        first = self.lines[0] if self.lines else ""
        return first.removeprefix(STOPPED_AT) if first.startswith(STOPPED_AT) else None

    @classmethod
    def parse(cls, text: str) -> "Report | None":
        """Find a report in a node's message, after Argo's own prefix."""
        found = _REPORT.search(text)
        if found is None:
            return None
        message, *lines = found["message"].splitlines()
        wait = found["wait"]
        return cls(
            reason=found["reason"],
            message=message,
            lines=tuple(lines),
            retry_after=float(wait) if wait else None,
        )


Secret = Literal["github", "fork", "slack"]
"""What credentials are for: the forge, the downstream's fork if it has its own, Slack."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Paths: those of the pod by default; local runs and tests use others.

    Attributes:
        workspace: shared by all containers; hostile once a step has run.
        trusted: mounted in our own containers only.
        secrets: one folder per Secret, mounted in the containers that need it.
        argo: Argo's folder, which steps can write to.
        termination: the container's termination message.
        mirror: the volume that caches fetched objects, mounted only in `checkout`; None: there is
            none.
    """

    workspace: Path = Path("/workspace")
    trusted: Path = Path("/trusted")
    secrets: Path = Path("/secrets")
    argo: Path = Path("/var/run/argo")
    termination: Path = Path("/dev/termination-log")
    mirror: Path | None = None

    @property
    def work_tree(self) -> Path:
        """Return the clone in which the steps work."""
        return self.workspace / "repository"

    @property
    def control(self) -> Path:
        """Return the folder with the step wrapper, its `git`, and the files that both read and write."""
        return self.workspace / ".resync"

    @property
    def repository(self) -> Path:
        """Return the trusted bare clone."""
        return self.trusted / "repository.git"

    @property
    def ready(self) -> Path:
        """Return the folder in which each trusted container signals that it has started."""
        return self.trusted / "ready"

    def secret(self, name: Secret) -> Path:
        """Return the folder of a Secret's keys."""
        return self.secrets / name

    def exit_code(self, container: str) -> Path:
        """Return where Argo's emissary keeps a container's exit code."""
        return self.argo / "ctr" / container / "exitcode"
