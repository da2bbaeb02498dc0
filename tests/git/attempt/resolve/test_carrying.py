"""`git carry`: the fork's own commits on a new release, in one line of a Plan."""

from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import LINES, Fork, changed, make_fork, picked
from tests.git.repositories import git


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    return make_fork(tmp_path)


def test_patches_are_carried_onto_a_merge_with_upstreams_files_only(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.carry("UPSTREAM: <carry>: two", {"f.txt": changed(2, by="ours")})
    release = fork.release("1.1.0", {"f.txt": changed(20, by="theirs"), "new.txt": "new\n"})
    before = fork.downstream.tip(BRANCH)
    clone = fork.rebase()
    assert picked(clone) == ["UPSTREAM: <carry>: one", "UPSTREAM: <carry>: two"]
    merge = git(clone, "rev-parse", "HEAD~2")
    assert git(clone, "rev-parse", f"{merge}^1", f"{merge}^2").split() == [before, release]
    assert git(clone, "diff", release, merge) == ""
    both = changed(2, by="ours").replace("line 20\n", "line 20, theirs\n")
    assert fork.downstream.show(BRANCH, "f.txt") == both.rstrip("\n")
    assert git(clone, "log", "-1", "--format=%an %ae") == "Ada ada@example.org"
    assert git(clone, "status", "--porcelain") == ""


def test_the_next_rebase_begins_where_the_last_one_ended(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    fork.rebase("1.1.0")
    fork.carry("UPSTREAM: <carry>: two", {"two.txt": "2\n"})
    fork.release("1.2.0", {"new.txt": "newer\n"})
    clone = fork.rebase("1.2.0")
    assert picked(clone) == ["UPSTREAM: <carry>: one", "UPSTREAM: <carry>: two"]
    assert git(clone, "ls-tree", "--name-only", "HEAD").split() == [
        *("f.txt", "g.txt", "new.txt", "one.txt", "two.txt")
    ]


def test_three_conflicting_patches_are_one_question(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    fork.carry("UPSTREAM: <carry>: fifteen", {"f.txt": changed(5, 15, by="ours")})
    fork.carry("UPSTREAM: <carry>: other", {"g.txt": changed(9, by="ours")})
    fork.carry("UPSTREAM: <carry>: clean", {"clean.txt": "clean\n"})
    fork.release("1.1.0", {"f.txt": changed(5, 15, by="theirs"), "g.txt": changed(9, by="theirs")})
    pull = fork.story.conflict()
    for subject in ("five", "fifteen", "other"):
        assert f"UPSTREAM: <carry>: {subject}" in pull.body
    assert "<carry>: clean" not in pull.body
    assert "`git carry`" in pull.body
    answer = {"f.txt": changed(5, 15, by="both"), "g.txt": changed(9, by="both")}
    fork.story.resolve(pull, answer)
    clone = fork.story.finish()
    fork.land(clone)
    assert fork.downstream.show(BRANCH, "f.txt") == answer["f.txt"].rstrip("\n")
    assert fork.downstream.show(BRANCH, "g.txt") == answer["g.txt"].rstrip("\n")
    assert picked(clone) == [
        f"UPSTREAM: <carry>: {it}" for it in ("five", "fifteen", "other", "clean")
    ]
    assert len(fork.story.forge.pulls) == 1
    # The patch that changed the lines holds the answer, and the other only its own line.
    assert "line 15, both" in git(clone, "show", "HEAD~2:f.txt")
    assert git(clone, "show", "--format=", "--name-only", "HEAD~1") == "g.txt"


def test_whoever_resolved_a_patchs_conflict_is_credited_in_that_patch_alone(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: five\n\nWhy.", {"f.txt": changed(5, by="ours")}, author="bob")
    fork.carry("UPSTREAM: <carry>: nine", {"g.txt": changed(9, by="ours")}, author="bob")
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    fork.story.resolve(fork.story.conflict(), {"f.txt": changed(5, by="both")})
    clone = fork.story.finish()
    assert picked(clone) == ["UPSTREAM: <carry>: five", "UPSTREAM: <carry>: nine"]
    messages = git(clone, "log", "-2", "--reverse", "--format=%b%x00").split("\0")
    credit = "Co-authored-by: Ada <ada@example.org>"
    assert [it.strip() for it in messages] == [f"Why.\n\n{credit}", "", ""]


def test_an_author_is_not_credited_for_resolving_their_own_patch(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    fork.story.resolve(fork.story.conflict(), {"f.txt": changed(5, by="both")})
    clone = fork.story.finish()
    assert git(clone, "log", "-1", "--format=%an <%ae>%n%b").strip() == "Ada <ada@example.org>"


def test_whoever_changed_more_than_the_conflict_is_credited_for_it(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")}, author="bob")
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    answer = {"f.txt": changed(5, by="both"), "g.txt": changed(9, by="both")}
    fork.story.resolve(fork.story.conflict(), answer)
    clone = fork.story.finish()
    adjusted = git(clone, "log", "-1", "--format=%s%n%(trailers)").strip().split("\n")
    assert adjusted == [
        "UPSTREAM: <carry>: adjust carried patches to v1.1.0",
        "Co-authored-by: Ada <ada@example.org>",
    ]


def test_the_plans_rules_decide_about_patches_too(fork: Fork) -> None:
    fork.story.config = {"conflicts": [{"paths": ["f.txt"], "resolve": "Downstream"}]}
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    fork.rebase()
    assert fork.downstream.show(BRANCH, "f.txt") == changed(5, by="ours").rstrip("\n")


def test_a_patch_that_a_rule_empties_is_reported(fork: Fork) -> None:
    fork.story.config = {"conflicts": [{"paths": ["f.txt"], "resolve": "Upstream"}]}
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    clone = fork.rebase()
    assert picked(clone) == ["UPSTREAM: <carry>: one"]
    entry = fork.ledger().entries[0]
    assert (entry.fate, entry.conflicts) == ("became empty", ("f.txt",))


def test_dropped_patches_leave_nothing_behind(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: keep", {"f.txt": changed(2, by="kept")})
    fork.carry("UPSTREAM: <drop>: generated", {"f.txt": changed(2, 20, by="kept"), "gen": "x\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    clone = fork.rebase()
    assert picked(clone) == ["UPSTREAM: <carry>: keep"]
    assert fork.downstream.show(BRANCH, "f.txt") == changed(2, by="kept").rstrip("\n")
    assert "gen" not in git(clone, "ls-tree", "--name-only", "HEAD").split()
    assert [(it.fate, it.why) for it in fork.ledger().entries] == [
        ("kept", ""),
        ("dropped", "its subject says so"),
    ]


def test_a_patch_on_top_of_a_dropped_one_is_asked_about(fork: Fork) -> None:
    fork.carry("UPSTREAM: <drop>: generated", {"f.txt": changed(2, by="generated")})
    fork.carry("UPSTREAM: <carry>: keep", {"f.txt": changed(2, by="generated and kept")})
    fork.release("1.1.0", {"new.txt": "new\n"})
    pull = fork.story.conflict()
    assert "f.txt" in pull.body
    fork.story.push(pull, {"f.txt": changed(2, by="kept"), "f.txt.resync-conflict": None})
    fork.story.merge(pull)
    clone = fork.story.finish()
    assert git(clone, "show", "HEAD:f.txt") == changed(2, by="kept").rstrip("\n")


def test_a_merges_resolution_in_a_file_of_a_dropped_commit_is_asked_about(fork: Fork) -> None:
    fork.carry("UPSTREAM: <drop>: generated", {"f.txt": changed(2, by="generated")})
    fork.downstream.git("branch", "feature", BRANCH)
    fork.carry("UPSTREAM: <carry>: two", {"two.txt": "2\n"}, branch="feature")
    tip, feature = fork.downstream.tip(BRANCH), fork.downstream.tip("feature")
    files = {"f.txt": changed(2, by="generated").replace("line 20\n", "line 20, the merge\n")}
    parents = (str(tip), str(feature))
    fork.downstream.commit(BRANCH, {**files, "two.txt": "2\n"}, message="Merge", parents=parents)
    fork.release("1.1.0", {"new.txt": "new\n"})
    assert "f.txt" in fork.story.conflict().body


def test_a_merges_own_changes_are_not_lost(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"f.txt": changed(5, by="one")})
    git_in = fork.downstream.git
    git_in("branch", "feature", f"{BRANCH}~1")
    fork.carry("UPSTREAM: <carry>: two", {"f.txt": changed(5, by="two")}, branch="feature")
    tip, feature = fork.downstream.tip(BRANCH), fork.downstream.tip("feature")
    assert tip is not None
    assert feature is not None
    fork.downstream.commit(
        BRANCH,
        {"f.txt": changed(5, by="both"), "g.txt": changed(1, by="the merge")},
        message="Merge two",
        parents=(tip, feature),
    )
    fork.release("1.1.0", {"new.txt": "new\n"})
    fork.rebase()
    assert fork.downstream.show(BRANCH, "f.txt") == changed(5, by="both").rstrip("\n")
    assert fork.downstream.show(BRANCH, "g.txt") == changed(1, by="the merge").rstrip("\n")
    ledger = fork.ledger()
    assert [it.conflicts for it in ledger.entries] == [(), ("f.txt",)]
    assert ledger.rest_files == ("g.txt",)


def test_uncommitted_changes_are_refused(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    fork.story.scripts = ("echo more >>f.txt; git add f.txt; git carry",)
    assert "did not commit before `git carry`" in fork.refused()


@pytest.mark.parametrize("words", ["HEAD", "HEAD $UPSTREAM_COMMIT", "--onto=HEAD"])
def test_any_commit_but_the_release_is_refused(fork: Fork, words: str) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    fork.story.scripts = (f"git carry {words}",)
    assert "the release that is synced" in fork.refused()


def test_the_release_may_be_named(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    fork.story.scripts = ('git carry "$UPSTREAM_COMMIT"',)
    assert picked(fork.rebase()) == ["UPSTREAM: <carry>: one"]


def test_uncommitted_changes_in_other_files_stay(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    fork.story.scripts = ("echo mine >untracked.txt; git carry",)
    clone = fork.rebase()
    assert (clone / "untracked.txt").read_text() == "mine\n"
    assert (clone / "f.txt").read_text() == LINES


def test_unstaged_changes_are_never_lost(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"f.txt": changed(3, by="theirs")})
    run = fork.world.attempt("echo mine >>f.txt; git carry")
    run.check_out()
    done = run.step()
    assert done.returncode == 128
    assert b"Entry 'f.txt' not uptodate" in done.stdout
    assert (run.work_tree / "f.txt").read_text() == LINES + "mine\n"


def test_a_branch_that_has_the_release_stays_as_it_is(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    fork.story.scripts = (
        "git merge -q --no-edit $UPSTREAM_TAG; git rev-parse HEAD >was; git carry",
    )
    clone = fork.rebase()
    assert git(clone, "rev-parse", "HEAD") == (clone / "was").read_text().strip()
