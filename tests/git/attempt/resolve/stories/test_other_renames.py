"""If the step's git finds other renames than ours, as an old git does, its question counts."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.git.clones import answer, make_clone, recorded_stop, start_over
from tests.git.debian_gits import programs_of

pytestmark = pytest.mark.debian

LINES = "".join(f"line {number}\n" for number in range(30))
SHORT = "1\n2\n3\n"
MOVED = "new\n3\n"


@pytest.mark.parametrize(
    "script",
    ["git rebase -q upstream", "git merge --no-edit upstream", "git cherry-pick upstream"],
    ids=["rebase", "merge", "cherry-pick"],
)
def test_a_file_that_only_the_steps_git_moves_is_asked_about(tmp_path: Path, script: str) -> None:
    made = make_clone(
        tmp_path,
        base={"lib/x": LINES, "doc/n": SHORT, "kept": "1\n"},
        downstream={"lib/x": None, "doc/x": LINES},
        upstream={"doc/n": None, "lib/deep/alpha": MOVED},
    )
    clone = replace(made, programs=programs_of("bullseye"))
    start = clone.git("rev-parse", "HEAD")

    clone.run(script)

    paths = recorded_stop(clone).conflict.paths
    assert [path.path for path in paths] == [b"doc/deep/alpha"]
    assert paths[0].upstream, "upstream's file is offered"

    answer(clone, {"doc/deep/alpha": MOVED})
    start_over(clone, start)
    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.read("doc/deep/alpha") == MOVED.strip()
    assert sorted(clone.tracked()) == ["doc/deep/alpha", "doc/x", "kept"]
