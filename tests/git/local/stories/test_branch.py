"""A Plan that follows a branch, on a laptop: the next commit, a run, and a pull request that moves on."""

import json
from typing import Any

import pytest

from tests.git.builders import BRANCH, HOST
from tests.git.local.preview.test_program import look
from tests.git.local_runs import PLAN, PULL_REQUEST, Laptop

NAME = f"{HOST}/upstream/project"
RESULT = f"resync/{PLAN}/{BRANCH}"
MERGE = {"name": "Git merge", "run": "git merge --no-edit $UPSTREAM_TAG"}
CARRY = {
    "name": "Pick carried patches again",
    "run": """git rebase "$UPSTREAM_TAG"
git merge -s ours --no-edit "origin/$DOWNSTREAM_BRANCH"
""",
}
TELL = {
    "run": 'env | grep -E "^(UPSTREAM|PREVIOUS)_" | sort >told; git add told; git commit -qm told'
}


def follow(laptop: Laptop, branch: str, *steps: dict[str, Any], **config: Any) -> None:
    laptop.write_plan(
        *(steps or (MERGE, PULL_REQUEST)), upstream={"name": NAME, "branch": branch}, **config
    )


def commit(laptop: Laptop, branch: str, files: dict[str, str]) -> str:
    return laptop.world.upstream.commit(branch, files, message=f"Change {', '.join(files)}")


def run(laptop: Laptop, *words: str) -> dict[str, Any]:
    done = laptop.call("run", laptop.plan, "--forge", laptop.pulls, "--format", "json", *words)
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_the_newest_commit_becomes_a_pull_request_that_moves_on(laptop: Laptop) -> None:
    follow(laptop, "main")
    first = commit(laptop, "main", {"new.txt": "1\n"})
    opened = run(laptop)
    second = commit(laptop, "main", {"new.txt": "2\n"})

    moved = run(laptop)

    downstream = laptop.world.downstream
    assert opened["branch"] == moved["branch"] == RESULT
    assert opened["pullRequest"] == moved["pullRequest"]
    assert [file.name for file in laptop.pulls.glob("*.md")] == ["0001.md"]
    assert downstream.show(RESULT, "new.txt") == "2"
    assert downstream.git("rev-parse", f"{RESULT}^2") == second
    assert f"`main` at `{second[:12]}`" in laptop.pull_request(1)
    assert first != second


def test_a_persons_commit_on_the_pull_request_stays(laptop: Laptop) -> None:
    follow(laptop, "main")
    commit(laptop, "main", {"new.txt": "1\n"})
    run(laptop)
    theirs = laptop.world.downstream.commit(RESULT, {"mine.txt": "mine\n"})
    commit(laptop, "main", {"new.txt": "2\n"})

    told = run(laptop)

    assert told["outcome"] == "ForeignCommit"
    assert laptop.world.downstream.tip(RESULT) == theirs
    comment = " ".join(laptop.pull_request(1).split())  # YAML folds long lines.
    assert "which resync-argo did not make" in comment


def test_after_a_pull_request_with_a_persons_commit_was_merged_another_one_is_opened(
    laptop: Laptop,
) -> None:
    follow(laptop, "main")
    commit(laptop, "main", {"new.txt": "1\n"})
    run(laptop)
    downstream = laptop.world.downstream
    theirs = downstream.commit(RESULT, {"mine.txt": "mine\n"})
    downstream.git("update-ref", f"refs/heads/{BRANCH}", theirs)
    commit(laptop, "main", {"new.txt": "2\n"})

    moved = run(laptop)

    assert moved["outcome"] == "Synced", moved
    assert moved["pullRequest"] == str(laptop.pulls / "0002.md")
    assert downstream.show(RESULT, "new.txt") == "2"
    assert downstream.show(RESULT, "mine.txt") == "mine"


def test_after_an_unnoticed_merge_another_pull_request_is_opened(laptop: Laptop) -> None:
    follow(laptop, "main")
    commit(laptop, "main", {"new.txt": "1\n"})
    run(laptop)
    laptop.world.downstream.git("update-ref", f"refs/heads/{BRANCH}", RESULT)
    commit(laptop, "main", {"new.txt": "2\n"})

    moved = run(laptop)

    assert moved["pullRequest"] == str(laptop.pulls / "0002.md")
    assert "state: merged" in laptop.pull_request(1)


@pytest.mark.parametrize("branch", ["conflicts", "conflicts/1.0"])
def test_a_downstream_branch_may_have_the_name_of_our_own_folder(
    laptop: Laptop, branch: str
) -> None:
    downstream = {"name": f"{HOST}/downstream/project", "branch": branch}
    laptop.world.downstream.git("update-ref", f"refs/heads/{branch}", BRANCH)
    follow(laptop, "main", downstream=downstream)
    laptop.world.downstream.commit(branch, {"VERSION": "mine\n"})
    commit(laptop, "main", {"new.txt": "1\n"})
    asked = run(laptop)
    laptop.resolve(asked["conflict"], {"VERSION": "both\n"})

    synced = run(laptop)

    assert synced["outcome"] == "Synced", synced
    assert laptop.world.downstream.show(synced["branch"], "VERSION") == "both"


def test_a_branch_in_place_of_a_folder_is_reported(laptop: Laptop) -> None:
    downstream = laptop.world.downstream
    told: dict[str, Any] = {}
    for branch in ("rel", "rel/1.0"):
        downstream.git("update-ref", f"refs/heads/{branch}", BRANCH)
        follow(laptop, "main", downstream={"name": f"{HOST}/downstream/project", "branch": branch})
        commit(laptop, "main", {"new.txt": f"{branch}\n"})
        told = run(laptop)
        downstream.git("update-ref", "-d", f"refs/heads/{branch}")

    assert told["outcome"] == "Failed"
    assert "needs a folder: delete that one" in told["message"]
    assert f"'refs/heads/resync/{PLAN}/rel' exists" in told["message"]


def test_a_resolved_conflict_is_not_asked_again_when_upstream_moves_on(
    laptop: Laptop,
) -> None:
    follow(laptop, "main")
    laptop.world.downstream.commit(BRANCH, {"VERSION": "mine\n"})
    commit(laptop, "main", {"new.txt": "1\n"})
    asked = run(laptop)
    laptop.resolve(asked["conflict"], {"VERSION": "both\n"})
    commit(laptop, "main", {"new.txt": "2\n"})

    moved = run(laptop)

    assert asked["conflict"]["branch"].startswith(f"resync/{PLAN}/conflicts/{BRANCH}/")
    assert moved["outcome"] == "Synced"
    assert laptop.world.downstream.show(RESULT, "VERSION") == "both"
    assert laptop.world.downstream.show(RESULT, "new.txt") == "2"


def test_a_resolved_conflict_of_carried_patches_is_not_asked_again_when_upstream_moves_on(
    laptop: Laptop,
) -> None:
    follow(laptop, "main", {"run": "git carry"}, PULL_REQUEST)
    laptop.world.downstream.commit(BRANCH, {"VERSION": "mine\n"})
    commit(laptop, "main", {"VERSION": "theirs\n"})
    asked = run(laptop)
    laptop.resolve(asked["conflict"], {"VERSION": "both\n"})
    commit(laptop, "main", {"new.txt": "2\n"})

    moved = run(laptop)

    assert asked["conflict"]["files"] == ["VERSION"]
    assert moved["outcome"] == "Synced"
    assert laptop.world.downstream.show(RESULT, "VERSION") == "both"
    assert laptop.world.downstream.show(RESULT, "new.txt") == "2"


def test_a_step_may_pick_carried_patches_again_onto_each_commit(laptop: Laptop) -> None:
    follow(laptop, "main", CARRY, PULL_REQUEST)
    downstream = laptop.world.downstream
    for number in ("1", "2"):
        tip = commit(laptop, "main", {"new.txt": f"{number}\n"})

        synced = run(laptop)

        assert synced["outcome"] == "Synced", synced
        assert downstream.git("log", "--format=%s", f"{tip}..{RESULT}^1") == "Carry a patch"
        assert downstream.show(RESULT, "ours.txt") == "ours"
        assert downstream.show(RESULT, "new.txt") == number
        # A person merges; the branch contains its earlier state.
        before = downstream.tip(BRANCH) or ""
        downstream.git("merge-base", "--is-ancestor", before, RESULT)
        downstream.git("update-ref", f"refs/heads/{BRANCH}", RESULT)


def test_steps_find_the_commit_under_every_name(laptop: Laptop) -> None:
    for branch in ("release-1.9", "release-1.10"):
        laptop.world.upstream.git("update-ref", f"refs/heads/{branch}", "v1.0.0^{commit}")
    tip = commit(laptop, "release-1.10", {"new.txt": "1\n"})
    env = [{"name": "UPSTREAM_REF", "from": ".tag.ref"}]
    follow(laptop, "release-*", MERGE, TELL, PULL_REQUEST, env=env)

    run(laptop)

    told = dict(
        line.partition("=")[::2]
        for line in laptop.world.downstream.show(RESULT, "told").splitlines()
    )
    assert told["UPSTREAM_COMMIT"] == tip
    assert told["UPSTREAM_REF"] == "refs/heads/release-1.10"
    assert told["UPSTREAM_TAG"] == told["UPSTREAM_VERSION"]
    assert told["UPSTREAM_VERSION"].startswith("0.0.0-")
    assert told["UPSTREAM_VERSION"].endswith(f"-{tip[:12]}")
    before = laptop.world.upstream.git("rev-parse", "v1.0.0^{commit}")
    assert told["PREVIOUS_VERSION"].endswith(f"-{before[:12]}")


def test_preview_forecasts_the_newest_commit(laptop: Laptop) -> None:
    follow(laptop, "main")
    tip = commit(laptop, "main", {"ours.txt": "theirs\n"})

    (release,) = look(laptop)["releases"]
    text = laptop.call("preview", laptop.plan).stdout

    assert release["version"].endswith(tip[:12])
    assert release["standing"] == "Submit"
    assert release["forecast"]["conflicts"] == ["ours.txt"]
    assert release["version"] in text


def test_a_commit_in_the_branch_needs_nothing(laptop: Laptop) -> None:
    follow(laptop, "old")
    laptop.world.upstream.git("update-ref", "refs/heads/old", "v1.0.0^{commit}")

    assert run(laptop)["outcome"] == "AlreadySynced"
    assert [it["standing"] for it in look(laptop)["releases"]] == ["Contained"]


def test_a_missing_branch_is_one_sentence_everywhere(laptop: Laptop) -> None:
    follow(laptop, "trunk")

    ran = laptop.call("run", laptop.plan, "--forge", laptop.pulls)
    looked = laptop.call("preview", laptop.plan)
    linted = laptop.call("lint", "--online", laptop.plan)

    for done in (ran, looked, linted):
        assert "no branch `trunk`" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_a_tag_is_refused_if_the_plan_follows_a_branch(laptop: Laptop) -> None:
    follow(laptop, "main")
    tagged = laptop.run("1.1.0")

    assert tagged.returncode == 2
    assert "follows a branch" in tagged.stderr
