"""A read-only attempt, through which `preview` and `lint --online` read repositories.

It uses the same addresses, hosts and token as a run. It asks the forge only for included pull
requests.
"""

from collections.abc import Mapping
from dataclasses import replace

from resync_argo.api.plan import Config, Plan, RepositoryName
from resync_argo.attempt.connections import connect_forge, mounted_credentials, with_token
from resync_argo.attempt.context import Attempt, Parameters
from resync_argo.contract import Layout, build_contract
from resync_argo.environment import read_settings
from resync_argo.errors import ResyncError
from resync_argo.forge.interface import Forge
from resync_argo.local.console import ConsoleNotifier
from resync_argo.local.place import write_secret
from resync_argo.local.run.person import (
    find_addresses,
    find_token,
    refuse_unusable,
    write_safe_directories,
)

_NAME = "reader"


def make_reader(plan: Plan, layout: Layout, environ: Mapping[str, str]) -> Attempt:
    """Return the attempt, still without a token; makes no requests.

    Raises:
        Stalled: the Plan cannot be run as it is.
        UsageError: a local clone cannot be used; says why.
    """
    config = plan.spec.config
    addresses = find_addresses((config.upstream.name, config.downstream.name))
    refuse_unusable(addresses)
    contract = build_contract(plan, read_settings(environ))
    return Attempt(
        contract=contract,
        layout=layout,
        parameters=Parameters(tag=_NAME),
        connect_forge=lambda: _no_forge(config),
        connect_notifier=ConsoleNotifier,
        addresses=addresses,
    )


def sign_in(attempt: Attempt, environ: Mapping[str, str]) -> Attempt:
    """Return the attempt with the person's token, if there is one, in a file below `layout.secrets`."""
    config = attempt.contract.config
    host = RepositoryName.of(config.downstream.name).host
    token = find_token(host, environ) if config.github is not None else None
    if token is not None:
        write_secret(attempt.layout, "github", "token", token)
    safe = write_safe_directories(attempt.layout.secrets / "gitconfig")
    signed = replace(attempt, git_environment=safe)
    if token is not None:
        signed = replace(signed, connect_forge=lambda: _forge(attempt))
    return with_token(signed, _NAME)


def _forge(attempt: Attempt) -> Forge:
    return connect_forge(attempt.contract, mounted_credentials(attempt.contract, attempt.layout))


def _no_forge(config: Config) -> Forge:
    host = RepositoryName.of(config.downstream.name).host
    named = "" if config.github is not None else " and name a Secret in `config.github`"
    raise ResyncError(f"There is no token for {host}: set GITHUB_TOKEN{named}.")
