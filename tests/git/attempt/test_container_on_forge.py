"""A whole attempt, with our containers as processes, on private repositories of the real forge."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from resync_argo.contract import CHECKOUT, MAIN, Outcome
from resync_argo.settings import HostSettings
from tests.forge.launcher import APP_BOT, BOT, MAINTAINER, TestForge
from tests.git.builders import BRANCH, HOST, World
from tests.git.pod import Pod
from tests.git.repositories import Repository
from tests.git.steps import pull_request_step

pytestmark = pytest.mark.forge

PULL_REQUEST = "create-pr"
SYNC = "resync/z-release/1.1.0"
DEADLINE = 120.0


@dataclass(frozen=True, kw_only=True)
class Hosted:
    """An attempt whose repositories are on the forge."""

    pod: Pod
    downstream: str


@pytest.fixture(params=["token", "app"])
def hosted(request: pytest.FixtureRequest, world: World, forge: TestForge) -> Iterator[Hosted]:
    names = {side: f"{side}-{uuid.uuid4().hex[:8]}/project" for side in ("up", "down")}
    push(forge, names["up"], world.upstream)
    push(forge, names["down"], world.downstream)
    run = world.attempt(
        "git merge $UPSTREAM_REF",
        pull_request_step(),
        hosts={HOST: HostSettings(api_url=forge.api_url, git_url=forge.git_url)},
        config={
            "upstream": {"name": f"{HOST}/{names['up']}", "matchedVersions": ["1.x"]},
            "downstream": {"name": f"{HOST}/{names['down']}", "branch": BRANCH},
            "env": [],
            "slack": None,
        },
    )
    write_secret(run.attempt.layout.secret("github"), forge, request.param)
    pod = Pod(run)
    yield Hosted(pod=pod, downstream=names["down"])
    pod.stop()


def push(forge: TestForge, name: str, repository: Repository) -> None:
    forge.create_repository(name, private=True)
    url = forge.push_url(name, MAINTAINER)
    repository.git("push", "-q", url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")


def write_secret(folder: Path, forge: TestForge, kind: str) -> None:
    folder.mkdir(parents=True)
    if kind == "token":
        (folder / "token").write_text(forge.tokens[BOT])
        return
    (folder / "appId").write_text(str(forge.app.app_id))
    (folder / "privateKey").write_text(forge.app.private_key)


def test_a_private_downstream_gets_its_pull_request(hosted: Hosted, forge: TestForge) -> None:
    pod = hosted.pod
    before = len(forge.journal())
    checkout = pod.start("checkout", CHECKOUT)
    action, main = pod.start("action", PULL_REQUEST), pod.start("main", MAIN)
    assert checkout.wait(DEADLINE) == 0

    script = (
        f"git merge {HOST}/{hosted.pod.run.attempt.contract.config.upstream.name[len(HOST) + 1 :]}"
    )
    assert pod.run.step(next(iter(pod.run.scripts)), script=script).returncode == 0

    assert action.wait(DEADLINE) == 0
    assert main.wait(DEADLINE) == Outcome.SYNCED
    requests = len(forge.journal()) - before
    (opened,) = forge.as_user(MAINTAINER).get_repo(hosted.downstream).get_pulls()
    assert (opened.head.ref, opened.base.ref) == (SYNC, BRANCH)
    assert opened.title == "Sync 1.1.0"
    assert requests <= 7


def test_the_attempt_leaves_no_secret_anywhere(hosted: Hosted, forge: TestForge) -> None:
    pod = hosted.pod
    main, checkout = pod.start("main", MAIN), pod.start("checkout", CHECKOUT)
    pod.start("action", PULL_REQUEST)
    assert checkout.wait(DEADLINE) == 0
    pod.run.step(next(iter(pod.run.scripts)), script="exit 3")
    assert main.wait(DEADLINE) == Outcome.FAILED

    secrets = [forge.tokens[BOT], forge.tokens[APP_BOT], forge.app.private_key]
    logs = b"".join(process.communicate()[1] for process in pod.processes)
    left = [f for f in pod.folder.rglob("*") if f.is_file() and "secrets" not in f.parts]
    readable = [f for f in left if f.parent != pod.run.attempt.layout.trusted]
    for secret in secrets:
        assert secret.encode() not in logs
        assert not [f for f in readable if secret.encode() in f.read_bytes()]
