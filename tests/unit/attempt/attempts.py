"""An attempt for tests that need no repository."""

from pathlib import Path
from typing import Any

from resync_argo.api.plan import Config
from resync_argo.attempt.context import Attempt, Parameters
from resync_argo.contract import Contract, StepContract
from resync_argo.settings import HostSettings
from tests.git.fakes import MemoryForge, MemoryNotifier
from tests.git.steps import contracts_of
from tests.git.volumes import layout_in

TOKEN = Path("/secrets/token")
"""The token of `host/owner/name` is beside it, as `host-owner-name`."""


def attempt(
    folder: Path,
    *,
    upstream: str = "up.test/up/project",
    fork: str | None = None,
    hosts: dict[str, HostSettings] | None = None,
    steps: tuple[str | StepContract, ...] = (),
    **more: Any,
) -> Attempt:
    """Return an attempt that has not begun.

    Args:
        folder: where all of its files go.
        upstream: `host/owner/name`; the downstream is `down.test/down/project`.
        fork: likewise, or None.
        hosts: settings by host.
        steps: scripts or actions, in order.
        more: other attributes of the attempt.
    """
    downstream = {"name": "down.test/down/project", "branch": "main"}
    config = {
        "upstream": {"name": upstream, "matchedVersions": ["1.x"]},
        "downstream": downstream | ({} if fork is None else {"fork": fork}),
        "image": "unused",
    }
    (folder / "trusted").mkdir(exist_ok=True)
    return Attempt(
        contract=Contract(
            plan="z",
            namespace="n",
            config=Config.parse(config),
            steps=contracts_of(steps)[0],
            hosts=hosts or {},
            slack_api_url="https://slack.invalid/api/",
        ),
        layout=layout_in(folder),
        parameters=Parameters(tag="1.0"),
        connect_forge=lambda: MemoryForge(folder),
        connect_notifier=MemoryNotifier,
        token_for=lambda name: TOKEN.with_name(name.replace("/", "-")),
        **more,
    )
