"""Forged, early, duplicate, late and lost webhooks for a real suspended run."""

import pytest
from github.Hook import Hook

from tests.cluster.waiting import wait_for
from tests.e2e.conflict import (
    VERSION,
    answer,
    asked,
    assert_one_good_pull_request,
    conflicting,
)
from tests.world.deliveries import KEY, deliver, news_of
from tests.world.world import World

pytestmark = pytest.mark.cluster


def test_only_a_genuine_webhook_resumes_once_and_a_poll_replaces_a_lost_one(world: World) -> None:
    """The controller polls once an hour, so only webhooks can have a quick effect."""
    world.controller.restart(pull_request_poll_seconds="3600")
    conflicting(world)
    question = asked(world)
    world.wait_for_phase(VERSION, "Conflict")
    news = news_of(world.downstream_name, question.number, question.head.ref)

    forged = [deliver(world.controller.url, news | {"try": n}, key="guessed") for n in range(5)]
    early = deliver(world.controller.url, news)  # before the merge
    suspended = world.wait_for_phase(VERSION, "Conflict")
    hook = _hook(world)
    answer(world, question)
    wait_for(
        lambda: world.sync(VERSION).get("attempt") == 2, deadline_seconds=120, describe="a resume"
    )
    doubled = deliver(world.controller.url, news)
    again = deliver(world.controller.url, news | {"redelivered": True})
    late = deliver(world.controller.url, news | {"action": "opened"})

    assert forged == [401] * 5
    assert suspended["attempt"] == 1
    assert (early, doubled, again, late) == (202, 200, 202, 202)
    sync = assert_one_good_pull_request(world)
    assert sync["attempt"] == 2
    assert len(world.workflows()) == 1
    assert len(world.pull_requests()) == 2

    hook.delete()
    world.controller.restart(pull_request_poll_seconds="3")
    world.merge(world.pull_requests("open")[0])
    wait_for(
        lambda: world.sync(VERSION).get("reason") == "Merged",
        deadline_seconds=60,
        describe="the merge to be seen",
    )


def _hook(world: World) -> Hook:
    """Add the forge's webhook for pull requests, as docs/github-app.md says."""
    config = {
        "url": f"{world.controller.url}/webhooks/github",
        "content_type": "json",
        "secret": KEY,
    }
    hook: Hook = world.repository().create_hook("web", config, ["pull_request"])
    return hook
