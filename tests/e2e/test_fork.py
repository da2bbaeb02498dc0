"""If nobody may push to the downstream, branches and questions go to a fork, with the fork's own App.

The bot may read both repositories and open pull requests; the App may write to the fork, and is
installed only for the fork's owner. A person resolves the conflict in the fork, and merges in the
downstream.
"""

import pytest

from tests.cluster.waiting import wait_for
from tests.e2e.conflict import VERSION, answer, asked, assert_one_good_pull_request, conflicting
from tests.e2e.hostile import assert_nothing_leaked, refs
from tests.forge.launcher import APP_BOT, BOT, MAINTAINER
from tests.world.repositories import BRANCH
from tests.world.world import World

pytestmark = pytest.mark.cluster

FINAL = f"resync/z-release-4.8/{VERSION}"
QUESTIONS = "refs/heads/resync/z-release-4.8/conflicts/"
GITHUB = {
    "credentials": {"secretSelector": "github-secret"},
    "forkCredentials": {"secretSelector": "fork-secret"},
}


def test_a_conflict_is_resolved_in_the_fork_and_the_pull_request_comes_from_there(
    world: World,
) -> None:
    fork = _forked(world)
    names = {"name": f"github.com/{world.downstream_name}", "fork": f"github.com/{fork}"}
    conflicting(world, downstream=names | {"branch": BRANCH}, github=GITHUB)

    question = asked(world, fork)

    assert question.user.login == "resync[bot]"
    assert world.pull_requests() == []
    assert question.html_url in str(world.wait_for_phase(VERSION, "Conflict")["conflict"])

    answer(world, question)

    sync = assert_one_good_pull_request(world)
    (final,) = world.pull_requests("open")
    assert sync["pullRequest"] == final.html_url
    assert (final.head.label, final.base.ref) == (f"{fork.partition('/')[0]}:{FINAL}", BRANCH)
    assert final.user.login == BOT
    assert {name for name in refs(world) if name.startswith("refs/heads/")} == {
        f"refs/heads/{BRANCH}"
    }
    assert any(name.startswith(QUESTIONS) for name in refs(world, fork))

    world.merge(final)

    wait_for(
        lambda: world.sync(VERSION).get("reason") == "Merged",
        deadline_seconds=60,
        describe=lambda: f"the merge to be seen; it is {world.sync(VERSION)}",
    )
    wait_for(
        lambda: not [name for name in refs(world, fork) if name.startswith(QUESTIONS)],
        deadline_seconds=60,
        describe="the question's branches in the fork to go",
    )
    assert_nothing_leaked(world, world.forge.app.private_key.splitlines()[1])


def _forked(world: World) -> str:
    """Forbid pushes to the downstream, and create its fork with the fork's Secret."""
    for login in (BOT, APP_BOT):
        world.forge.add_collaborator(world.downstream_name, login, "read")
    owner = f"{world.name}-bot"
    world.forge.ensure_organization(owner)
    rights = {BOT: "read", APP_BOT: "write", MAINTAINER: "write"}
    fork = world.forge.create_fork(world.downstream_name, owner, collaborators=rights)
    world.forge.world.without_app |= {
        name.partition("/")[0] for name in (world.upstream_name, world.downstream_name)
    }
    app = world.forge.app
    secret = {"appId": str(app.app_id), "privateKey": app.private_key}
    world.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "fork-secret"},
            "stringData": secret,
        }
    )
    return fork
