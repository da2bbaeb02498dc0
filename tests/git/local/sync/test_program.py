"""`resync-argo sync`, with a folder as forge, syncs the due releases in order."""

import json
import os
import re
import shutil
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.git.local_runs import BRANCH, MERGE, PULL_REQUEST, RESULT, Laptop


def sync(laptop: Laptop, *words: str | Path, code: int) -> dict[str, Any]:
    """Sync the laptop's Plan, or the named ones; return the JSON output, and the steps' output."""
    plans = words or (laptop.plan,)
    done = laptop.call("sync", *plans, "--forge", laptop.pulls, "--format", "json")
    assert done.returncode == code, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return {**told, "steps": done.stderr.count("Step: ")}


def outcomes(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(it["version"], it["outcome"]) for plan in told["plans"] for it in plan["releases"]]


def release(laptop: Laptop, version: str) -> None:
    upstream = laptop.world.upstream
    upstream.commit("main", {"VERSION": f"{version}\n"}, message=version)
    upstream.git("tag", f"v{version}", "main")


def merge(laptop: Laptop, branch: str = RESULT) -> None:
    laptop.world.downstream.git("update-ref", f"refs/heads/{BRANCH}", f"refs/heads/{branch}")


def close(laptop: Laptop, number: int) -> None:
    file = laptop.pulls / f"{number:04d}.md"
    file.write_text(file.read_text().replace("state: open", "state: closed", 1))


def conflict_branches(laptop: Laptop) -> list[str]:
    layout, below = "--format=%(refname:lstrip=2)", "refs/heads/resync/z-release/conflicts"
    return laptop.world.downstream.git("for-each-ref", layout, below).split()


def test_a_release_from_its_conflict_to_its_merge(in_conflict: Laptop, tmp_path: Path) -> None:
    page, artifacts = tmp_path / "page.md", tmp_path / "artifacts"
    page.write_text("Before\n")
    artifacts.mkdir()
    in_conflict.variables |= {"GITHUB_STEP_SUMMARY": str(page), "ARTIFACT_DIR": str(artifacts)}

    asked = sync(in_conflict, code=3)
    assert outcomes(asked) == [("1.1.0", "Conflict")]
    assert "| `z-release` | `1.1.0` | **conflict** |" in page.read_text()
    assert page.read_text().startswith("Before\n")

    waiting = sync(in_conflict, code=3)
    # A release that waits for people is not run again and again.
    assert (outcomes(waiting), waiting["steps"]) == ([("1.1.0", "Conflict")], 0)

    base, head = conflict_branches(in_conflict)
    in_conflict.resolve({"branch": head, "base": base}, {"VERSION": "1.1.0-downstream\n"})
    assert outcomes(sync(in_conflict, code=3)) == [("1.1.0", "Review")]
    tip = f"refs/heads/{RESULT}"
    assert in_conflict.world.downstream.show(tip, "VERSION") == "1.1.0-downstream"
    reviewed = sync(in_conflict, code=3)
    assert (outcomes(reviewed), reviewed["steps"]) == ([("1.1.0", "Review")], 0)

    merge(in_conflict)
    over = sync(in_conflict, code=0)
    assert (outcomes(over), over["plans"][0]["state"]) == ([], "Done")
    assert conflict_branches(in_conflict) == []
    kept = json.loads((artifacts / "resync-summary.json").read_text())
    assert kept["plans"] == over["plans"]
    assert "1.1.0 are deleted" in (artifacts / "resync-summary.md").read_text()
    assert in_conflict.left_behind() == []


def test_older_releases_come_first_and_closed_ones_are_skipped(laptop: Laptop) -> None:
    release(laptop, "1.2.0")

    first = sync(laptop, code=3)
    close(laptop, 1)
    second = sync(laptop, code=3)

    assert outcomes(first) == [("1.1.0", "Review"), ("1.2.0", "Waits")]
    assert first["plans"][0]["releases"][1]["message"].startswith("The pull request of 1.1.0")
    assert outcomes(second) == [("1.1.0", "Skipped"), ("1.2.0", "Review")]
    merge(laptop, "resync/z-release/1.2.0")
    assert outcomes(sync(laptop, code=0)) == []


def test_a_failure_holds_up_only_its_own_plan(laptop: Laptop, tmp_path: Path) -> None:
    laptop.write_plan(MERGE, {"name": "Tidy", "run": "echo no >&2; exit 7"}, PULL_REQUEST)
    release(laptop, "1.2.0")
    good, bad = yaml.safe_load(laptop.plan.read_text()), tmp_path / "bad.yaml"
    good["metadata"]["name"] = "other"
    del good["spec"]["steps"][1]
    good["spec"]["config"]["downstream"]["branch"] = "main"
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump(good))
    bad.write_text("kind: Plam\n")
    laptop.world.downstream.git("branch", "main", BRANCH)

    told = sync(laptop, bad, laptop.plan, other, code=1)

    assert [it["state"] for it in told["plans"]] == ["Failed", "Failed", "Waiting"]
    assert "`kind` must be" in told["plans"][0]["error"]
    assert outcomes(told)[0] == ("1.1.0", "Failed")
    # A cluster would not begin the next one, either.
    assert outcomes(told)[1] == ("1.2.0", "Waits")
    assert outcomes(told)[2] == ("1.1.0", "Review")


def test_a_release_is_as_old_as_the_fork_remembers(laptop: Laptop) -> None:
    name, wanted = "forge.test/upstream/project", ["1.x"]
    young = {"name": name, "matchedVersions": wanted, "minimumAge": "3d"}
    laptop.write_plan(MERGE, PULL_REQUEST, upstream=young)

    first = sync(laptop, code=0)
    four_days_pass(laptop)
    # A job of CI begins with an empty cache.
    shutil.rmtree(laptop.root / ".cache")
    second = sync(laptop, code=3)

    assert outcomes(first) == [("1.1.0", "Waits")]
    assert "`upstream.minimumAge`" in first["plans"][0]["releases"][0]["message"]
    assert outcomes(second) == [("1.1.0", "Review")]


def four_days_pass(laptop: Laptop) -> None:
    """Change the fork's record so that releases first seen now were seen four days ago."""
    down, ref = laptop.world.downstream, "refs/resync-argo/_seen/z-release"
    text = down.git("log", "-1", "--format=%B", ref)
    (moment,) = re.findall(r"20\d\d-\S+", text)
    earlier = (datetime.fromisoformat(moment) - timedelta(days=4)).isoformat()
    tree = down.git("rev-parse", f"{ref}^{{tree}}")
    message = text.replace(moment, earlier).encode()
    down.git("update-ref", ref, down.git("commit-tree", tree, "-F", "-", stdin=message))


def test_two_simultaneous_syncs_make_one_pull_request(laptop: Laptop) -> None:
    words = ("sync", laptop.plan, "--forge", laptop.pulls, "--format", "json")
    with laptop.start(*words) as one, laptop.start(*words) as other:
        ended = [(it.communicate(timeout=300), it.returncode) for it in (one, other)]

    assert [code for _, code in ended] == [3, 3], ended
    assert sorted(it.name for it in laptop.pulls.glob("*.md")) == ["0001.md"]


def test_another_plans_work_under_the_same_name_is_left_alone(laptop: Laptop) -> None:
    sync(laptop, code=3)
    laptop.write_plan(
        MERGE,
        PULL_REQUEST,
        downstream={"name": "forge.test/downstream/project", "branch": "main"},
    )
    laptop.world.downstream.git("branch", "main", BRANCH)
    before = laptop.world.downstream.tip(RESULT)

    told = sync(laptop, code=1)

    assert "belongs to a Plan of the same name" in told["plans"][0]["releases"][0]["message"]
    assert laptop.world.downstream.tip(RESULT) == before


@pytest.mark.parametrize("end", [signal.SIGTERM])
def test_an_interrupted_sync_reports_what_was_done(laptop: Laptop, end: signal.Signals) -> None:
    laptop.write_plan(MERGE, {"run": f"touch {laptop.root}/begun; sleep 60"}, PULL_REQUEST)
    laptop.variables["ARTIFACT_DIR"] = str(laptop.root)
    with laptop.start("sync", laptop.plan, "--forge", laptop.pulls) as process:
        for line in process.stderr or ():
            if line.startswith("Step: step"):
                break
        os.kill(process.pid, end)
        process.communicate(timeout=60)

    assert process.returncode == 128 + end
    assert json.loads((laptop.root / "resync-summary.json").read_text())["plans"]
    assert laptop.left_behind() == []


def test_the_pull_request_of_a_branch_moves_on_with_its_commits(laptop: Laptop) -> None:
    laptop.write_plan(
        {"run": "git merge $UPSTREAM_COMMIT"},
        {"action": {"type": "pull-request", "title": "Sync $UPSTREAM_VERSION"}},
        upstream={"name": "forge.test/upstream/project", "branch": "main"},
    )

    first, again = sync(laptop, code=3), sync(laptop, code=3)
    laptop.world.upstream.commit("main", {"later.txt": "x\n"}, message="Later")
    moved = sync(laptop, code=3)

    assert [it["steps"] for it in (first, again, moved)] == [2, 0, 2]
    assert outcomes(moved)[0][1] == "Review"
    assert [it.name for it in laptop.pulls.glob("*.md")] == ["0001.md"]
    branch = f"refs/heads/resync/z-release/{BRANCH}"
    assert laptop.world.downstream.show(branch, "later.txt") == "x"
