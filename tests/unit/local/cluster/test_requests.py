"""A person's request about a release is written into the right field."""

from datetime import UTC, datetime
from typing import Any

import pytest

from resync_argo.api.tag import Tag
from resync_argo.errors import UsageError
from resync_argo.local.cluster.requests import Verb, ask
from resync_argo.local.cluster.view import View
from tests.unit.local.cluster.api_server import serving
from tests.unit.local.cluster.clusters import VIEW, plan, sync, tag

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
STAMP = int(NOW.timestamp())
TAG = "default/tags/kubernetes-1.21"
SYNC = "default/syncs/z-release.kubernetes-1.21"
SKIPPED = View(plans=(plan(),), tags=(tag("1.21.2", skip=True),), syncs=(sync("1.21.2"),))
QUEUED = View(plans=(plan(),), tags=(tag("1.21.2", skip=True),))

Written = list[tuple[str, Any]]


def asked(
    verb: Verb, name: str, view: View = VIEW, plan: str | None = None
) -> tuple[list[str], Written]:
    """Return the names of the changed objects, and the writes."""
    with serving(view) as (kube, written):
        named = ask(kube, "default", name, verb, NOW, plan=plan)
    return named, written


def refused(verb: Verb, name: str, view: View = VIEW, plan: str | None = None) -> str:
    """Return why a request is refused; check that nothing is written."""
    with serving(view) as (kube, written), pytest.raises(UsageError) as error:
        ask(kube, "default", name, verb, NOW, plan=plan)
    assert written == []
    return str(error.value)


def test_a_skip_applies_to_every_plan_even_while_the_release_is_queued() -> None:
    named, written = asked("skip", "v1.21.3")

    assert named == ["Tag kubernetes-1.21.3"]
    assert written == [(f"{TAG}.3", {"skip": True})]


def test_a_skip_for_one_plan_creates_its_sync() -> None:
    named, written = asked("skip", "1.21.3", plan="z-release")

    spec = {"plan": "z-release", "tag": "kubernetes-1.21.3", "skip": True}
    assert named == ["Sync z-release.kubernetes-1.21.3"]
    assert written == [(f"{SYNC}.3", spec)]


@pytest.mark.parametrize("verb", ["retry", "rebuild"])
def test_another_try_is_a_new_number_and_withdraws_a_skip(verb: Verb) -> None:
    named, written = asked(verb, "kubernetes-1.21.2")

    assert named == ["Sync z-release.kubernetes-1.21.2"]
    assert written == [(f"{SYNC}.2", {verb: STAMP, "skip": None})]


def test_a_refresh_is_a_new_number_on_syncs_in_review_and_withdraws_nothing() -> None:
    proposed = sync("1.21.2", phase="Finished", number=7, pull_request="url/7")
    view = View(plans=(plan(),), tags=(tag("1.21.2"),), syncs=(proposed,))

    named, written = asked("refresh", "kubernetes-1.21.2", view)

    assert named == ["Sync z-release.kubernetes-1.21.2"]
    assert written == [(f"{SYNC}.2", {"refresh": STAMP})]


def test_a_refresh_needs_an_open_pull_request() -> None:
    merged = sync("1.21.2", phase="Finished", number=7, merged=True)
    view = View(plans=(plan(),), tags=(tag("1.21.2"),), syncs=(merged,))

    assert "has no open pull request" in refused("refresh", "1.21.2", view)
    assert "has no open pull request" in refused("refresh", "1.21.2", plan="another")


def test_a_retry_takes_up_a_release_that_was_skipped_for_every_plan() -> None:
    named, written = asked("retry", "1.21.2", SKIPPED)

    assert named == ["Tag kubernetes-1.21.2", "Sync z-release.kubernetes-1.21.2"]
    assert written == [
        (f"{TAG}.2", {"skip": None}),
        (f"{SYNC}.2", {"retry": STAMP, "skip": None}),
    ]


def test_a_retry_takes_up_a_release_that_was_skipped_before_its_turn() -> None:
    assert asked("retry", "1.21.2", QUEUED) == (
        ["Tag kubernetes-1.21.2"],
        [(f"{TAG}.2", {"skip": None})],
    )


def test_a_retry_for_one_plan_does_not_take_up_a_release_for_every_other() -> None:
    told = refused("retry", "1.21.2", SKIPPED, plan="z-release")

    assert "skipped for every Plan" in told
    assert "--plan" in told


def test_a_release_that_never_ran_cannot_be_retried() -> None:
    assert "it starts by itself when its turn comes" in refused("retry", "1.21.3")
    assert "Nothing has run" in refused("rebuild", "1.21.2", plan="another")


def test_a_missing_release_or_plan_is_named() -> None:
    assert "no Tag `9.9.9` in the namespace default" in refused("skip", "9.9.9")
    assert "no Plan `typo`" in refused("skip", "1.21.3", plan="typo")


def test_a_version_of_several_tags_is_ambiguous() -> None:
    twice = View(plans=(), tags=(tag("1.21.2"), _other_tag()))

    told = refused("skip", "1.21.2", twice)

    assert "`kubernetes-1.21.2`" in told
    assert "`other`" in told


def _other_tag() -> Tag:
    one = tag("1.21.2")
    return one.model_copy(
        update={"metadata": one.metadata.model_copy(update={"name": "other", "uid": "other"})}
    )


def test_a_retry_takes_up_a_young_release_at_once() -> None:
    young = tag("1.21.3", made="2026-01-01T09:00:00Z")
    view = View(plans=(plan(age="9999d"), plan("other")), tags=(young,))

    named, written = asked("retry", "1.21.3", view)

    spec = {"plan": "z-release", "tag": "kubernetes-1.21.3", "retry": STAMP}
    assert named == ["Sync z-release.kubernetes-1.21.3"]
    assert written == [(f"{SYNC}.3", spec)]
