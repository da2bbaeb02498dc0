"""Included pull requests on a laptop: in a run with a folder as forge, and in a preview."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.git.builders import BRANCH, HOST
from tests.git.carries import CARRY_STEP, Fork, changed, laptop_for, make_fork
from tests.git.local_runs import RESULT, Laptop
from tests.hosts import Asked, Reply, scripted

ASKED = {"include": [{"author": "openshift-bot", "title": "ART"}]}


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    made = make_fork(tmp_path)
    made.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    made.downstream.git("branch", "art", BRANCH)
    made.carry("Be consistent with ART", {"Dockerfile": "FROM new\n"}, branch="art")
    return made


def propose(fork: Fork, laptop: Laptop) -> str:
    """Write the bot's pull request into the forge folder; return its commit."""
    head = fork.downstream.tip("art") or ""
    facts = {
        "number": 1,
        "state": "open",
        "title": "Be consistent with ART",
        "head": "art",
        "base": BRANCH,
        "headCommit": head,
        "author": "openshift-bot",
        "createdAt": "2026-01-01T00:00:00Z",
    }
    lines = "".join(f"{name}: {json.dumps(value)}\n" for name, value in facts.items())
    laptop.pulls.mkdir(exist_ok=True)
    (laptop.pulls / "0001.md").write_text(f"---\n{lines}---\n\n\n")
    return head


def test_a_run_after_a_conflict_takes_the_commits_of_its_question(fork: Fork) -> None:
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    laptop = laptop_for(fork, CARRY_STEP, **ASKED)
    head = propose(fork, laptop)
    first = laptop.run_json()
    assert first["outcome"] == "Conflict"
    laptop.resolve(first["conflict"], {"f.txt": changed(5, by="both")})
    fork.carry("Be consistent again", {"Dockerfile": "FROM newer\n"}, branch="art")

    second = laptop.run_json()

    assert second["outcome"] == "Synced", second
    assert fork.downstream.show(RESULT, "Dockerfile") == "FROM new"
    text = Path(second["pullRequest"]).read_text()
    assert f"- #1 `Be consistent with ART` of `openshift-bot`, at `{head[:12]}`; it is at" in text
    assert "included with #1 `Be consistent with ART` of `openshift-bot`" in text


def test_a_dry_run_without_a_token_says_what_it_needs(fork: Fork) -> None:
    fork.release("1.1.0", {"new.txt": "new\n"})
    laptop = laptop_for(fork, CARRY_STEP, **ASKED)

    done = laptop.call("run", laptop.plan, "--tag", "1.1.0", "--dry-run")

    assert done.returncode != 0
    assert "`config.include` needs a token" in done.stdout + done.stderr
    assert "set GITHUB_TOKEN" in done.stdout + done.stderr


def test_a_preview_without_a_token_says_so_and_forecasts_the_rest(fork: Fork) -> None:
    fork.release("1.1.0", {"new.txt": "new\n"})
    laptop = laptop_for(fork, CARRY_STEP, **ASKED)

    done = laptop.call("preview", laptop.plan)

    assert done.returncode == 0
    assert f"not known, so none is counted below. There is no token for {HOST}: set" in done.stdout
    assert "patches: 1 carried" in done.stdout


@pytest.fixture
def pulls() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def api(pulls: list[dict[str, Any]]) -> Iterator[str]:
    def script(asked: Asked) -> Reply:
        assert asked.method == "GET"
        return Reply(body=pulls)

    with scripted(script) as host:
        yield host.url


def test_a_preview_forecasts_included_pull_requests(
    fork: Fork, api: str, pulls: list[dict[str, Any]]
) -> None:
    fork.release("1.1.0", {"Dockerfile": "FROM upstream\n"})
    laptop = laptop_for(fork, CARRY_STEP, **ASKED)
    laptop.variables["RESYNC_HOSTS"] = json.dumps({HOST: {"apiUrl": api}})
    laptop.variables |= {"GITHUB_TOKEN": "s3cret", "GH_HOST": HOST}
    repository = {"full_name": "downstream/project"}
    head = fork.downstream.tip("art")
    assert head is not None
    pulls.append(
        {
            "number": 12,
            "html_url": "https://x/12",
            "state": "open",
            "body": None,
            "title": "Be consistent with ART",
            "labels": [],
            "user": {"login": "openshift-bot"},
            "head": {"ref": "art", "sha": head, "repo": repository},
            "base": {"ref": BRANCH, "sha": "2" * 40, "repo": repository},
            "merged_at": None,
            "merge_commit_sha": None,
            "updated_at": "2026-01-01T00:00:00Z",
        }
    )

    told = laptop.call("preview", laptop.plan).stdout
    outlook = json.loads(laptop.call("preview", laptop.plan, "--format", "json").stdout)

    line = f"#12 Be consistent with ART of openshift-bot, at {head[:12]}"
    assert f"Pull requests that come along:\n  {line}\n" in told
    assert "patches: 1 carried, 1 included" in told
    forecast = next(it for it in outlook["releases"] if it["version"] == "1.1.0")["forecast"]
    assert forecast["conflicts"] == ["Dockerfile"]
    assert (forecast["carried"], forecast["included"]) == (1, 1)
    assert [it["head"] for it in outlook["included"]] == [head]
