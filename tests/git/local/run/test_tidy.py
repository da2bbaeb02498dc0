"""With a folder as forge, no branch of a conflict is left once its release is merged."""

import shutil

from tests.git.local_runs import BRANCH, RESULT, Laptop


def conflict_branches(laptop: Laptop) -> str:
    return laptop.world.downstream.git("for-each-ref", "refs/heads/resync/z-release/conflicts")


def resolved(laptop: Laptop) -> None:
    laptop.resolve(laptop.run_json()["conflict"], {"VERSION": "1.1.0-downstream\n"})
    assert laptop.run_json()["outcome"] == "Synced"


def test_deleting_the_forge_folder_loses_no_answer(in_conflict: Laptop) -> None:
    resolved(in_conflict)
    shutil.rmtree(in_conflict.pulls)

    told = in_conflict.run_json()

    assert told["outcome"] == "Synced"
    tip = in_conflict.world.downstream.show(f"refs/heads/{RESULT}", "VERSION")
    assert tip == "1.1.0-downstream"


def test_the_first_run_after_the_merge_deletes_the_conflicts_branches(in_conflict: Laptop) -> None:
    resolved(in_conflict)
    assert conflict_branches(in_conflict)
    down = in_conflict.world.downstream
    down.git("update-ref", f"refs/heads/{BRANCH}", f"refs/heads/{RESULT}")

    done = in_conflict.run()

    assert done.stdout.startswith("AlreadySynced")
    assert "The branches of conflicts of 1.1.0 are deleted" in done.stderr
    assert conflict_branches(in_conflict) == ""


def test_a_dry_run_deletes_nothing(in_conflict: Laptop) -> None:
    resolved(in_conflict)
    down = in_conflict.world.downstream
    down.git("update-ref", f"refs/heads/{BRANCH}", f"refs/heads/{RESULT}")

    in_conflict.run("1.1.0", "--dry-run")

    assert conflict_branches(in_conflict)
