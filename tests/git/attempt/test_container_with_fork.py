"""A fork with its own credentials needs no permission to push to the downstream.

There are two accounts with their own Secrets: the bot may read both repositories and open pull
requests, and the App may write to the fork only. Our containers run as processes, on private
repositories of the real forge.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from resync_argo.attempt.connections import with_token
from resync_argo.contract import CHECKOUT, MAIN, Outcome
from resync_argo.settings import HostSettings
from tests.cluster.waiting import wait_for
from tests.forge.launcher import APP_BOT, BOT, MAINTAINER, TestForge
from tests.git.builders import BRANCH, HOST, World
from tests.git.pod import Pod
from tests.git.steps import pull_request_step

pytestmark = pytest.mark.forge

PULL_REQUEST = "create-pr"
SYNC = "resync/z-release/1.1.0"
DEADLINE = 120.0


@dataclass(frozen=True, kw_only=True)
class Forked:
    """An attempt whose branches go to a fork; names are `owner/name`."""

    pod: Pod
    downstream: str
    fork: str

    def run(self, script: str) -> tuple[int, int]:
        """Run the attempt with a step; return the exit codes of the action and of main."""
        checkout = self.pod.start("checkout", CHECKOUT)
        action = self.pod.start("action", PULL_REQUEST)
        main = self.pod.start("main", MAIN)
        assert checkout.wait(DEADLINE) == 0
        self.pod.run.step(next(iter(self.pod.run.scripts)), script=script)
        return action.wait(DEADLINE), main.wait(DEADLINE)


@pytest.fixture
def forked(world: World, forge: TestForge) -> Iterator[Forked]:
    mark = uuid.uuid4().hex[:8]
    upstream, downstream, owner = f"up-{mark}/project", f"down-{mark}/project", f"bot-{mark}"
    forge.create_repository(upstream, collaborators={BOT: "read", MAINTAINER: "admin"})
    readers = {BOT: "read", MAINTAINER: "admin"}
    forge.create_repository(downstream, private=True, collaborators=readers)
    for name, repository in ((upstream, world.upstream), (downstream, world.downstream)):
        url = forge.push_url(name, MAINTAINER)
        repository.git("push", "-q", url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
    forge.ensure_organization(owner)
    writers = {BOT: "read", APP_BOT: "write", MAINTAINER: "read"}
    fork = forge.create_fork(downstream, owner, collaborators=writers)
    github = {"credentials": {"secretSelector": "a"}, "forkCredentials": {"secretSelector": "b"}}
    repositories = {"name": f"{HOST}/{downstream}", "branch": BRANCH, "fork": f"{HOST}/{fork}"}
    run = world.attempt(
        "git merge $UPSTREAM_REF",
        pull_request_step(),
        hosts={HOST: HostSettings(api_url=forge.api_url, git_url=forge.git_url)},
        config={
            "upstream": {"name": f"{HOST}/{upstream}", "matchedVersions": ["1.x"]},
            "downstream": repositories,
            "github": github,
            "env": [],
            "slack": None,
        },
    )
    secrets = run.attempt.layout.secrets
    (secrets / "github").mkdir()
    (secrets / "github" / "token").write_text(forge.tokens[BOT])
    (secrets / "fork").mkdir()
    (secrets / "fork" / "appId").write_text(str(forge.app.app_id))
    (secrets / "fork" / "privateKey").write_text(forge.app.private_key)
    pod = Pod(run)
    yield Forked(pod=pod, downstream=downstream, fork=fork)
    pod.stop()


def test_the_pull_request_comes_from_the_fork(forked: Forked, forge: TestForge) -> None:
    assert forked.run("git merge $UPSTREAM_TAG") == (0, Outcome.SYNCED)

    downstream = forge.as_user(MAINTAINER).get_repo(forked.downstream)
    (opened,) = downstream.get_pulls()
    assert opened.head.label == f"{forked.fork.partition('/')[0]}:{SYNC}"
    assert (opened.base.ref, opened.user.login) == (BRANCH, BOT)
    heads = downstream.get_git_matching_refs("heads/")
    assert [head.ref for head in heads] == [f"refs/heads/{BRANCH}"]


def test_the_app_opens_a_conflict_pull_request_in_the_fork(
    forked: Forked, forge: TestForge
) -> None:
    stop = "echo theirs >ours.txt; git add .; git commit -qm x; git revert --no-edit HEAD~1"

    _, code = forked.run(stop)

    assert code == Outcome.CONFLICT
    (asked,) = forge.as_user(MAINTAINER).get_repo(forked.fork).get_pulls()
    assert asked.head.ref.startswith("resync/z-release/conflicts/1.1.0/")
    assert asked.user.login == "resync[bot]"
    downstream = forge.as_user(MAINTAINER).get_repo(forked.downstream)
    assert list(downstream.get_pulls()) == []
    heads = downstream.get_git_matching_refs("heads/")
    assert [head.ref for head in heads] == [f"refs/heads/{BRANCH}"]


def test_an_attempt_outlives_the_tokens_of_its_app(forked: Forked, forge: TestForge) -> None:
    """A container runs git for as long as it lives, but an App's token expires after an hour."""
    forge.world.token_seconds = 2.0
    attempt = with_token(forked.pod.run.attempt, CHECKOUT)
    file = attempt.push.token_file
    assert file is not None
    first = f"token {file.read_text()}"
    attempt.layout.repository.mkdir()
    attempt.repository.run("init", "--quiet", "--bare", ".")
    wait_for(
        lambda: forge.world.is_expired(first), deadline_seconds=30, describe="the token to expire"
    )

    push = attempt.push
    listed = attempt.repository.text("ls-remote", "--", push.url, remote=push)

    forge.world.token_seconds = 3600.0
    assert f"refs/heads/{BRANCH}" in listed
