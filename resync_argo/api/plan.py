"""The Plan kind as data: what a maintainer writes, and what the status reports.

`crds/plan.yaml` is the source of truth for valid objects; a test reads every sample through both.
"""

from datetime import timedelta
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field

from resync_argo.api.carries import Carries
from resync_argo.api.conditions import Condition
from resync_argo.api.durations import parse_duration
from resync_argo.api.include import Include
from resync_argo.api.meta import NOT_OBSERVED, Model, ObjectMeta
from resync_argo.api.naming import Naming
from resync_argo.api.parameters.parameter import Parameter
from resync_argo.names import CONFLICTS


def host_of(repository: str) -> str:
    """Return the host of `host/owner/name`. Callers ask often, so the rest of the name is not parsed."""
    return repository.partition("/")[0]


class RepositoryName(Model):
    """A repository as people write it: `host/owner/name`; upstreams may have longer paths."""

    host: str
    path: str

    @classmethod
    def of(cls, text: str) -> "RepositoryName":
        """Split `host/owner/name`; the CRD has checked the characters.

        Raises:
            ValueError: there is no path after the host.
        """
        host, _, path = text.partition("/")
        if not host or not path:
            raise ValueError(f"{text!r} is not `host/owner/name`.")
        return cls(host=host, path=path)

    @property
    def owner(self) -> str:
        """Return everything between the host and the last part."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """Return the last part."""
        return self.path.rpartition("/")[2]

    def __str__(self) -> str:
        """Return `host/owner/name`."""
        return f"{self.host}/{self.path}"


Versioning = Literal["Semver", "Loose"]


class Upstream(Model):
    """Where releases come from, and which to sync: git tags, or the state of a branch at intervals.

    `branch` is the branch's name, or a pattern whose newest match counts. `every` says how often,
    as a duration or a cron expression. `version_pattern` is an RE2 regular expression for names of
    git tags, with groups for the version. `minimum_age` is how old a release must be before it is
    synced, such as `3d` or `72h`. `branches` lists more upstream branches for the steps' clone, by
    name or by a pattern with one `*`.
    """

    name: str
    matched_versions: tuple[str, ...] = ()
    branch: str | None = None
    every: str | None = None
    versioning: Versioning = "Semver"
    tag_prefix: str | None = None
    version_pattern: str | None = None
    minimum_age: str | None = None
    branches: tuple[str, ...] = ()

    @property
    def naming(self) -> Naming:
        """Return the naming scheme of the releases."""
        return Naming(self.tag_prefix, self.version_pattern, self.branch)

    @property
    def interval(self) -> str:
        """Return how often the branch's newest commit becomes a release."""
        return self.every or "1d"

    @property
    def cool_down(self) -> timedelta:
        """Return the minimum age.

        Raises:
            ValueError: it is not a duration; the CRD refuses those.
        """
        return parse_duration(self.minimum_age) if self.minimum_age else timedelta()


class Downstream(Model):
    """The branch that follows upstream; branches are pushed to `fork` if it is set.

    `trust_upstream` says that the repository's CI may run upstream's code before anybody reviews
    it.
    """

    name: str
    branch: str
    fork: str | None = None
    trust_upstream: bool = False


class EnvVar(Model):
    """A variable of the steps: a literal value, or a path into the Plan or the Tag."""

    name: str
    value: str | None = None
    from_: str | None = Field(None, alias="from")


class Credentials(Model):
    """The Secret in the Plan's namespace with a service's credentials."""

    secret_selector: str


class GitHub(Model):
    """How to use the forge: its Secrets, and the labels and reviewers of pull requests.

    `fork_credentials` are for the downstream's fork; without them, `credentials` serve both.
    """

    credentials: Credentials
    fork_credentials: Credentials | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    team_reviewers: tuple[str, ...] = ()


class Slack(Model):
    """How to use Slack; each release has a thread in `channel`."""

    credentials: Credentials
    channel: str | None = None


Resolve = Literal["Upstream", "UpstreamHunks", "Downstream", "Union", "Delete", "Ask"]


class ConflictRule(Model):
    """A person's standing decision about some paths; `propose` is a command that proposes files for review."""

    paths: tuple[str, ...]
    resolve: Resolve = "Ask"
    keep_deleted: bool = False
    propose: str | None = None


Quantity = Annotated[str, BeforeValidator(str)]
"""A Kubernetes quantity; people also write plain integers, such as `cpu: 2`."""


class ResourceRequirements(Model):
    """The attempt's resources, in Kubernetes quantities by resource name."""

    requests: dict[str, Quantity] = Field(default_factory=dict)
    limits: dict[str, Quantity] = Field(default_factory=dict)


class Toleration(Model):
    """A taint that the pod tolerates ("Taints and Tolerations")."""

    key: str | None = None
    operator: Literal["Equal", "Exists"] | None = None
    value: str | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    toleration_seconds: int | None = None


class Pod(Model):
    """Where an attempt's pod runs, and the Secrets to pull its images with; each field as in a Pod."""

    image_pull_secrets: tuple[str, ...] = ()
    runtime_class_name: str | None = None
    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()


Order = Literal["Sequential", "Latest"]
Clone = Literal["Partial", "Full"]
Refresh = Literal["BaseMoved", "Conflicts", "Never"]
Untouched = Literal["Upstream", "Ask"]
"""What happens to a conflicted file that downstream never changed, if no rule covers it."""


class Config(Model):
    """What the steps work on and with. `refresh` says when to rebuild an open pull request.

    `include` selects open pull requests to include, and `push_tag` asks to push upstream's git tag
    to downstream.
    """

    upstream: Upstream
    downstream: Downstream
    enable_prereleases: bool = False
    image: str
    env: tuple[EnvVar, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    pod: Pod = Pod()
    resources: ResourceRequirements = ResourceRequirements()
    github: GitHub | None = None
    slack: Slack | None = None
    order: Order = "Sequential"
    clone: Clone = "Partial"
    conflicts: tuple[ConflictRule, ...] = ()
    untouched: Untouched = "Upstream"
    refresh: Refresh = "Conflicts"
    carries: Carries = Carries()
    include: tuple[Include, ...] = ()
    push_tag: bool = False

    @property
    def effective_order(self) -> Order:
        """Return the order. For a branch it is always the newest commit, whatever the Plan says."""
        return "Latest" if self.upstream.branch is not None else self.order

    def line(self, version: str) -> str:
        """Return the line that names a release's branches: its version, or one fixed name for a followed branch."""
        if self.upstream.branch is None:
            return version
        name = self.downstream.branch
        # Conflict branches are in a folder of this name, so git allows no branch of the same name.
        return f"_{name}" if name.partition("/")[0] == CONFLICTS else name


class PullRequestAction(Model):
    """Push the branch and open the pull request."""

    type: Literal["pull-request"]
    title: str
    body: str = ""


class SlackNotificationAction(Model):
    """Post a message."""

    type: Literal["slack-notification"]
    channel: str
    message: str


Action: TypeAlias = PullRequestAction | SlackNotificationAction
"""What resync-argo does itself in a step; `type` says which."""

Regenerate = Literal["GoModules", "Cargo", "Npm", "Yarn", "Pnpm", "Uv"]
"""What a step makes again of the branch's manifests, by resync-argo's program in the step's image."""


class Step(Model):
    """One step: a script or regeneration, in the step's own image or the Plan's, or one of our actions.

    Attributes:
        go_version_from: a file in the branch that names the Go version for `regenerate: GoModules`;
            None: the image's Go.
        commit_subject: subject of the commit that `regenerate` makes; None: the program's default.
    """

    name: str | None = None
    image: str | None = None
    run: str | None = None
    regenerate: Regenerate | None = None
    go_version_from: str | None = None
    commit_subject: str | None = None
    action: Action | None = Field(None, discriminator="type")

    @property
    def title(self) -> str:
        """Return the name of a step without one: its action, what it regenerates, or `step`."""
        return self.name or (self.action.type if self.action else self.regenerate or "step")


class PlanSpec(Model):
    """What a maintainer wants; `suspend_reason` is shown wherever the suspension is reported."""

    config: Config
    steps: tuple[Step, ...]
    suspend: bool = False
    suspend_reason: str = ""


class NextRelease(Model):
    """The next release, and what it waits for.

    `due_time` is when it is due, if it waits for time alone (RFC 3339 in UTC).
    """

    version: str
    reason: str
    message: str = ""
    due_time: str | None = None


class PermissionCheck(Model):
    """The last check of a Plan's credentials against the forge; the conditions hold its result.

    `question` is a hash of everything checked, and `due_time` is the time of the next check (RFC
    3339 in UTC).
    """

    question: str
    due_time: str


class PlanStatus(Model):
    """The observed state of a Plan; the numbers count releases."""

    observed_generation: int = NOT_OBSERVED
    conditions: tuple[Condition, ...] = ()
    pending: int | None = None
    running: int | None = None
    waiting: int | None = None
    finished: int | None = None
    failed: int | None = None
    current: str | None = None
    latest: str | None = None
    next: NextRelease | None = None
    permission_check: PermissionCheck | None = None


class Plan(Model):
    """A Plan object."""

    metadata: ObjectMeta
    spec: PlanSpec
    status: PlanStatus = PlanStatus()

    def with_conditions(self, conditions: tuple[Condition, ...]) -> Self:
        """Return the Plan with other conditions."""
        status = self.status.model_copy(update={"conditions": conditions})
        return self.model_copy(update={"status": status})
