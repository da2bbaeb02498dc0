"""For files that downstream never changed, `preview` forecasts what the run does."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.git.conflict_story import Story
from tests.git.local_runs import PULL_REQUEST, Laptop
from tests.git.release_branches import MERGE, make_story

OWN = {"g.txt": "a\nown\nc\n"}


def laptop_for(story: Story, script: str, **config: object) -> Laptop:
    """Return the machine of a person who looks at a story's fork."""
    laptop = Laptop(root=story.world.root / "laptop", world=story.world)
    laptop.temporary.mkdir(parents=True)
    laptop.write_plan({"name": "Step", "run": script}, PULL_REQUEST, **config)
    return laptop


def look(laptop: Laptop) -> tuple[dict[str, Any], str]:
    """Return the forecast of 1.1.0, and what a person reads."""
    done = laptop.call("preview", laptop.plan, "--format", "json")
    assert done.returncode == 0, done.stderr
    (release,) = [it for it in json.loads(done.stdout)["releases"] if it["version"] == "1.1.0"]
    return release["forecast"], laptop.call("preview", laptop.plan).stdout


@pytest.mark.parametrize("script", [MERGE, "git carry"])
def test_it_counts_the_files_that_the_run_takes(tmp_path: Path, script: str) -> None:
    laptop = laptop_for(make_story(tmp_path, own=OWN), script)

    forecast, text = look(laptop)
    run = laptop.run_json()

    assert (forecast["untouched"], forecast["byRules"]) == (["f.txt"], [])
    assert forecast["conflicts"] == run["conflict"]["files"] == ["g.txt"]
    assert "1 file to resolve, 1 file that downstream never changed;" in text
    assert "Downstream never changed this file" in laptop.pull_request(1)


def test_a_release_whose_files_are_all_taken_merges_cleanly(tmp_path: Path) -> None:
    laptop = laptop_for(make_story(tmp_path), MERGE)

    forecast, text = look(laptop)

    assert (forecast["untouched"], forecast["conflicts"]) == (["f.txt", "g.txt"], [])
    assert "merges cleanly, 2 files that downstream never changed;" in text
    assert laptop.run_json()["outcome"] == "Synced"


@pytest.mark.parametrize("script", [MERGE, "git carry"])
def test_a_plan_that_asks_is_forecast_as_asking(tmp_path: Path, script: str) -> None:
    laptop = laptop_for(make_story(tmp_path), script, untouched="Ask")

    forecast, _ = look(laptop)

    assert (forecast["untouched"], forecast["conflicts"]) == ([], ["f.txt", "g.txt"])
    assert laptop.run_json()["conflict"]["files"] == ["f.txt", "g.txt"]


def test_rules_come_first_in_the_forecast_too(tmp_path: Path) -> None:
    rules = [{"paths": ["f.txt"], "resolve": "Downstream"}, {"paths": ["g.txt"]}]
    laptop = laptop_for(make_story(tmp_path), MERGE, conflicts=rules)

    forecast, _ = look(laptop)

    assert [forecast[it] for it in ("untouched", "byRules", "conflicts")] == [
        *([], ["f.txt"], ["g.txt"]),
    ]
    assert laptop.run_json()["conflict"]["files"] == ["g.txt"]
