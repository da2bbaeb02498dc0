"""The advice in docs/conflicts.md, "You merged a wrong resolution", works on a laptop."""

from typing import Any

import pytest

from tests.git.local_runs import RESULT, Laptop


@pytest.fixture
def mistaken(in_conflict: Laptop) -> tuple[Laptop, dict[str, Any]]:
    """Return a laptop on which a wrong resolution was merged and published, and the conflict."""
    conflict = in_conflict.run_json()["conflict"]
    in_conflict.resolve(conflict, {"VERSION": "wrong\n"})
    assert in_conflict.run_json()["outcome"] == "Synced"
    return in_conflict, conflict


def published(laptop: Laptop) -> str:
    return laptop.world.downstream.show(f"refs/heads/{RESULT}", "VERSION")


def test_a_commit_on_the_base_branch_corrects_it(mistaken: tuple[Laptop, dict[str, Any]]) -> None:
    laptop, conflict = mistaken
    assert published(laptop) == "wrong"
    laptop.world.downstream.commit(conflict["base"], {"VERSION": "right\n"}, message="Correct it")

    assert laptop.run_json()["outcome"] == "Synced"
    assert published(laptop) == "right"


def test_without_its_branches_the_same_question_is_asked_again(
    mistaken: tuple[Laptop, dict[str, Any]],
) -> None:
    laptop, conflict = mistaken
    laptop.world.downstream.git("branch", "-q", "-D", conflict["base"], conflict["branch"])

    asked = laptop.run_json()

    assert (asked["outcome"], asked["conflict"]) == ("Conflict", conflict)
    laptop.resolve(asked["conflict"], {"VERSION": "right\n"})
    assert laptop.run_json()["outcome"] == "Synced"
    assert published(laptop) == "right"
