"""The exercise of the quick start on the local cluster, command by command as the page has it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.demo.shell import write_shell
from tests.world.world import ROOT, World

pytestmark = pytest.mark.cluster

BLOCK = re.compile(r"^```sh demo-cluster\n(.*?)^```$", re.M | re.S)
ANSWER = 'package scheduler\n\nconst Policy = "pack, then balance"\n'


def test_the_exercise_ends_with_a_pull_request_that_has_the_answer(
    world: World, tmp_path: Path
) -> None:
    world.release("1.21.2")
    write_shell(world, tmp_path / "shell")
    folder = tmp_path / "exercise"
    folder.mkdir()

    done = subprocess.run(
        ["bash", "-e", "-c", exercise(world, tmp_path / "shell")],
        cwd=folder,
        env={**os.environ, **person(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    final, question = world.pull_requests()
    assert (final.state, final.base.ref, question.merged) == ("open", "practice", True)
    fork = folder / "fork"
    show: list[str | Path] = ["git", "-C", fork, "show", "FETCH_HEAD:pkg/scheduler/scheduler.go"]
    assert subprocess.run(show, capture_output=True, text=True, check=True).stdout == ANSWER


def exercise(world: World, shell: Path) -> str:
    """Return the page's commands, with the names of this world."""
    text = "".join(BLOCK.findall((ROOT / "docs" / "quick-start.md").read_text()))
    text, sourced = re.subn(r"^\. /tmp/\S+/shell$", f". {shell}", text, flags=re.M)
    assert sourced == 1
    for on_the_page, here in (
        ("/kubernetes/kubernetes", f"/{world.upstream_name}"),
        ("/openshift/kubernetes", f"/{world.downstream_name}"),
        ("-n resync-demo", f"-n {world.name}"),
        ("resync.local/step:1", world.cluster.step_image),
    ):
        assert on_the_page in text
        text = text.replace(on_the_page, here)
    return text


def person(folder: Path) -> dict[str, str]:
    """Return the variables of a person whose editor writes the answer."""
    answer = folder / "answer"
    answer.write_text(ANSWER)
    who = {"NAME": "Jane Doe", "EMAIL": "jane@example.com"}
    names = {f"GIT_{role}_{it}": who[it] for role in ("AUTHOR", "COMMITTER") for it in who}
    return {**names, "GIT_EDITOR": f"cp {answer}"}
