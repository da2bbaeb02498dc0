"""A partial clone serves steps that work on single commits, and a full one adds the rest."""

import pytest

from resync_argo.attempt.outcome import conclude
from resync_argo.attempt.repository import clone
from resync_argo.contract import Outcome
from tests.git.builders import BRANCH, Run, World
from tests.git.repositories import git

LINES = [f"line {number}\n" for number in range(1, 10)]
PICK = """\
git checkout -q --detach "$UPSTREAM_TAG"
git cherry-pick $(git rev-list --reverse --no-merges "$UPSTREAM_TAG..origin/$DOWNSTREAM_BRANCH")
"""


def lines(**changed: str) -> str:
    """Return the lines of a file, some of them changed: `l1="new"`."""
    texts = list(LINES)
    for name, text in changed.items():
        texts[int(name[1:]) - 1] = f"{text}\n"
    return "".join(texts)


def made_on_an_older_release(world: World, feature: dict[str, str | None]) -> None:
    """Merge downstream a branch that was forked before 1.1.0, and release 1.2.0.

    In 1.0.0 `f.txt` and `.ci/x.yml` are as they began; 1.1.0 and 1.2.0 change both.
    """
    up, down = world.upstream, world.downstream
    first = up.commit("main", {"f.txt": lines(), ".ci/x.yml": "1\n"})
    up.tag("v1.0.5", first)
    for branch in (BRANCH, "feature"):
        down.git("fetch", "-q", str(up.path), f"+{first}:refs/heads/{branch}")
    side = down.commit("feature", feature, message="Carry a feature")
    second = up.commit("main", {"f.txt": lines(l1="new"), ".ci/x.yml": "2\n"})
    up.tag("v1.1.5", second)
    down.git("fetch", "-q", str(up.path), f"+{second}:refs/heads/{BRANCH}")
    synced = down.commit(BRANCH, {"ours.txt": "ours\n"})
    merged = dict(feature)
    if "f.txt" in feature:
        merged["f.txt"] = lines(l1="new", l8="ours")
    down.commit(BRANCH, merged, message="Merge the feature", parents=(synced, side))
    up.tag("v1.2.0", up.commit("main", {"b.txt": "later\n", ".ci/x.yml": "3\n"}))


def ended(run: Run) -> int:
    """Check out and run the one step as the pod does; return its exit code."""
    run.check_out()
    return run.step().returncode


def test_a_pick_of_a_commit_made_on_an_older_release_has_what_it_reads(
    world: World,
) -> None:
    made_on_an_older_release(world, {"f.txt": lines(l8="ours")})
    run = world.attempt(PICK, version="1.2.0")

    assert ended(run) == 0
    assert git(run.work_tree, "show", "HEAD:f.txt") + "\n" == lines(l1="new", l8="ours")


def test_a_rebase_of_such_a_commit_has_what_it_reads(world: World) -> None:
    made_on_an_older_release(world, {"f.txt": lines(l8="ours")})
    run = world.attempt("git rebase $UPSTREAM_TAG", version="1.2.0")

    assert ended(run) == 0
    assert git(run.work_tree, "show", "HEAD:f.txt") + "\n" == lines(l1="new", l8="ours")


def test_a_pick_that_conflicts_over_such_a_commit_asks_people(world: World) -> None:
    made_on_an_older_release(world, {".ci/x.yml": None})
    run = world.attempt(PICK, version="1.2.0")

    assert ended(run) == 10
    assert conclude(run.attempt).outcome is Outcome.CONFLICT
    assert [pull.title for pull in world.forge.pulls] != []


def test_a_step_that_needs_missing_contents_is_advised_to_use_a_full_clone(world: World) -> None:
    made_on_an_older_release(world, {"f.txt": lines(l8="ours")})
    script = "git show v1.0.5:.ci/x.yml"
    run = world.attempt(script, version="1.2.0")
    whole = world.attempt(script, version="1.2.0", number=2, config={"clone": "Full"})

    assert ended(whole) == 0
    assert ended(run) == 128
    failed = conclude(run.attempt)
    assert (failed.outcome, failed.reason) == (Outcome.FAILED, "MissingObject")
    assert "`clone: Full`" in failed.message


def test_a_conflict_over_missing_contents_is_not_an_attack(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_on_an_older_release(world, {".ci/x.yml": None})
    monkeypatch.setattr(clone, "missing_old_sides", lambda _git, _span: set())
    run = world.attempt(PICK, version="1.2.0")

    assert ended(run) == 10
    failed = conclude(run.attempt)
    assert (failed.outcome, failed.reason) == (Outcome.FAILED, "MissingObject")
    assert "`clone: Full`" in failed.message
    assert world.forge.pulls == []
