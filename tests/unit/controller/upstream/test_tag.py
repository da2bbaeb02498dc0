"""A Tag's status mirrors its newest Sync, and says when upstream moved or lost the tag."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from resync_argo.api.conditions import find
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.upstream.tag import AS_MADE, build_status
from resync_argo.controller.upstream.upstreams import GitTags
from resync_argo.upstream.git_tags import GitTag
from tests.unit.controller.builders import BEFORE, NOW, sync, tag

A, B = "a" * 40, "b" * 40
SEEN: dict[str, Any] = {"ref": "refs/tags/v1.0.0", "commit": A}
SUCCEEDED = {
    "type": "Succeeded",
    "status": "True",
    "reason": "Merged",
    "message": "url/7 was merged.",
    "lastTransitionTime": BEFORE,
    "observedGeneration": 4,
}
MERGED: dict[str, Any] = {
    "phase": "Finished",
    "reason": "Merged",
    "pull_request": "url/7",
    "number": 7,
    "merged": True,
    "start_time": BEFORE,
    "conditions": [SUCCEEDED],
}


def shows(commit: str, name: str = "v1.0.0") -> GitTags:
    return {name: GitTag(name=name, commit=commit)}


def after(one: Tag, syncs: list[Sync], tags: GitTags | None = None) -> Tag:
    """Return a Tag whose status was just written."""
    return one.model_copy(update={"status": build_status(one, syncs, tags, NOW)})


def told(one: Tag) -> dict[str, str]:
    return {c.type: f"{c.status} {c.reason}" for c in one.status.conditions}


@pytest.mark.parametrize(
    "syncs", [[], [sync(spec={"skip": True})]], ids=["nobody wants it", "only asked for"]
)
def test_a_tag_without_news_is_left_alone(syncs: list[Sync]) -> None:
    one = tag(**SEEN)

    assert after(one, syncs, shows(A)) == one


def test_the_newest_sync_is_mirrored() -> None:
    began = "2025-01-01T00:00:00Z"
    older = sync(plan="z-2", phase="Failed", reason="StepFailed", start_time=began)
    newest = sync(**MERGED)

    status = after(tag(**SEEN), [newest, older]).status

    assert (status.phase, status.plan, status.pull_request) == ("Finished", "z-1", "url/7")
    assert told(after(tag(**SEEN), [older, newest])) == {"Succeeded": "True Merged"}


def test_a_mirrored_condition_is_about_the_tag_and_keeps_its_time() -> None:
    once = after(tag(**SEEN), [sync(**MERGED)])
    (condition,) = once.status.conditions

    assert (condition.observed_generation, condition.last_transition_time) == (1, NOW)
    assert after(once, [sync(**MERGED)]) == once


def test_conditions_of_the_sync_itself_are_not_mirrored() -> None:
    own = [
        {"type": kind, "status": "False", "reason": "Because"}
        for kind in ("CleanedUp", "ForgeReachable")
    ]
    one = sync(**(MERGED | {"conditions": [SUCCEEDED, *own]}))

    assert told(after(tag(), [one])) == {"Succeeded": "True Merged"}


def test_a_syncs_result_stays_after_the_sync_is_gone() -> None:
    once = after(tag(**SEEN), [sync(**MERGED)])

    assert after(once, []) == once


def test_a_tag_that_upstream_moved_or_deleted_says_so_while_it_lasts() -> None:
    moved = after(tag(**SEEN), [], shows(B))
    gone = after(moved, [], shows(A, "v2.0.0"))
    back = after(gone, [], shows(A))

    assert told(moved) == {"UpstreamUnchanged": "False TagMoved", "Stalled": "True TagMoved"}
    assert told(gone) == {"UpstreamUnchanged": "False TagGone", "Stalled": "True TagGone"}
    assert told(back) == {"Succeeded": "Unknown NotBegun"}
    assert back.status.phase == "Pending"
    condition = find(moved.status.conditions, "UpstreamUnchanged")
    assert condition is not None
    assert A in condition.message
    assert B in condition.message


def test_the_upstream_condition_stays_until_the_next_look() -> None:
    moved = after(tag(**SEEN), [sync(**MERGED)], shows(B))

    assert after(moved, [sync(**MERGED)], None) == moved
    assert told(moved) == {"Succeeded": "True Merged", "UpstreamUnchanged": "False TagMoved"}


def test_a_tag_made_by_hand_is_not_compared() -> None:
    assert told(after(tag(), [], {})) == {}


def at_work(phase: str, kind: str, reason: str) -> Sync:
    """Return an unfinished Sync, with its conditions for other programs."""
    condition = {"type": kind, "status": "True", "reason": reason}
    return sync(phase=phase, reason=reason, start_time=BEFORE, conditions=[condition])


def test_a_tag_mirrors_its_syncs_conditions_for_other_programs() -> None:
    running = at_work("Running", "Reconciling", "Running")
    failed = at_work("Failed", "Stalled", "StepFailed")

    assert told(after(tag(), [running])) == {"Reconciling": "True Running"}
    assert told(after(tag(), [failed])) == {"Stalled": "True StepFailed"}


def test_without_its_sync_a_tag_is_not_in_progress_but_a_failure_stays() -> None:
    running = after(tag(), [at_work("Running", "Reconciling", "Running")])
    failed = after(tag(), [at_work("Failed", "Stalled", "StepFailed")])

    assert told(after(running, [])) == {}
    assert told(after(failed, [])) == {"Stalled": "True StepFailed"}


def test_a_tag_that_moved_is_stalled_only_before_it_is_synced() -> None:
    queued = after(tag(**SEEN), [at_work("Pending", "Reconciling", "TagUnavailable")], shows(B))
    running = after(tag(**SEEN), [at_work("Running", "Reconciling", "Running")], shows(B))

    assert told(queued)["Stalled"] == "True TagMoved"
    assert "Reconciling" not in told(queued)
    assert told(running)["Reconciling"] == "True Running"
    assert "Stalled" not in told(running)


def test_a_skip_is_confirmed_without_a_sync() -> None:
    skipped = after(tag(skip=True), [])

    assert (tag().status.observed_generation, skipped.status.observed_generation) == (-1, 1)


def test_a_release_without_a_sync_has_the_schemas_default_conditions() -> None:
    crd = yaml.safe_load((Path(__file__).parents[4] / "crds" / "tag.yaml").read_text())
    (version,) = crd["spec"]["versions"]
    status = version["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]
    (said,) = status["conditions"]["default"]

    assert status["phase"]["default"] == "Pending"
    assert said == AS_MADE.dump() | {"lastTransitionTime": said["lastTransitionTime"]}


def test_a_queued_release_stays_skipped_until_it_is_taken_up_again() -> None:
    skipped = after(tag(skip=True), [])
    again = skipped.model_copy(update={"spec": skipped.spec.model_copy(update={"skip": False})})
    taken_up = build_status(again, [], None, NOW)

    assert skipped.status.phase == "Skipped"
    assert (taken_up.phase, taken_up.conditions[0].reason) == ("Pending", "NotBegun")
