"""The Plan's rules for conflicts: what they decide, and what they leave to people."""

from pathlib import Path

import pytest

from resync_argo.api.plan import ConflictRule
from resync_argo.attempt.results import RESOLVER, load_result
from tests.git.clones import SHELLS, Clone, make_clone, recorded_conflict
from tests.git.combinations import first_always
from tests.git.conflict_story import make_story, show
from tests.git.repositories import git

BASE = {"f.txt": "1\n2\n3\n", "dir/g.txt": "a\nb\nc\n", "VERSION": "1\n"}
DOWNSTREAM = {"f.txt": "1\ndown\n3\n", "dir/g.txt": "a\ndown\nc\n", "VERSION": "1-down\n"}
UPSTREAM = {"f.txt": "1\nup\n3\n", "dir/g.txt": "a\nup\nc\n", "VERSION": "2\n"}

OPERATIONS = {
    "merge": "git merge --no-edit upstream",
    "pull": "git pull -q --no-rebase --no-edit . upstream",
    "rebase": "git rebase upstream",
    "rebase by patches": "git rebase --apply upstream",
    "pull that rebases": "git pull -q --rebase . upstream",
    "rebase of upstream's commits": "git rebase --onto main begin upstream",
    "cherry-pick of upstream's commits": "git cherry-pick begin..upstream",
    "cherry-pick of carried patches": "git checkout -q -B work upstream\ngit cherry-pick begin..main",
    "am of carried patches": (
        "git checkout -q -B work upstream\ngit format-patch --stdout begin..main | git am -3"
    ),
    "am of upstream's commits": "git format-patch --stdout begin..upstream | git am -3",
    "merge of downstream into upstream": "git checkout -q -B work upstream\ngit merge --no-edit main",
}


@pytest.fixture(params=first_always(SHELLS))
def clone(tmp_path: Path, request: pytest.FixtureRequest) -> Clone:
    return make_clone(
        tmp_path, shell=request.param, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM
    )


def write_rules(clone: Clone, *rules: tuple[str, str] | ConflictRule) -> None:
    parsed = [
        rule
        if isinstance(rule, ConflictRule)
        else ConflictRule.model_validate({"paths": rule[0].split(), "resolve": rule[1]})
        for rule in rules
    ]
    clone.rules[:] = parsed


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_rule_means_the_same_whatever_git_does(clone: Clone, operation: str) -> None:
    write_rules(clone, ("f.txt VERSION", "Upstream"), ("dir", "Downstream"))

    done = clone.run(OPERATIONS[operation])

    assert done.returncode == 0, done.stderr
    assert clone.read("f.txt") == "1\nup\n3"
    assert clone.read("VERSION") == "2"
    assert clone.read("dir/g.txt") == "a\ndown\nc"


def test_undoing_an_upstream_commit_is_downstreams_side(tmp_path: Path) -> None:
    clone = make_clone(tmp_path, base=BASE, downstream={}, upstream=UPSTREAM)
    clone.git("merge", "-q", "--no-edit", "upstream")
    clone.commit("On top", {"f.txt": "1\non top\n3\n"})
    write_rules(clone, ("f.txt", "Downstream"))

    done = clone.run("git revert --no-edit upstream")

    assert done.returncode == 0, done.stderr
    assert clone.read("f.txt") == "1\n2\n3"


def test_the_first_matching_rule_wins(clone: Clone) -> None:
    write_rules(clone, ("dir/**", "Ask"), ("**", "Upstream"))

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 10
    assert [path.path for path in recorded_conflict(clone).paths] == [b"dir/g.txt"]


def test_only_the_rest_is_asked_about(clone: Clone) -> None:
    write_rules(clone, ("VERSION", "Upstream"))

    clone.run("git merge --no-edit upstream")

    assert [path.path for path in recorded_conflict(clone).paths] == [b"dir/g.txt", b"f.txt"]


def test_paths_have_glob_semantics(clone: Clone) -> None:
    write_rules(clone, ("*.txt", "Upstream"))

    clone.run("git merge --no-edit upstream")

    assert [path.path for path in recorded_conflict(clone).paths] == [b"VERSION", b"dir/g.txt"]


def test_union_keeps_the_lines_of_both_sides_downstreams_first(clone: Clone) -> None:
    write_rules(clone, ("**", "Union"))

    done = clone.run("git rebase upstream")

    assert done.returncode == 0, done.stderr
    assert clone.read("f.txt") == "1\ndown\nup\n3"


def test_union_leaves_binary_files_to_people(tmp_path: Path) -> None:
    clone = make_clone(
        tmp_path, base={"b": b"\0"}, downstream={"b": b"\0down"}, upstream={"b": b"\0up"}
    )
    write_rules(clone, ("b", "Union"))

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 10


def test_delete_deletes(clone: Clone) -> None:
    write_rules(clone, ("**", "Delete"))

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 0, done.stderr
    assert clone.tracked() == {}
    assert not (clone.directory / "VERSION").exists()


@pytest.mark.parametrize("operation", ["git merge --no-edit upstream", "git rebase upstream"])
def test_a_file_that_downstream_deleted_stays_deleted(tmp_path: Path, operation: str) -> None:
    clone = make_clone(
        tmp_path, base=BASE, downstream={"VERSION": None, "f.txt": "d\n"}, upstream=UPSTREAM
    )
    rule = ConflictRule(paths=("**",), resolve="Upstream", keep_deleted=True)
    write_rules(clone, rule)

    done = clone.run(operation)

    assert done.returncode == 0, done.stderr
    assert "VERSION" not in clone.tracked()
    assert clone.read("f.txt") == "1\nup\n3"


def test_keep_deleted_alone_asks_about_everything_else(tmp_path: Path) -> None:
    clone = make_clone(
        tmp_path, base=BASE, downstream={"VERSION": None, "f.txt": "d\n"}, upstream=UPSTREAM
    )
    write_rules(clone, ConflictRule(paths=("**",), keep_deleted=True))

    clone.run("git merge --no-edit upstream")

    assert [path.path for path in recorded_conflict(clone).paths] == [b"f.txt"]


def test_upstreams_deletion_is_upstreams_side(tmp_path: Path) -> None:
    clone = make_clone(tmp_path, base=BASE, downstream=DOWNSTREAM, upstream={"f.txt": None})
    write_rules(clone, ("f.txt", "Upstream"))

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 0, done.stderr
    assert "f.txt" not in clone.tracked()


def test_the_steps_log_names_the_decisions_of_rules(clone: Clone) -> None:
    write_rules(clone, ("f.txt", "Upstream"))

    done = clone.run("git merge --no-edit upstream")

    assert "f.txt: decided by rule 1 of the Plan (Upstream)" in done.stdout


def test_a_pathspec_with_a_line_end_is_refused(clone: Clone) -> None:
    write_rules(clone, ConflictRule(paths=("a\nb",), resolve="Upstream"))

    done = clone.run("git merge --no-edit upstream")

    assert done.returncode == 10
    told = load_result(clone.attempt, RESOLVER)
    assert told is not None
    assert (told.reason, "may not hold a line end" in told.message) == ("InvalidPath", True)


def test_the_pull_request_lists_decisions_of_rules_first(tmp_path: Path) -> None:
    story = make_story(
        tmp_path / "world",
        ["git merge --no-edit $UPSTREAM_REF"],
        base=BASE,
        downstream=DOWNSTREAM,
        upstream=UPSTREAM,
        config={"conflicts": [{"paths": ["VERSION", "f.txt"], "resolve": "Upstream"}]},
    )

    pull = story.conflict()

    assert pull.body.startswith("**Decided by the Plan's rules, not by a person:** 2 files.")
    assert "| `f.txt` | both modified | 1 (Upstream) | upstream's | 1 (1 instead) |" in pull.body
    assert story.diff(pull, "--name-only") == "dir/g.txt"
    story.resolve(pull, {"dir/g.txt": "a\nboth\nc\n"})
    work_tree = story.finish()
    assert show(work_tree, "VERSION") == "2"
    assert git(work_tree, "log", "-1", "--format=%P").count(" ") == 1
