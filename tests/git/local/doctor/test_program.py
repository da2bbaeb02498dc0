"""`resync-argo doctor` finds a release that was squashed long ago, and repairs the fork on request."""

import json
from typing import Any

from tests.git.builders import HOST
from tests.git.local_runs import BRANCH, MERGE, PULL_REQUEST, Laptop
from tests.git.squashes import CARRIED, bring


def ask(laptop: Laptop, *words: str) -> dict[str, Any]:
    done = laptop.call("doctor", laptop.plan, "--format", "json", *words)
    assert done.returncode == 0, done.stderr
    checkup: dict[str, Any] = json.loads(done.stdout)
    return checkup


def refs(laptop: Laptop) -> str:
    return laptop.world.downstream.git("for-each-ref")


def test_an_old_squash_is_found_with_its_cost_with_and_without_the_record(laptop: Laptop) -> None:
    laptop.ask_everything()
    told = bring(laptop.world, squash=True)
    laptop.world.downstream.commit(BRANCH, {"later.txt": "later\n"}, message="Carry more")
    before = refs(laptop)

    found = ask(laptop)
    text = laptop.call("doctor", laptop.plan).stdout

    (repair,) = found["repairs"]
    assert (repair["version"], repair["release"]) == ("1.1.0", told.release)
    assert (repair["commit"], repair["subject"]) == (told.merged, "Sync to 1.1.0 (#1)")
    assert repair["share"] == 67, "a carried patch changes the third file"
    assert found["cost"] == {"version": "1.2.0", "before": 3, "after": 1}
    assert (found["contained"], found["records"], found["written"]) == ("1.0.0", 0, False)
    assert "1.2.0: 3 files to resolve without these records, 1 file to resolve with them." in text
    assert refs(laptop) == before


def test_the_repair_is_written_on_request_and_then_nothing_is_missing(
    laptop: Laptop,
) -> None:
    told = bring(laptop.world, squash=True)

    written = ask(laptop, "--write")
    again = ask(laptop)

    assert written["written"]
    assert f"refs/resync-argo/_brought/{BRANCH}/_/{told.merged}" in refs(laptop)
    assert (again["repairs"], again["records"], again["contained"]) == ([], 1, "1.1.0")
    assert laptop.run_json("1.1.0")["outcome"] == "AlreadySynced"
    assert laptop.run_json("1.2.0")["conflict"]["files"] == ["a.txt"]


def test_a_healthy_fork_needs_nothing(laptop: Laptop) -> None:
    bring(laptop.world, squash=False)

    found = ask(laptop)

    assert (found["repairs"], found["cost"], found["contained"]) == ([], None, "1.1.0")
    assert "No release seems to have been squashed" in laptop.call("doctor", laptop.plan).stdout


def test_a_patch_release_older_than_the_branchs_release_is_not_a_squash(
    laptop: Laptop,
) -> None:
    up = laptop.world.upstream
    up.git("update-ref", "refs/heads/patches", "v1.0.0^{commit}")
    files = {"a.txt": CARRIED, "VERSION": "1.1.0\n", "new/n.txt": "n\n"}
    up.tag("v1.0.1", up.commit("patches", files))
    bring(laptop.world, squash=False)

    found = ask(laptop)

    assert (found["repairs"], found["contained"]) == ([], "1.1.0")


def test_for_a_plan_that_follows_a_branch_a_note_says_that_tags_are_compared(
    laptop: Laptop,
) -> None:
    told = bring(laptop.world, squash=True)
    upstream = {"name": f"{HOST}/upstream/project", "branch": "main"}
    laptop.write_plan(MERGE, PULL_REQUEST, upstream=upstream)

    found = ask(laptop)

    assert "among upstream's tags" in found["notes"][0]
    assert [it["release"] for it in found["repairs"]] == [told.release]


def test_a_fork_that_began_as_a_copy_of_files_gets_an_ancestor(laptop: Laptop) -> None:
    down = laptop.world.downstream
    files = {"a.txt": "one\n" * 20, "b.txt": "b\n", "VERSION": "1.0.0\n"}
    down.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    root = down.commit(BRANCH, {**files, "ours.txt": "o\n"}, message="Import", parents=())
    down.commit(BRANCH, {"b.txt": "ours\n"}, message="Carry a patch")

    found = ask(laptop, "--write")

    (repair,) = found["repairs"]
    assert (repair["version"], repair["commit"], repair["share"]) == ("1.0.0", root, 100)
    assert found["cost"] == {"version": "1.1.0", "before": None, "after": 0}
    assert "no common commit" in found["notes"][0]
    assert laptop.run_json("1.1.0")["outcome"] == "Synced"


def test_a_branch_without_a_merge_gets_a_note(laptop: Laptop) -> None:
    for number in range(51):
        laptop.world.downstream.commit(BRANCH, {"n.txt": f"{number}\n"})

    (note,) = ask(laptop)["notes"]

    assert "squashed or rebased" in note
