"""Plans of the same name in two namespaces or clusters leave each other's branches alone."""

from pathlib import Path

import pytest

from resync_argo.errors import Stalled
from tests.git.builders import Run, World
from tests.git.conflict_story import make_story
from tests.git.proposals import MERGE, SYNC
from tests.git.steps import pull_request_step

OWNERS = "refs/resync-argo/_owners/z-release/1.1.0"
MORE = "echo more >m; git add m; git commit -qm more"


def attempt(world: World, owner: str, *more: str, number: int = 1) -> Run:
    """Return an attempt of a Plan that has a namespace of its own."""
    step = pull_request_step("Sync", "")
    return world.attempt(MERGE, *more, step, number=number, parameters={"owner": owner})


def test_a_plan_of_the_same_name_elsewhere_changes_neither_branch_nor_pull_request(
    world: World,
) -> None:
    attempt(world, "staging").propose()
    before, pulls = world.downstream.git("for-each-ref"), list(world.forge.pulls)

    other = attempt(world, "production", MORE, number=2)
    with pytest.raises(Stalled) as told:
        other.check_out()

    assert told.value.reason == "OwnedElsewhere"
    assert OWNERS in str(told.value)
    assert world.downstream.git("for-each-ref") == before
    assert world.forge.pulls == pulls


def test_a_push_between_our_checkout_and_our_push_stays(world: World) -> None:
    slow = attempt(world, "staging", MORE)
    slow.steps()
    attempt(world, "production", number=2).propose()
    before = world.downstream.git("for-each-ref")

    with pytest.raises(Stalled) as told:
        slow.act(slow.attempt.contract.steps[-1].container)

    assert told.value.reason == "OwnedElsewhere"
    assert world.downstream.git("for-each-ref") == before


def test_the_same_owner_goes_on(world: World) -> None:
    attempt(world, "staging").propose()

    attempt(world, "staging", MORE, number=2).propose()

    assert world.downstream.show(SYNC, "m") == "more"


def test_a_branch_of_an_earlier_version_is_claimed_by_the_next_push(world: World) -> None:
    attempt(world, "").propose()

    attempt(world, "staging", MORE, number=2).propose()

    assert world.downstream.show(SYNC, "m") == "more"
    with pytest.raises(Stalled):
        attempt(world, "production", number=3).check_out()


@pytest.mark.parametrize("deleted", [OWNERS, f"refs/heads/{SYNC}"])
def test_leftovers_of_a_deleted_plan_can_be_taken_over(world: World, deleted: str) -> None:
    attempt(world, "staging").propose()
    world.downstream.git("update-ref", "-d", deleted)

    attempt(world, "production", MORE, number=2).propose()

    assert world.downstream.show(SYNC, "m") == "more"
    with pytest.raises(Stalled):
        attempt(world, "staging", number=3).check_out()


def test_a_question_stays_with_the_plan_that_asked_it(tmp_path: Path) -> None:
    story = make_story(
        tmp_path,
        [MERGE],
        base={"f": "1\n"},
        downstream={"f": "down\n"},
        upstream={"f": "up\n"},
    )
    story.owner = "staging"
    asked = story.conflict()
    before = story.repository.git("for-each-ref")
    story.owner = "production"

    with pytest.raises(Stalled) as told:
        story.attempt()

    assert told.value.reason == "OwnedElsewhere"
    assert story.repository.git("for-each-ref") == before
    story.owner = "staging"
    assert story.conflict() == asked
