"""Replays a fork's rebases: one that was merged unchanged, and one in which a person changed something."""

import json
from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import LINES, Fork, changed, make_fork
from tests.git.repositories import git
from tests.history.rebases import main

PLAN = """
spec:
  config: {image: unused, github: {credentials: {secretSelector: unused}}}
  steps:
  - run: git carry
  - action: {type: pull-request, title: Rebase}
"""


def merged(fork: Fork, version: str, beside: str | None = None) -> None:
    """Rebase, and merge that as a pull request; perhaps with one more file of a person."""
    clone = fork.story.finish()
    fork.land(clone, "pull")
    if beside is not None:
        fork.downstream.commit("pull", {beside: "a person's\n"}, message="A person's work")
    fork.merge("pull", f"Merge pull request for {version}")


def test_rebases_are_replayed_and_differences_are_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    fork = make_fork(tmp_path / "repositories")
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours"), "vendor/v.txt": "v\n"})
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    pull = fork.story.conflict()
    fork.story.resolve(pull, {"f.txt": changed(5, by="both")})
    merged(fork, "1.1.0")
    fork.story.parameters = {"tag": "1.2.0"}
    fork.release("1.2.0", {"g.txt": LINES + "more\n"})
    merged(fork, "1.2.0", beside="beside.txt")
    (tmp_path / "plan.yaml").write_text(PLAN)
    upstream, downstream = fork.world.upstream.path, fork.downstream.path
    git(downstream, "update-ref", "refs/heads/main", f"refs/heads/{BRANCH}")
    words = [str(upstream), str(downstream), str(tmp_path / "plan.yaml")]
    code = main([*words, "--leave-out", "vendor", "--json", str(tmp_path / "found.json")])
    found = json.loads((tmp_path / "found.json").read_text())
    assert [it["questions"] for it in found] == [1, 0]
    assert [it["asked"] for it in found] == [["f.txt"], []]
    assert [it["differing"] for it in found] == [[], ["beside.txt"]]
    assert [it["wrong"] for it in found] == [[], []]
    assert code == 0
    assert "2 rebases, 2 done, 1 questions" in capsys.readouterr().out
