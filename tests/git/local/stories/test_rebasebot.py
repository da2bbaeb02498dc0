"""rebasebot's scenarios with hooks, Go modules and conflicts give the same graphs in `run`, or a question."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import CARRY_STEP, Fork, laptop_for, make_fork
from tests.git.local_runs import PULL_REQUEST, RESULT, Laptop

OURS = "UPSTREAM: <carry>: our cool addition"
HOOK = """touch test-hook-script.success
git add test-hook-script.success
git commit -q -m 'UPSTREAM: <drop>: test-hook-script generated files'
"""
GENERATED = "UPSTREAM: <drop>: test-hook-script generated files"
VENDOR = {
    "name": "Vendor",
    "run": """if [ -f go.work ]; then
  go work sync
  go work vendor
else
  go mod tidy
  go mod vendor
fi
git add -A
git diff --cached --quiet || git commit -q -m 'UPSTREAM: <drop>: Update and vendor Go modules'
""",
}
VENDORED = "UPSTREAM: <drop>: Update and vendor Go modules"
MODULE = "module example.com/foo\n\ngo 1.20\n"
MAIN = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("") }\n'


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    fork = make_fork(tmp_path)
    fork.carry(OURS, {"another_file.go": "package main\n"})
    return fork


def released(fork: Fork) -> None:
    fork.release("1.1.0", {"baz.txt": "fiz\n"}, "other upstream commit")


def machine(fork: Fork, *steps: dict[str, str], **config: object) -> Laptop:
    laptop = laptop_for(fork, CARRY_STEP, **config)
    laptop.write_plan(*steps, PULL_REQUEST, **config)
    return laptop


def graph(fork: Fork) -> list[str]:
    """Return the subjects on top of the merge that records upstream, oldest first; check that merge."""
    git = fork.downstream.git
    merge = git("rev-list", "--max-count=1", "--merges", "--first-parent", RESULT)
    parents = git("log", "--max-count=1", "--format=%P", merge).split()
    assert parents == [fork.downstream.tip(BRANCH), fork.world.upstream.tip("main")]
    assert git("diff", "--name-status", parents[1], merge) == ""
    log = ("log", "--reverse", "--first-parent", "--format=%s", f"{merge}..{RESULT}")
    return git(*log).splitlines()


def hook_in_the_fork(fork: Fork) -> list[str]:
    subject = "UPSTREAM: <carry>: add test hook script"
    fork.carry(subject, {"test-hook-script.sh": HOOK})
    return [subject]


@pytest.mark.parametrize(
    ("prepare", "steps", "added"),
    [
        (lambda _: [], [CARRY_STEP, {"run": HOOK}], [GENERATED]),
        (hook_in_the_fork, [CARRY_STEP, {"run": "sh test-hook-script.sh"}], [GENERATED]),
        (
            hook_in_the_fork,
            [CARRY_STEP, {"run": 'git show "origin/$DOWNSTREAM_BRANCH:test-hook-script.sh" | sh'}],
            [GENERATED],
        ),
        (lambda _: [], [{"run": "touch made-before"}, CARRY_STEP], []),
    ],
    ids=["of the Plan", "of the work tree", "of the branch", "before the carry"],
)
def test_a_hook_is_a_step(
    fork: Fork,
    prepare: Callable[[Fork], list[str]],
    steps: list[dict[str, str]],
    added: list[str],
) -> None:
    released(fork)
    carried = [OURS, *prepare(fork)]
    done = machine(fork, *steps, carries={"untagged": "Drop"}).run_json()
    assert done["outcome"] == "Synced"
    assert graph(fork) == [*carried, *added]


def test_a_failing_hook_publishes_nothing_and_its_exit_code_is_reported(fork: Fork) -> None:
    released(fork)
    done = machine(fork, {"name": "Check", "run": "exit 5"}, CARRY_STEP).run_json()
    assert done["outcome"] == "Failed"
    assert "Check" in done["message"]
    assert "5" in done["message"]
    assert fork.downstream.tip(RESULT) is None


def test_no_hook_runs_without_news(fork: Fork) -> None:
    laptop = machine(fork, {"run": "echo the hook ran"}, CARRY_STEP)
    done = laptop.run("1.0.0")
    assert done.returncode == 0
    assert "the hook ran" not in done.stdout + done.stderr
    assert fork.downstream.tip("resync/z-release/1.0.0") is None


def with_imports(fork: Fork) -> None:
    fork.release("1.1.0", {"go.mod": MODULE, "main.go": MAIN})


def with_a_workspace(fork: Fork) -> None:
    fork.release("1.1.0", {"go.mod": MODULE, "main.go": MAIN, "go.work": "go 1.20\n\nuse .\n"})


def test_go_modules_that_are_tidy_get_no_commit(fork: Fork) -> None:
    with_imports(fork)
    assert machine(fork, CARRY_STEP, VENDOR).run_json()["outcome"] == "Synced"
    assert graph(fork) == [OURS]


def test_a_go_workspace_is_vendored_as_a_whole(fork: Fork) -> None:
    with_a_workspace(fork)
    assert machine(fork, CARRY_STEP, VENDOR).run_json()["outcome"] == "Synced"
    assert graph(fork) == [OURS, VENDORED]
    assert "## workspace" in fork.downstream.show(RESULT, "vendor/modules.txt")


def test_go_modules_are_regenerated_each_time_and_the_last_commit_is_dropped(fork: Fork) -> None:
    with_imports(fork)
    own = "\nreplace example.com/nothing => ./nothing\n"
    nothing = {"nothing/go.mod": "module example.com/nothing\n\ngo 1.20\n"}
    untidy = f"{MODULE}\nrequire example.com/nothing v1.0.0\n{own}"
    fork.carry("UPSTREAM: <carry>: need nothing", {"go.mod": untidy, **nothing})
    fork.carry(VENDORED, {"vendor/old.txt": "old\n"})
    rule = {"paths": ["go.mod"], "resolve": "Downstream"}
    assert machine(fork, CARRY_STEP, VENDOR, conflicts=[rule]).run_json()["outcome"] == "Synced"
    assert graph(fork) == [OURS, "UPSTREAM: <carry>: need nothing", VENDORED]
    assert fork.downstream.show(RESULT, "go.mod") == (MODULE + own).rstrip("\n")
    there = fork.downstream.git("ls-tree", "-r", "--name-only", RESULT).split()
    assert "vendor/old.txt" not in there


def test_a_broken_go_mod_fails_and_publishes_nothing(fork: Fork) -> None:
    fork.release("1.1.0", {"go.mod": "this is not a valid go.mod\n", "main.go": MAIN})
    done = machine(fork, CARRY_STEP, VENDOR).run_json()
    assert done["outcome"] == "Failed"
    assert "Vendor" in done["message"]
    assert fork.downstream.tip(RESULT) is None


def a_file_that_only_one_side_has(fork: Fork) -> None:
    fork.carry("remove it", {"f.txt": None})
    fork.carry("Empty commit", {})
    fork.release("1.1.0", {"f.txt": "new content\n"}, "update it")


def lines_of_both_sides(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: add timeout", {"f.txt": "region\ntimeout\n"})
    fork.release("1.1.0", {"f.txt": "region\nkey\n"}, "Add KMS key support")


@pytest.mark.parametrize("prepare", [a_file_that_only_one_side_has, lines_of_both_sides])
def test_a_conflict_that_rebasebot_settles_silently_is_asked_about(
    fork: Fork, prepare: Callable[[Fork], None]
) -> None:
    prepare(fork)
    laptop = machine(fork, CARRY_STEP)
    asked = laptop.run_json()
    assert asked["outcome"] == "Conflict"
    assert asked["conflict"]["files"] == ["f.txt"]
    stub = {} if prepare is lines_of_both_sides else {"f.txt.resync-conflict": None}
    laptop.resolve(asked["conflict"], {"f.txt": "region\nkey\ntimeout\n", **stub})
    assert laptop.run_json()["outcome"] == "Synced"
    assert fork.downstream.show(RESULT, "f.txt") == "region\nkey\ntimeout"


def test_with_a_rule_the_graph_is_that_of_rebasebot(fork: Fork) -> None:
    a_file_that_only_one_side_has(fork)
    laptop = machine(fork, CARRY_STEP, conflicts=[{"paths": ["f.txt"], "keepDeleted": True}])
    assert laptop.run_json()["outcome"] == "Synced"
    assert graph(fork) == [OURS, "remove it"]
    assert "f.txt" not in fork.downstream.git("ls-tree", "--name-only", RESULT).split()
