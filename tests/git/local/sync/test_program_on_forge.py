"""Bash runs the examples of docs/ci.md against the real forge, in the environment of Prow and GitHub Actions."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.toolchain import binary
from tests.cluster.waiting import wait_for
from tests.forge.launcher import BOT, MAINTAINER, TestForge
from tests.git.builders import HOST
from tests.git.local.run.test_run_on_forge import Hosted, hosted, merge
from tests.git.local_runs import BRANCH, PROGRAM

__all__ = ["hosted"]

PAGE = (Path(__file__).parents[4] / "docs" / "ci.md").read_text()

PERIODIC = {
    *("name", "cron", "max_concurrency", "decorate", "decoration_config", "extra_refs", "spec"),
    *("annotations", "labels", "cluster", "minimum_interval", "reporter_config"),
}
"""Fields of Prow's `Periodic`, its `JobBase` and its `UtilityConfig` (pkg/config/jobs.go) that an example may have."""


def example(tag: str) -> dict[Any, Any]:
    (block,) = re.findall(rf"^```yaml {tag}\n(.*?)^```$", PAGE, re.M | re.S)
    parsed: dict[Any, Any] = yaml.safe_load(block)
    return parsed


def job(hosted: Hosted, *argv: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run a job's command in a checkout of the Plans, with only the variables of a CI system."""
    plans = hosted.laptop.root / "checkout" / "plans"
    plans.mkdir(parents=True, exist_ok=True)
    shutil.copy(hosted.laptop.plan, plans)
    hosted.laptop.variables |= given
    environment = hosted.laptop.environment()
    environment["PATH"] = f"{PROGRAM.parent}:{os.environ['PATH']}"
    return subprocess.run(
        argv, cwd=plans.parent, env=environment, capture_output=True, text=True, check=False
    )


def conflict(hosted: Hosted) -> None:
    """Change the same lines downstream as upstream does."""
    downstream = hosted.laptop.world.downstream
    downstream.commit(BRANCH, {"VERSION": "1.0.0-downstream\n"}, message="Carry a version")
    downstream.git("push", "-q", hosted.forge.push_url(hosted.downstream, MAINTAINER), BRANCH)


def resolve(hosted: Hosted) -> None:
    downstream = hosted.laptop.world.downstream
    repository = hosted.forge.as_user(MAINTAINER).get_repo(hosted.downstream)
    (question,) = repository.get_pulls()
    url, branch = hosted.forge.push_url(hosted.downstream, MAINTAINER), question.head.ref
    downstream.git("fetch", "-q", url, f"+{branch}:{branch}")
    downstream.commit(branch, {"VERSION": "1.1.0-downstream\n"}, message="Resolve")
    downstream.git("push", "-q", url, branch)
    merge(repository, question.number)


@pytest.mark.forge
def test_the_periodic_job_asks_goes_on_and_cleans_up(
    hosted: Hosted, forge: TestForge, tmp_path: Path
) -> None:
    (periodic,) = example("prow")["periodics"]
    (container,) = periodic["spec"]["containers"]
    token, artifacts = tmp_path / "token", tmp_path / "artifacts"
    token.write_text(f"{forge.tokens[BOT]}\n")
    artifacts.mkdir()
    conflict(hosted)
    argv = (*container["command"], *container["args"])
    given = {"TOKEN_FILE": str(token), "ARTIFACTS": str(artifacts), "GH_HOST": HOST}

    def again() -> str:
        done = job(hosted, *argv, **given)
        assert done.returncode == 0, done.stdout + done.stderr
        (plan,) = json.loads((artifacts / "resync-summary.json").read_text())["plans"]
        return ", ".join(it["outcome"] for it in plan["releases"]) or plan["state"]

    assert again() == "Conflict"
    resolve(hosted)
    assert again() == "Review"
    repository = forge.as_user(MAINTAINER).get_repo(hosted.downstream)
    (final,) = repository.get_pulls(base=BRANCH)
    assert "/conflicts/" in hosted.branches()
    merge(repository, final.number)
    assert again() == "Done"
    assert "/conflicts/" not in hosted.branches()
    assert {env["name"] for env in container["env"]} == {"TOKEN_FILE"}
    assert set(periodic) <= PERIODIC


@pytest.mark.forge
def test_the_workflow_leaves_its_summary_on_the_page_and_fails_for_a_failure(
    hosted: Hosted, forge: TestForge, tmp_path: Path
) -> None:
    workflow, page = example("actions"), tmp_path / "page.md"
    (step,) = [it for it in workflow["jobs"]["sync"]["steps"] if "run" in it]
    script = tmp_path / "script.sh"
    script.write_text(step["run"])
    # The value of the expression `${{ github.token }}`.
    assert step["env"] == {"GITHUB_TOKEN": "${{ github.token }}"}
    given = {
        "GITHUB_TOKEN": forge.tokens[BOT],
        "GITHUB_SERVER_URL": f"https://{HOST}",
        "GITHUB_STEP_SUMMARY": str(page),
    }

    done = job(hosted, "bash", "-e", str(script), **given)
    assert done.returncode == 0, done.stderr
    assert "| `z-release` | `1.1.0` | **waits for review** | " in page.read_text()

    hosted.laptop.plan.write_text("kind: Plam\n")
    assert job(hosted, "bash", "-e", str(script), **given).returncode == 1
    assert "**failed**" in page.read_text()


@pytest.mark.forge
def test_a_squash_is_recorded_and_nothing_is_left_to_do(hosted: Hosted, forge: TestForge) -> None:
    given = {"GITHUB_TOKEN": forge.tokens[BOT], "GH_HOST": HOST}
    command = ("resync-argo", "sync", "plans/plan.yaml")
    assert job(hosted, *command, **given).returncode == 3
    repository = forge.as_user(MAINTAINER).get_repo(hosted.downstream)
    (final,) = repository.get_pulls()

    def squashed() -> bool:
        fresh = repository.get_pull(final.number)
        return bool(fresh.mergeable and fresh.merge(merge_method="squash").merged)

    wait_for(squashed, deadline_seconds=30, describe="the squash")
    over = job(hosted, *command, **given)

    assert over.returncode == 0, over.stdout + over.stderr
    assert "was squashed or rebased: the ref `refs/resync-argo/_brought/" in over.stdout


@pytest.mark.apiserver
def test_actionlint_accepts_the_workflow(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```yaml actions\n(.*?)^```$", PAGE, re.M | re.S)
    file = tmp_path / "resync.yaml"
    file.write_text(block)

    done = subprocess.run([binary("actionlint"), file], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_the_workflow_goes_on_as_soon_as_our_pull_request_is_merged() -> None:
    workflow = example("actions")
    events = workflow[True]  # YAML 1.1 takes `on` for a truth value

    assert events["pull_request_target"] == {"types": ["closed"]}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    assert set(workflow["permissions"]) == {"contents", "pull-requests", "issues", "statuses"}
    assert "'resync/'" in workflow["jobs"]["sync"]["if"]
