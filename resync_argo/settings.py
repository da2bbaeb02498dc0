"""An administrator's settings for the whole installation; `environment` reads them from variables.

The controller passes `hosts`, `slack_api_url` and the network settings to the pods of attempts.
"""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import from_json


class HostSettings(BaseModel):
    """The actual address of a repository host, for tests, air-gapped sites and private CAs.

    Attributes:
        api_url: base URL of the REST API, for example `https://ghe.example.com/api/v3`.
        git_url: what stands in front of `/owner/name`, for example `https://ghe.example.com`.
        ca_file: PEM file with the CA certificates to trust for this host: a path in our image, since
            the controller and the trusted containers of every attempt read it there.
    """

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid"
    )

    api_url: str | None = None
    git_url: str | None = None
    ca_file: str | None = None


def _from_json(value: object) -> object:
    return from_json(value) if isinstance(value, str) else value


def _without_password(url: str) -> str:
    """Refuse a password: the address is readable in every WorkflowTemplate."""
    if urlsplit(url).password:
        raise ValueError("it must not contain a password, since WorkflowTemplates show it")
    return url


class Settings(BaseModel):
    """The installation's settings; durations are seconds."""

    model_config = ConfigDict(frozen=True)

    namespace: str = Field(default="", description="the only namespace to watch; empty: all")
    image: str = Field(
        default="resync-argo:dev",
        description="image of our own containers in the pods; where the controller runs in a pod, "
        "the default is that pod's",
    )
    executor_service_account: str = Field(
        default="resync-argo-executor", description="service account of Argo's executor in the pods"
    )
    run_as_user: Annotated[int, Field(ge=0)] = Field(
        default=1000,
        description="user and file group of the pods; 0: the platform's choice, as on OpenShift",
    )
    workspace_size: str = Field(
        default="20Gi", description="the most that an attempt may write to disk"
    )
    keep_workflow_seconds: Annotated[int, Field(gt=0)] = Field(
        default=7 * 24 * 3600, description="how long a Workflow and its logs stay after its end"
    )
    hosts: Annotated[dict[str, HostSettings], BeforeValidator(_from_json)] = Field(
        default_factory=dict,
        description='JSON: the addresses to use for hosts, `{"git.example.com": {"apiUrl": …, "gitUrl": …, '
        '"caFile": …}}`; `caFile` is a path in our image',
    )
    https_proxy: Annotated[str, AfterValidator(_without_password)] = Field(
        default="", description="proxy that our containers in the pods use; empty: none"
    )
    no_proxy: str = Field(
        default="", description="hosts that they reach without it, comma-separated"
    )
    ca_config_map: str = Field(
        default="",
        description="ConfigMap of each namespace with Plans whose key `ca-bundle.crt` has the "
        "certificates that our containers in the pods trust; empty: those of the image",
    )
    mirror_claim: str = Field(
        default="",
        description="PersistentVolumeClaim with which a namespace keeps what its attempts fetched; a namespace "
        "without it has no mirror; empty: none has",
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/", description="base URL of Slack's Web API"
    )
    upstream_poll_seconds: Annotated[float, Field(gt=0)] = Field(
        default=60.0, description="how often each upstream's tags are read"
    )
    pull_request_poll_seconds: Annotated[float, Field(gt=0)] = Field(
        default=30.0, description="how often each open pull request is checked"
    )
    refresh_seconds: Annotated[float, Field(gt=0)] = Field(
        default=3600.0,
        description="how long after a run an open pull request may be rebuilt automatically; "
        "whether it still merges is checked twelve times in that time",
    )
    retry_seconds: Annotated[float, Field(gt=0)] = Field(
        default=60.0,
        description="how long a sync first waits after a temporary problem; the wait doubles, up "
        "to thirty times that",
    )
    attempt_deadline_seconds: Annotated[int, Field(gt=0)] = Field(
        default=6 * 3600, description="how long an attempt may take, not counting waits for people"
    )
    keep_syncs: Annotated[int, Field(ge=1)] = Field(
        default=50, description="how many finished Syncs of a Plan to keep"
    )
    keep_conflict_branches: bool = Field(
        default=False, description="whether to keep conflict branches after the sync"
    )
    max_runs: Annotated[int, Field(ge=1)] = Field(
        default=100, description="how many syncs run at a time; others wait, reason `Throttled`"
    )
    max_runs_per_namespace: Annotated[int, Field(ge=1)] = Field(
        default=30, description="how many of them one namespace may have"
    )
    max_plans_per_namespace: Annotated[int, Field(ge=1)] = Field(
        default=500,
        description="how many Plans of one namespace are handled, oldest first; nothing is done "
        "for the others, reason `TooManyPlans`",
    )
    max_plan_bytes: Annotated[int, Field(ge=4096)] = Field(
        default=256 << 10,
        description="how many bytes the `spec` of a Plan may have; nothing is done for a larger one, reason "
        "`PlanTooLarge`, and its steps are not kept in memory",
    )
    forge_requests_per_hour: Annotated[int, Field(ge=1)] = Field(
        default=3000,
        description="how many requests to forges one namespace's polls may make in an hour, half of them at "
        "once; those that a forge does not count are free",
    )
    forge_writes_per_minute: Annotated[int, Field(ge=1)] = Field(
        default=80,
        description="how many requests that make content a forge allows one token in a minute",
    )
    forge_writes_per_hour: Annotated[int, Field(ge=1)] = Field(
        default=500, description="the same for an hour"
    )
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        default=4, description="how many objects are reconciled at a time"
    )
    listen: str = Field(default="0.0.0.0:8080", description="webhooks")
    monitoring_listen: str = Field(default="0.0.0.0:8081", description="metrics and health")
    page_listen: str = Field(
        default="",
        description="the page for people, as `127.0.0.1:8082`; it has no password; empty: no page",
    )
    pod_name: str = Field(
        default="", description="the controller's own pod; empty: it does not run in one"
    )
    pod_namespace: str = Field(default="", description="the namespace of that pod")
    pod_ip: str = Field(
        default="",
        description="the address of that pod, to which other replicas forward webhooks; empty: they do not",
    )
    leader_election_namespace: str = Field(
        default="", description="where the Lease is; empty: no election"
    )
    argo_ui_url: str = Field(default="", description="address of the Argo UI, for links to runs")

    def runs_url(self, namespace: str) -> str | None:
        """Return where a namespace's runs are shown: a slash and a Workflow's name lead to its page."""
        ui = self.argo_ui_url.rstrip("/")
        return f"{ui}/workflows/{namespace}" if ui else None
