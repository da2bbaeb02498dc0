"""Conflicts in files that a step makes again: settled by what they say, the same whatever git does; what is not certain is asked."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from resync_argo.api.plan import ConflictRule
from resync_argo.attempt.conflict.decision_text import describe_decisions
from resync_argo.attempt.conflict.decisions import load_decisions
from tests.git.clones import Clone, Content, make_clone, recorded_conflict, recorded_stop
from tests.git.steps import regenerate_step

GO_MOD = """module example.com/m

go 1.21

require (
\texample.com/a v1.0.0
\texample.com/b v1.0.0
)
"""
GO_SUM = "example.com/a v1.0.0 h1:a=\n"
BASE = {
    "go.mod": GO_MOD,
    "go.sum": GO_SUM,
    "vendor/modules.txt": "old\n",
    "vendor/example.com/a/a.go": "old\n",
    "Cargo.lock": "old\n",
    "f.txt": "old\n",
}
DOWNSTREAM = {
    "go.mod": GO_MOD.replace("b v1.0.0\n", "b v1.4.0\n\texample.com/ours v1.0.0\n"),
    "go.sum": GO_SUM + "example.com/b v1.4.0 h1:b4=\n",
    "vendor/modules.txt": "downstream\n",
    "vendor/example.com/a/a.go": None,
    "Cargo.lock": "downstream\n",
}
UPSTREAM = {
    "go.mod": GO_MOD.replace("b v1.0.0\n", "b v1.3.0\n\texample.com/c v1.0.0\n"),
    "go.sum": GO_SUM + "example.com/b v1.3.0 h1:b3=\n",
    "vendor/modules.txt": "upstream\n",
    "vendor/example.com/a/a.go": "upstream\n",
    "Cargo.lock": "upstream\n",
}
MERGED = GO_MOD.replace(
    "b v1.0.0\n", "b v1.4.0\n\texample.com/c v1.0.0\n\texample.com/ours v1.0.0\n"
)

OPERATIONS = {
    "merge": "git merge --no-edit upstream",
    "rebase": "git rebase upstream",
    "cherry-pick of carried patches": "git checkout -q -B work upstream\ngit cherry-pick begin..main",
    "cherry-pick of upstream's commits": "git cherry-pick begin..upstream",
    "merge of downstream into upstream": "git checkout -q -B work upstream\ngit merge --no-edit main",
    "carry": "git carry",
}


def clone_of(
    root: Path, downstream: Mapping[str, Content], upstream: Mapping[str, Content], *kinds: str
) -> Clone:
    """Return a clone whose Plan has a step for each kind."""
    clone = make_clone(root, base=BASE, downstream=downstream, upstream=upstream)
    for number, kind in enumerate(kinds):
        clone.steps.append(regenerate_step(kind, f"0{number + 3}-again"))  # type: ignore[arg-type]  # of `Regenerate`
    return clone


@pytest.mark.parametrize("operation", OPERATIONS)
def test_files_that_a_step_makes_again_need_nobody(tmp_path: Path, operation: str) -> None:
    clone = clone_of(tmp_path, DOWNSTREAM, UPSTREAM, "GoModules", "Cargo")

    done = clone.run(OPERATIONS[operation])

    assert done.returncode == 0, done.stderr
    assert clone.read("go.mod") == MERGED.rstrip("\n")
    assert clone.read("go.sum").splitlines() == [
        "example.com/a v1.0.0 h1:a=",
        "example.com/b v1.3.0 h1:b3=",
        "example.com/b v1.4.0 h1:b4=",
    ]
    assert clone.read("vendor/modules.txt") == "upstream"
    assert clone.read("vendor/example.com/a/a.go") == "upstream"
    assert clone.read("Cargo.lock") == "upstream"
    decided = load_decisions(clone.attempt)
    assert {(it.kind, it.by) for it in decided} == {("step", "03-again"), ("step", "04-again")}


def test_the_pull_request_names_what_steps_make_again(tmp_path: Path) -> None:
    clone = clone_of(tmp_path, DOWNSTREAM, UPSTREAM, "GoModules", "Cargo")
    clone.run(OPERATIONS["merge"])

    assert describe_decisions(clone.attempt) == (
        "**Made again by a step, so nobody was asked:**\n\n"
        "- `Make it again`: 1 file in conflict, `Cargo.lock`\n"
        "- `Make it again`: 4 files in conflict, `go.mod`, `go.sum`, `vendor/modules.txt`,"
        " `vendor/example.com/a/a.go`"
    )


def test_without_the_step_everything_is_asked(tmp_path: Path) -> None:
    clone = clone_of(tmp_path, DOWNSTREAM, UPSTREAM, "Npm")

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 10
    assert {it.path.decode() for it in recorded_conflict(clone).paths} == UPSTREAM.keys()


def test_a_rule_that_names_a_file_has_the_word(tmp_path: Path) -> None:
    clone = clone_of(tmp_path, DOWNSTREAM, UPSTREAM, "GoModules", "Cargo")
    clone.rules.append(ConflictRule(paths=("go.mod",), resolve="Ask"))
    clone.rules.append(ConflictRule(paths=("go.sum",), resolve="Downstream"))

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 10
    assert [it.path for it in recorded_conflict(clone).paths] == [b"go.mod"]
    decided = {it.path.path: it.kind for it in load_decisions(clone.attempt)}
    assert decided.pop(b"go.sum") == "rule"
    assert set(decided.values()) == {"step"}


def test_what_cannot_be_read_is_asked(tmp_path: Path) -> None:
    own = {"go.mod": GO_MOD + "\nfrobnicate `|x|`\n"}
    clone = clone_of(
        tmp_path, dict(own), {"go.mod": GO_MOD + "\ntool example.com/a\n"}, "GoModules"
    )

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 10
    assert recorded_stop(clone).notes == (
        "`go.mod` is left to you: `line 10, a 'frobnicate', has no meaning that is known here`.",
    )


def test_replacements_that_both_changed_are_asked(tmp_path: Path) -> None:
    own, theirs = (
        {"go.mod": f"{GO_MOD}\nreplace example.com/a => {it}\n\nreplace b => {it}\n"}
        for it in ("./a", "../a")
    )
    clone = clone_of(tmp_path, own, theirs, "GoModules")

    clone.run("git merge --no-edit upstream")

    assert recorded_stop(clone).notes == (
        "`go.mod` is left to you:"
        " `replace example.com/a: it was nothing, downstream has ./a, upstream has ../a`,"
        " `replace b: it was nothing, downstream has ./a, upstream has ../a`.",
    )


def test_where_upstream_vendors_no_more_the_step_vendors_what_downstream_had(
    tmp_path: Path,
) -> None:
    gone: dict[str, Content] = {"vendor/modules.txt": None, "vendor/example.com/a/a.go": None}
    own: dict[str, Content] = {
        "vendor/modules.txt": "ours\n",
        "vendor/example.com/a/a.go": "ours\n",
    }
    clone = clone_of(tmp_path, own, gone, "GoModules")

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 0, done.stderr
    assert {it.kind for it in load_decisions(clone.attempt)} == {"step"}


def test_a_folder_named_vendor_without_a_module_is_nobodys(tmp_path: Path) -> None:
    own, theirs = ({"php/vendor/a.php": f"{it}\n"} for it in ("ours", "theirs"))
    clone = clone_of(tmp_path, dict(own), dict(theirs), "GoModules")

    assert clone.run("git merge --no-edit upstream").returncode == 10


def test_a_lock_that_a_side_deleted_is_asked(tmp_path: Path) -> None:
    clone = clone_of(tmp_path, {"Cargo.lock": None}, {"Cargo.lock": "theirs\n"}, "Cargo")

    assert clone.run("git merge --no-edit upstream").returncode == 10
