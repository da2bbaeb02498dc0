"""People are asked about a file that the step's merge driver refuses, even if git itself could merge it."""

from pathlib import Path

import pytest

from resync_argo.conflicts.record import Kind
from tests.git.clones import Clone, answer, make_clone, recorded_conflict, start_over

LINES = "".join(f"{number}\n" for number in range(1, 21))
BASE = {".gitattributes": "a merge=careful\n", "a": LINES, "b": "b\n"}
OWN = {"a": LINES.replace("\n5\n", "\n5 own\n")}
THEIR = {"a": LINES.replace("\n15\n", "\n15 their\n"), "b": "their\n"}
CAREFUL = "git config merge.careful.driver false\n"
SCRIPTS = {
    "merge": f"{CAREFUL}git merge --no-edit upstream",
    "squash": f"{CAREFUL}git merge --squash upstream\ngit commit -qm Squash",
    "rebase": f"{CAREFUL}git rebase upstream",
    "by a setting of the call": "git -c merge.careful.driver=false merge --no-edit upstream",
}


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return make_clone(tmp_path, base=BASE, downstream=OWN, upstream=THEIR)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_file_that_a_driver_refuses_is_asked_about_and_the_step_goes_on(
    clone: Clone, name: str
) -> None:
    start = clone.git("rev-parse", "HEAD")

    done = clone.run(SCRIPTS[name])

    assert done.returncode == 10, done.stderr
    (path,) = recorded_conflict(clone).paths
    assert (path.path, path.kind) == (b"a", Kind.UNDECIDED)
    assert {*path.downstream, *path.upstream} == {b"a"}
    answer(clone, {"a": "both\n"})
    start_over(clone, start)
    assert clone.run(SCRIPTS[name]).returncode == 0
    assert (clone.read("a"), clone.read("b")) == ("both", "their")


def test_a_drivers_merge_counts(clone: Clone) -> None:
    clone.write({"driver": '#!/bin/sh\necho by the driver >"$1"\n'})
    script = 'git config merge.careful.driver "sh ../driver %A"\nmv driver ..\ngit merge upstream'

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.read("a") == "by the driver"
