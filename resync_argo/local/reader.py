"""An attempt that only reads: what `preview` and `lint --online` ask repositories through.

The same addresses, hosts and token as those of a run, and no forge.
"""

from collections.abc import Mapping
from dataclasses import replace

from resync_argo.api.plan import Plan, RepositoryName
from resync_argo.attempt.connections import with_token
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
    """Return the attempt, without a token yet; nothing is asked.

    Raises:
        Stalled: the Plan cannot be run as it is.
        UsageError: a local clone cannot be used; says why.
    """
    config = plan.spec.config
    addresses = find_addresses((config.upstream.name, config.downstream.name))
    refuse_unusable(addresses)
    return Attempt(
        contract=build_contract(plan, read_settings(environ)),
        layout=layout,
        parameters=Parameters(tag=_NAME),
        connect_forge=_no_forge,
        connect_notifier=ConsoleNotifier,
        addresses=addresses,
    )


def sign_in(attempt: Attempt, environ: Mapping[str, str]) -> Attempt:
    """Return the attempt with the person's token, in a file below `layout.secrets`, where there is one."""
    config = attempt.contract.config
    host = RepositoryName.of(config.downstream.name).host
    token = find_token(host, environ) if config.github is not None else None
    if token is not None:
        write_secret(attempt.layout, "github", "token", token)
    safe = write_safe_directories(attempt.layout.secrets / "gitconfig")
    return with_token(replace(attempt, git_environment=safe), _NAME)


def _no_forge() -> Forge:
    raise ResyncError("Who only reads asks no forge.")
