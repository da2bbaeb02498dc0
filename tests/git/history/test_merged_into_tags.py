"""Replays the runs of a `rebase.sh`: one that committed a conflict with its markers, and one without."""

import json
from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import Fork, changed, make_fork
from tests.history.merged_into_tags import main

PLAN = """
spec:
  config: {image: unused, github: {credentials: {secretSelector: unused}}}
  steps:
  - run: |
      git checkout -q --detach "$UPSTREAM_TAG"
      git merge --no-edit "origin/$DOWNSTREAM_BRANCH"
  - {name: Fail, run: exit 5}
  - action: {type: pull-request, title: Rebase}
"""
MARKED = changed(5, by="ours").replace("line 5, ours\n", "<<<<<<< HEAD\nline 5, theirs\n=======\n")


def run_script(fork: Fork, release: str, files: dict[str, str]) -> None:
    """Merge the fork's branch into a release, as the script does, on the branch `pull`."""
    fork.downstream.git("fetch", "-q", str(fork.world.upstream.path), f"+{release}:refs/heads/pull")
    parents = (release, str(fork.downstream.tip(BRANCH)))
    fork.downstream.commit("pull", files, message="Merge into HEAD", parents=parents)


def test_runs_are_replayed_and_peoples_later_changes_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    fork = make_fork(tmp_path / "repositories")
    fork.carry("DOWNSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    first = fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    run_script(fork, first, {"f.txt": MARKED})
    both = {"f.txt": changed(5, by="both")}
    fork.downstream.commit("pull", both, message="UPSTREAM: <drop>: manually resolve conflicts")
    fork.downstream.commit("pull", {"image": "1\n"}, message="DOWNSTREAM: <drop>: image")
    fork.merge("pull", "Merge pull request #1")
    second = fork.release("1.2.0", {"g.txt": "more\n"})
    run_script(fork, second, {**both, "image": "1\n"})
    fork.merge("pull", "Merge pull request #2")
    (tmp_path / "plan.yaml").write_text(PLAN)

    words = [str(it) for it in (fork.world.upstream.path, fork.downstream.path)]
    more = ["--leave-out-step", "Fail", "--json", str(tmp_path / "found.json")]
    code = main([*words, str(tmp_path / "plan.yaml"), *more])

    found = json.loads((tmp_path / "found.json").read_text())
    assert [it["tag"] for it in found] == ["v1.1.0", "v1.2.0"]
    assert [it["questions"] for it in found] == [1, 0]
    assert [it["parents"] for it in found] == [True, True]
    assert [it["wrong"] for it in found] == [it["unexplained"] for it in found] == [[], []]
    assert [list(it["later"].values()) for it in found] == [[["image"]], []]
    said = capsys.readouterr().out
    assert "2 trees equal to what the script and its answers gave, 1 to what was merged" in said
    assert code == 0


def test_an_unexplained_file_counts_as_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    fork = make_fork(tmp_path / "repositories")
    fork.carry("DOWNSTREAM: <carry>: one", {"one.txt": "1\n"})
    run_script(fork, fork.release("1.1.0", {"g.txt": "more\n"}), {"one.txt": "1\n", "odd": "?\n"})
    fork.merge("pull", "Merge pull request #1")
    (tmp_path / "plan.yaml").write_text(PLAN)
    words = [str(it) for it in (fork.world.upstream.path, fork.downstream.path)]

    code = main([*words, str(tmp_path / "plan.yaml"), "--leave-out-step", "Fail"])

    assert "WRONG: odd" in capsys.readouterr().out
    assert code == 1
