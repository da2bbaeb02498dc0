"""For a Plan that carries patches, `resync-argo doctor` forecasts the questions of each coming release."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.git.builders import HOST
from tests.git.carries import CARRY_STEP, Fork, changed, laptop_for, make_fork
from tests.git.local_runs import MERGE, Laptop


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    fork = make_fork(tmp_path)
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    fork.release("1.1.0", {"new.txt": "new\n"})
    return fork


def ask(laptop: Laptop) -> dict[str, Any]:
    done = laptop.call("doctor", laptop.plan, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_questions_are_forecast_by_release_as_the_runs_ask_them(fork: Fork) -> None:
    fork.release("1.2.0", {"f.txt": changed(5, by="theirs")})
    laptop = laptop_for(fork, CARRY_STEP)
    before = fork.downstream.git("for-each-ref")

    found = ask(laptop)
    text = laptop.call("doctor", laptop.plan).stdout

    told = [(it["version"], it["forecast"]["conflicts"]) for it in found["carries"]]
    assert told == [("1.1.0", []), ("1.2.0", ["f.txt"])]
    assert "  1.1.0: no question; carries cleanly" in text
    assert "  1.2.0: one question; 1 file to resolve" in text
    assert fork.downstream.git("for-each-ref") == before
    assert laptop.run_json("1.1.0")["outcome"] == "Synced"
    assert laptop.run_json("1.2.0")["conflict"]["files"] == ["f.txt"]


def test_a_runs_refusal_is_forecast_with_its_sentence(fork: Fork) -> None:
    fork.carry("UPSTREAM: <odd>: six", {"six.txt": "6\n"})
    laptop = laptop_for(fork, CARRY_STEP)

    (cost,) = ask(laptop)["carries"]

    assert cost["refused"]
    assert cost["problem"] in laptop.run("1.1.0").stderr
    assert "`git carry` refuses: The commit" in laptop.call("doctor", laptop.plan).stdout


def test_for_a_branch_its_newest_commit_is_forecast(fork: Fork) -> None:
    fork.world.upstream.commit("main", {"f.txt": changed(5, by="theirs")})
    laptop = laptop_for(
        fork, CARRY_STEP, upstream={"name": f"{HOST}/upstream/project", "branch": "main"}
    )

    (cost,) = ask(laptop)["carries"]

    assert cost["version"].startswith("0.0.0-")
    assert cost["forecast"]["conflicts"] == ["f.txt"]


def test_a_plan_that_merges_has_no_such_forecast(fork: Fork) -> None:
    assert ask(laptop_for(fork, MERGE))["carries"] == []
