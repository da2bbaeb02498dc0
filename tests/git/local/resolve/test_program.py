"""`resync-argo resolve` opens a conflict in your editor, goes on with the run, and loses nobody's work."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.git.local_runs import BRANCH, PROGRAM, RESULT, Laptop, shell


@pytest.fixture
def asked(in_conflict: Laptop) -> Laptop:
    """Return a laptop on which a conflict waits for a resolution."""
    assert in_conflict.run().returncode == 3
    return in_conflict


def resolve(laptop: Laptop, *words: str, editor: str = "false") -> subprocess.CompletedProcess[str]:
    laptop.variables["GIT_EDITOR"] = editor
    return laptop.call("resolve", laptop.plan, *words, "--forge", laptop.pulls)


def result(laptop: Laptop) -> str:
    return laptop.world.downstream.show(f"refs/heads/{RESULT}", "VERSION")


def trees(laptop: Laptop) -> list[Path]:
    return sorted(laptop.pulls.glob("resolve-*"))


def state(laptop: Laptop) -> str:
    return laptop.pull_request(1).splitlines()[2]


def test_the_editor_opens_and_the_run_goes_on(asked: Laptop) -> None:
    asked.variables["SEEN"] = str(asked.root / "seen")
    done = resolve(asked, editor='cat >"$SEEN" "$1"; echo mine >')

    assert done.returncode == 0, done.stderr
    assert "<<<<<<< downstream: release-1.0 (resync" in (asked.root / "seen").read_text()
    assert (result(asked), state(asked)) == ("mine", "state: merged")
    assert done.stdout.startswith("Synced")
    assert trees(asked) == []
    assert asked.left_behind() == []
    assert "worktree" not in asked.world.downstream.git("worktree", "list", "--porcelain")[9:]


def test_the_merge_tool_gets_all_three_sides(asked: Laptop) -> None:
    settings = asked.root / "settings"
    tool = 'cat \\"$BASE\\" \\"$LOCAL\\" \\"$REMOTE\\" >\\"$MERGED\\"'
    settings.write_text(
        f'[merge]\ntool = mine\n[mergetool "mine"]\ncmd = "{tool}"\ntrustExitCode = true\n'
    )
    asked.variables["GIT_CONFIG_GLOBAL"] = str(settings)

    done = resolve(asked)

    assert done.returncode == 0, done.stderr
    assert result(asked).split() == ["1.0.0", "1.0.0-downstream", "1.1.0"]


@pytest.mark.parametrize(
    ("side", "expected"), [("upstream", "1.1.0"), ("downstream", "1.0.0-downstream")]
)
def test_a_side_is_taken_without_an_editor(asked: Laptop, side: str, expected: str) -> None:
    done = resolve(asked, "VERSION", "--take", side)

    assert done.returncode == 0, done.stderr
    assert (result(asked), trees(asked)) == (expected, [])


def test_unresolved_files_are_listed_and_kept_until_resolved(asked: Laptop) -> None:
    left = resolve(asked, editor="sed -i s/upstream/theirs/")

    assert left.returncode == 3
    assert "`VERSION`" in left.stdout
    (tree,) = trees(asked)
    assert "theirs" in (tree / "VERSION").read_text()
    assert state(asked) == "state: open"
    # A second work tree would hide the first.
    assert resolve(asked).returncode == 2
    (tree / "VERSION").write_text("by hand\n")
    assert resolve(asked, "--continue").returncode == 0
    assert (result(asked), trees(asked)) == ("by hand", [])


def test_a_file_that_markers_cannot_represent_is_named_by_its_instructions(laptop: Laptop) -> None:
    laptop.world.downstream.commit(BRANCH, {"VERSION": None}, message="Drop the version")
    assert laptop.run().returncode == 3

    left = resolve(laptop, editor="true")

    assert left.returncode == 3
    assert "`VERSION.resync-conflict`" in left.stdout
    (tree,) = trees(laptop)
    (tree / "VERSION.resync-conflict").unlink()
    assert resolve(laptop, "--continue").returncode == 0


def test_a_person_may_resolve_by_hand_with_own_commits_or_give_up(asked: Laptop) -> None:
    assert resolve(asked, "--no-edit").returncode == 0
    (tree,) = trees(asked)
    status = subprocess.run(
        ["git", "status", "--short"], cwd=tree, capture_output=True, text=True, check=True
    )
    assert status.stdout == "UU VERSION\n"
    assert resolve(asked, "--abort").returncode == 0
    assert trees(asked) == []

    resolve(asked, "--no-edit")
    (tree / "VERSION").write_text("mine\n")
    env = asked.environment()
    subprocess.run(["git", "commit", "-qam", "My own words"], cwd=tree, env=env, check=True)
    assert resolve(asked, "--continue").returncode == 0
    assert result(asked) == "mine"


def test_somebody_elses_push_is_not_overwritten(asked: Laptop) -> None:
    resolve(asked, "--no-edit")
    (tree,) = trees(asked)
    (tree / "VERSION").write_text("mine\n")
    down = asked.world.downstream
    (head,) = [
        it
        for it in down.git("for-each-ref", "--format=%(refname:lstrip=2)").split()
        if it.endswith("/head")
    ]
    theirs = down.commit(head, {"VERSION": "theirs\n"}, message="Resolve it before you")

    done = resolve(asked, "--continue")

    assert done.returncode == 3
    assert "their work is not overwritten" in done.stdout
    assert down.tip(head) == theirs
    assert (tree / "VERSION").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("before", "kept"), [("", 0), ("echo half >VERSION; ", 1)], ids=["untouched", "begun"]
)
def test_ctrl_c_leaves_only_the_persons_work(asked: Laptop, before: str, kept: int) -> None:
    asked.variables["GIT_EDITOR"] = f"{before}touch {asked.root}/open; exec sleep 60 #"
    with asked.start("resolve", asked.plan, "--forge", asked.pulls) as process:
        while not (asked.root / "open").exists():
            assert process.poll() is None, process.communicate()
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)

    assert process.returncode == 130
    assert len(trees(asked)) == kept
    assert state(asked) == "state: open"


def test_a_work_tree_made_by_hand_is_left_alone(asked: Laptop) -> None:
    block = asked.pull_request(1).split("### On a laptop")[1].split("```sh\n")[1]
    shell(asked, block.splitlines()[:1])
    (tree,) = trees(asked)

    assert "was made by hand" in resolve(asked, "--abort").stderr
    assert (tree / "VERSION").exists()


def test_without_a_conflict_there_is_nothing_to_do(laptop: Laptop) -> None:
    done = resolve(laptop)

    assert done.returncode == 2
    assert "No conflict of the Plan z-release waits" in done.stderr


def test_the_run_prints_the_one_command_that_resolves_and_goes_on(in_conflict: Laptop) -> None:
    in_conflict.variables |= {
        "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}",
        "GIT_EDITOR": "echo mine >",
    }
    printed = in_conflict.run().stdout.split("all with this:\n")[1].splitlines()

    shell(in_conflict, printed)

    assert len(printed) == 1
    assert result(in_conflict) == "mine"
