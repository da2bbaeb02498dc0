"""A GitHub App as the controller's credentials, with a real API server and a real forge."""

from pathlib import Path

import pytest

from resync_argo.controller.forge.access import access_of
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.settings import HostSettings
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for
from tests.forge.launcher import BOT, TestForge
from tests.forge.work import Work

pytestmark = [pytest.mark.apiserver, pytest.mark.forge]


def verdict(lab: Lab, plan: str) -> str | None:
    """Return a Plan's condition about its upstream; None before the first look."""
    found = lab.plan(plan).status.conditions
    said = (it for it in found if it.type == "UpstreamReachable" and it.status != "Unknown")
    return next((it.message for it in said), None)


def test_an_upstream_without_the_app_is_readable(
    lab: Lab, forge: TestForge, tmp_path: Path
) -> None:
    """Not every downstream needs the App, either: one of two Plans names a repository without it."""
    upstream, downstream, bare = (
        f"{side}-{lab.namespace}/project" for side in ("up", "down", "bare")
    )
    for name in (upstream, downstream, bare):
        forge.create_repository(name, private=True)
    Work(tmp_path / "work", push_url=forge.push_url(upstream, BOT)).commit("main", {"a": "a\n"})
    forge.world.without_app |= {name.partition("/")[0] for name in (upstream, bare)}
    lab.host = HostSettings(api_url=forge.api_url, git_url=forge.git_url)
    lab.add_secret("app", appId=str(forge.app.app_id), privateKey=forge.app.private_key)
    for plan, repository in (("a-1", bare), ("z-1", downstream)):
        lab.add_plan(
            plan,
            upstream={"name": f"forge.test/{upstream}", "matchedVersions": ["1.0.x"]},
            downstream={"name": f"forge.test/{repository}", "branch": "main"},
            github={"credentials": {"secretSelector": "app"}},
        )

    with lab.running():
        first = wait_for(lambda: verdict(lab, "a-1"), deadline_seconds=20, describe="a look")
        second = wait_for(lambda: verdict(lab, "z-1"), deadline_seconds=20, describe="a look")

    assert {first, second} == {"The upstream's tags can be read."}


def test_a_push_is_rehearsed_with_the_apps_present_permissions(lab: Lab, forge: TestForge) -> None:
    downstream = f"down-{lab.namespace}/project"
    forge.create_repository(downstream)
    lab.host = HostSettings(api_url=forge.api_url, git_url=forge.git_url)
    lab.add_secret("app", appId=str(forge.app.app_id), privateKey=forge.app.private_key)
    lab.add_plan(
        downstream={"name": f"forge.test/{downstream}", "branch": "main"},
        github={"credentials": {"secretSelector": "app"}},
    )
    remotes = Remotes(lab.controller().parts.secrets, lab.settings.hosts)
    access = access_of(lab.plan())

    def token(*, fresh: bool = False) -> str:
        file = remotes.conflict(access, fresh=fresh).token_file
        assert file is not None
        return file.read_text()

    first = token()
    assert token() == first
    assert token(fresh=True) != first
