"""For a Plan with `git carry`, `resync-argo preview` forecasts what the run then does."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import CARRY_STEP, Fork, changed, laptop_for, make_fork
from tests.git.local_runs import Laptop


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    return make_fork(tmp_path)


def look(laptop: Laptop, version: str = "1.1.0") -> dict[str, Any]:
    done = laptop.call("preview", laptop.plan, "--format", "json")
    assert done.returncode == 0, done.stderr
    releases: list[dict[str, Any]] = json.loads(done.stdout)["releases"]
    return next(it for it in releases if it["version"] == version)


def test_forecast_and_run_ask_about_collisions_and_not_about_dropped_patches(
    fork: Fork,
) -> None:
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    fork.carry("UPSTREAM: <carry>: ruled", {"ruled.txt": "ours\n"})
    fork.carry("UPSTREAM: <drop>: generated", {"g.txt": changed(9, by="generated")})
    theirs = {"f.txt": changed(5, by="theirs"), "g.txt": changed(9, by="theirs")}
    fork.release("1.1.0", {**theirs, "ruled.txt": "theirs\n", "new.txt": "new\n"})
    rules = [{"paths": ["ruled.*"], "resolve": "Upstream"}]
    laptop = laptop_for(fork, CARRY_STEP, conflicts=rules)

    release = look(laptop)
    run = laptop.run_json()

    assert release["forecast"]["conflicts"] == run["conflict"]["files"] == ["f.txt"]
    assert release["forecast"]["byRules"] == ["ruled.txt"]
    counts = [release["forecast"][it] for it in ("carried", "dropped", "landed", "files")]
    assert counts == [2, 1, 0, 4]
    assert release["people"] == [{"name": "Ada", "places": 1}]


def test_regenerated_files_are_listed_separately(fork: Fork) -> None:
    lock = "Cargo.lock"
    fork.carry("UPSTREAM: <carry>: lock", {lock: "ours\n"})
    fork.carry("UPSTREAM: <carry>: ruled", {"ruled.txt": "ours\n"})
    fork.release("1.1.0", {lock: "theirs\n", "ruled.txt": "theirs\n"})
    rules = [{"paths": ["ruled.*"], "resolve": "Upstream"}]
    laptop = laptop_for(fork, CARRY_STEP)
    laptop.write_plan(CARRY_STEP, {"regenerate": "Cargo"}, conflicts=rules)

    forecast = look(laptop)["forecast"]

    assert (forecast["byRules"], forecast["bySteps"]) == (["ruled.txt"], [lock])
    assert forecast["conflicts"] == []


def test_a_carry_without_a_question_is_forecast_as_such_and_succeeds(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.carry("UPSTREAM: <drop>: generated", {"g.txt": changed(9, by="generated")})
    fork.carry("UPSTREAM: 12: fix it", {"fix.txt": "as it was proposed\n"})
    fork.release("1.1.0", {"g.txt": changed(9, by="theirs"), "fix.txt": "fix\n"}, "Fix it (#12)")
    laptop = laptop_for(fork, CARRY_STEP)

    forecast = look(laptop)["forecast"]
    text = laptop.call("preview", laptop.plan).stdout
    run = laptop.run_json()

    assert (forecast["conflicts"], run["outcome"]) == ([], "Synced")
    names = fork.downstream.git("diff", "--name-only", BRANCH, run["commit"]).split()
    assert forecast["files"] == len(names) == 2
    told = "carries cleanly; 1 commit, 2 changed files; patches: 1 carried, 1 dropped, 1 landed"
    assert told in text


def test_a_runs_refusal_is_forecast_with_its_sentence(fork: Fork) -> None:
    fork.carry("UPSTREAM: what is \x1b[2Jthat", {"what.txt": "?\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    laptop = laptop_for(fork, CARRY_STEP)

    release = look(laptop)
    text = laptop.call("preview", laptop.plan).stdout
    graph = laptop.call("preview", laptop.plan, "--format", "mermaid").stdout
    run = laptop.run()

    assert (release["forecast"], release["refused"]) == (None, True)
    assert "has a tag that the Plan does not know" in release["problem"]
    assert run.returncode == 1
    # Compare what follows the commit's subject, which forecast and run show in their own ways.
    sentence = release["problem"].partition(") ")[2]
    assert sentence in run.stdout + run.stderr
    assert "  `git carry` refuses: The commit " in text
    assert "\x1b" not in text
    assert 'r0["1.1.0<br/>refused"]:::conflict' in graph


def test_a_patch_of_which_nothing_would_be_left_is_refused_by_both(fork: Fork) -> None:
    fork.downstream.git("branch", "feature", BRANCH)
    fork.carry("UPSTREAM: <carry>: one", {"f.txt": changed(5, by="ours"), "one.txt": "1\n"})
    fork.carry("UPSTREAM: <carry>: within", {"f.txt": changed(5, by="ours")}, branch="feature")
    fork.merge("feature", "Merge a feature")
    fork.release("1.1.0", {"new.txt": "new\n"})
    laptop = laptop_for(fork, CARRY_STEP)

    release = look(laptop)
    run = laptop.run()

    assert release["refused"]
    assert release["problem"].startswith("Nothing would be left of the commit")
    assert release["problem"] in run.stdout + run.stderr


def test_the_steps_own_arguments_count(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})

    def of(script: str) -> dict[str, Any]:
        return look(laptop_for(fork, {"run": script}))

    assert of("git carry -Xours")["forecast"]["conflicts"] == []
    assert "and no other commit" in of("git carry --onto=HEAD")["problem"]
    assert "does not name a merge on the branch" in of("git carry --since 1234567")["problem"]
    variable = of('git carry --since "$LAST"')
    assert "write the commit itself" in variable["problem"]
    assert not variable["refused"]
    merged = of("git merge $UPSTREAM_REF\ngit carry")
    assert merged["forecast"]["conflicts"] == ["f.txt"]
    assert "carried" not in merged["forecast"], "the first command has the word"
