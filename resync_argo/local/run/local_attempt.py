"""Makes the attempt of a run on this machine: the pod's, with other folders and other ends.

In: what the person asked for. Out: an `Attempt` that the pod's own functions take. Where the
repositories are comes from git's `insteadOf`, the forge is GitHub or a folder, the chat is Slack only
where a token is given and something is really written.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resync_argo.api.plan import Config, Plan, RepositoryName
from resync_argo.attempt.connections import (
    connect_forge,
    connect_notifier,
    mounted_credentials,
)
from resync_argo.attempt.context import Attempt, Parameters
from resync_argo.contract import Contract, Layout, build_contract
from resync_argo.environment import read_settings
from resync_argo.errors import UsageError
from resync_argo.forge.directory import DirectoryForge
from resync_argo.forge.interface import Forge
from resync_argo.local.console import ConsoleNotifier, say
from resync_argo.local.place import write_secret
from resync_argo.local.run.dry_run import DryRunForge
from resync_argo.local.run.person import (
    find_addresses,
    find_token,
    local_path,
    refuse_unusable,
    token_host,
    write_safe_directories,
)
from resync_argo.local.run.steps import Where
from resync_argo.notify.interface import Notifier
from resync_argo.upstream.branches import Tip

SLACK_VARIABLES = {"token": "SLACK_TOKEN", "webhook": "SLACK_WEBHOOK"}
"""By the Secret's key."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a person asked `run` for.

    Attributes:
        plan: the Plan, found to be sound.
        file: where it was read.
        version: to sync, without the tag's prefix.
        values: of the Plan's parameters.
        tip: the branch's commit that it is; None: it is a git tag.
        steps_in: where its steps run.
        until: the last step to run; None: all.
        keep: leave the folders of the run.
        dry_run: write to nobody.
        forge: a folder that stands for the forge; None: GitHub.
        retry: take the release up although a person closed its pull request.
        owner: claims the release's branches for whoever runs unattended; "": a person, who claims none.
        environ: this machine's variables.
    """

    plan: Plan
    file: Path
    version: str
    values: Mapping[str, str] = field(default_factory=dict)
    tip: Tip | None = None
    steps_in: Where = "host"
    until: str | None = None
    keep: bool = False
    dry_run: bool = False
    forge: Path | None = None
    retry: bool = False
    owner: str = ""
    environ: Mapping[str, str]


def build_attempt(request: Request, layout: Layout) -> Attempt:
    """Return the attempt; nothing is connected yet.

    Raises:
        UsageError: the forge cannot be used as asked.
        Stalled: the Plan cannot be run as it is.
    """
    settings = read_settings(request.environ)
    contract = build_contract(_without_fork(request), settings)
    if request.keep:  # the clone as it is at a conflict, too
        contract = contract.model_copy(update={"opening": None})
    config = contract.config
    addresses = find_addresses(_repositories(config))
    refuse_unusable(addresses)
    safe = write_safe_directories(layout.secrets / "gitconfig")
    forge = None if request.forge is None else _folder(request.forge, config, addresses, safe)
    if forge is None:
        _take_github_token(request, contract, layout)
    has_chat = _take_slack(request, layout)

    def connect(*, in_fork: bool = False) -> Forge:
        real = forge
        if real is None and layout.secret("github").exists():
            credentials = mounted_credentials(contract, layout, in_fork=in_fork)
            real = connect_forge(contract, credentials, in_fork=in_fork)
        return DryRunForge(real) if request.dry_run or real is None else real

    def chat() -> Notifier:
        return connect_notifier(contract, layout) if has_chat else ConsoleNotifier()

    tip = request.tip
    return Attempt(
        contract=contract,
        layout=layout,
        # Each run has a name of its own: the Plan may have been changed since the last one.
        parameters=Parameters(
            tag=request.version,
            ref=tip.tag.ref if tip is not None else None,
            commit=tip.commit if tip is not None else None,
            values=request.values,
            workflow=f"local-{os.urandom(4).hex()}",
            owner=request.owner,
        ),
        connect_forge=connect,
        connect_conflict_forge=lambda: connect(in_fork=True),
        connect_notifier=chat,
        addresses=addresses,
        git_environment=safe,
        folder_forge=request.forge.resolve() if request.forge is not None else None,
    )


def _without_fork(request: Request) -> Plan:
    plan = request.plan
    config = plan.spec.config
    if request.forge is None or config.downstream.fork is None:
        return plan
    say(f"A folder is one repository: branches go to {config.downstream.name}, not to its fork.")
    downstream = config.downstream.model_copy(update={"fork": None})
    spec = plan.spec.model_copy(
        update={"config": config.model_copy(update={"downstream": downstream})}
    )
    return plan.model_copy(update={"spec": spec})


def _repositories(config: Config) -> list[str]:
    names = (config.upstream.name, config.downstream.name, config.downstream.fork)
    return [name for name in names if name]


def _folder(
    folder: Path, config: Config, addresses: Mapping[str, str], safe: Mapping[str, str]
) -> Forge:
    name = config.downstream.name
    repository = local_path(addresses[name]) if name in addresses else None
    if repository is None or not repository.is_dir():
        raise UsageError(
            f"`--forge` keeps pull requests of a local clone, and {name} is none. Say where yours"
            f" is: git config --global url./path/to/clone.insteadOf https://{name}"
        )
    if not folder.resolve().parent.is_dir():
        raise UsageError(
            f"There is no folder {folder.parent} for `--forge {folder}`: make it first."
        )
    return DirectoryForge(folder.resolve(), repository=repository, git_environment=safe)


def _take_github_token(request: Request, contract: Contract, layout: Layout) -> None:
    config = contract.config
    host = RepositoryName.of(config.downstream.name).host
    token = find_token(host, request.environ) if config.github is not None else None
    if token is not None:
        write_secret(layout, "github", "token", token)
    elif config.github is not None and not request.dry_run:
        for_it = "" if host == token_host(request.environ) else f" and GH_HOST={host}"
        raise UsageError(
            f"There is no token for {host}: set GITHUB_TOKEN{for_it}, or try with --dry-run or"
            " --forge DIR."
        )


def _take_slack(request: Request, layout: Layout) -> bool:
    if request.dry_run or request.forge is not None:
        return False
    held = {key: request.environ.get(name) for key, name in SLACK_VARIABLES.items()}
    for key, value in held.items():
        if value:
            write_secret(layout, "slack", key, value)
    return any(held.values())
