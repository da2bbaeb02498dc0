"""The included pull requests of a sync whose steps merge are found, pinned, and listed."""

from dataclasses import replace

import pytest

from resync_argo.errors import Stalled
from resync_argo.forge.interface import PullRequest, PullRequestState
from tests.git.builders import BRANCH, HOST, Run, World
from tests.git.proposals import SYNC, attempt
from tests.git.repositories import Repository, git

ASKED = {"include": [{"author": "openshift-bot"}]}
TAKE = 'git merge $UPSTREAM_REF\nfor ref in $RESYNC_INCLUDED; do git merge --no-edit "$ref"; done'
"""The script of docs/write-a-plan.md."""
RECORD = "refs/resync-argo/_included/z-release/1.1.0"


def proposed(world: World, branch: str, name: str, *, author: str = "openshift-bot") -> PullRequest:
    """Return a pull request with one commit, which adds a file."""
    world.downstream.git("branch", branch, BRANCH)
    world.downstream.commit(branch, {name: f"{name}\n"}, message=f"Add {name}")
    return world.forge.propose(branch, base=BRANCH, author=author, title=f"Add {name}")


def ours(world: World) -> str:
    """Return the text of the final pull request."""
    return next(it.body for it in world.forge.pulls if it.head_branch == SYNC)


def asked(world: World, **more: object) -> Run:
    return attempt(world, TAKE, **{"config": ASKED, **more})  # type: ignore[arg-type]  # of its kinds


def test_a_step_merges_them_by_their_refs(world: World) -> None:
    first, second = proposed(world, "art", "art.txt"), proposed(world, "two", "two.txt")
    proposed(world, "stranger", "stranger.txt", author="stranger")
    run = asked(world)
    run.propose()
    down = world.downstream
    assert down.show(SYNC, "art.txt") == "art.txt"
    assert down.git("merge-base", "--is-ancestor", second.head_commit, SYNC) == ""
    names = down.git("ls-tree", "--name-only", SYNC).split()
    assert "stranger.txt" not in names
    refs = git(run.work_tree, "for-each-ref", "--format=%(refname) %(objectname)", "refs/resync/")
    assert refs.splitlines() == [
        f"refs/resync/include/1 {first.head_commit}",
        f"refs/resync/include/2 {second.head_commit}",
    ]
    told = f"- #1 `Add art.txt` of `openshift-bot`, at `{first.head_commit[:12]}`"
    assert told in ours(world).splitlines()


def test_the_forge_is_not_asked_if_the_plan_includes_nothing(world: World) -> None:
    proposed(world, "art", "art.txt")
    run = attempt(world)
    forgeless = replace(run.attempt, connect_forge=pytest.fail)
    seen = replace_attempt(run, forgeless).check_out()
    assert seen.included == ()
    assert git(run.work_tree, "for-each-ref", "refs/resync/") == ""


def replace_attempt(run: Run, made: object) -> Run:
    return replace(run, attempt=made)  # type: ignore[arg-type]  # it is one


def test_one_that_the_branch_has_is_listed_and_left_out_of_the_steps(world: World) -> None:
    pull = proposed(world, "art", "art.txt")
    world.downstream.git("update-ref", f"refs/heads/{BRANCH}", pull.head_commit)
    run = asked(world)
    run.propose()
    assert "RESYNC_INCLUDED=''" in run.control.environment.read_text()
    assert "not brought, for the branch has all of its commits" in ours(world)


def test_a_refresh_takes_the_present_ones_and_lists_the_changes(world: World) -> None:
    moved, closed = proposed(world, "art", "art.txt"), proposed(world, "two", "two.txt")
    asked(world).propose()
    world.forge.close_pull_request(closed.number)
    world.downstream.commit("art", {"art.txt": "newer\n"}, message="Newer")
    asked(world, number=2).propose()
    assert world.downstream.show(SYNC, "art.txt") == "newer"
    assert "two.txt" not in world.downstream.git("ls-tree", "--name-only", SYNC).split()
    body = ours(world)
    assert f"; it came along at `{moved.head_commit[:12]}` before" in body
    at = closed.head_commit[:12]
    assert f"#2 came along before, at `{at}`, and does not now: it was closed." in body


def test_one_that_was_merged_or_lost_its_label_is_no_longer_included(world: World) -> None:
    config = {"include": [{"label": "sync"}]}
    for number in (1, 2):
        proposed(world, f"b{number}", f"{number}.txt")
        world.forge.add_labels(number, ["sync"])
    asked(world, config=config).propose()
    world.forge.mark_merged(1, "0" * 40)
    world.forge.pulls[1] = replace(world.forge.pulls[1], labels=())
    asked(world, config=config, number=2).propose()
    assert "and does not now: it was merged." in ours(world)
    assert "and does not now: it no longer matches `config.include`." in ours(world)


def test_one_with_the_history_of_another_branch_is_refused(world: World) -> None:
    world.downstream.git("branch", "other", BRANCH)
    tip = None
    for number in range(101):
        tip = world.downstream.commit("other", {"n": f"{number}\n"}, message=str(number))
    assert tip is not None
    world.forge.propose("other", base=BRANCH, author="openshift-bot")
    with pytest.raises(Stalled, match="#1 has 101 commits that neither the branch nor the") as told:
        asked(world).check_out()
    assert told.value.reason == "TooManyIncluded"


@pytest.mark.parametrize("message", ["Nothing", "x\n\n{}", 'x\n\n{"state":"Asked"}', "x\n\n[]"])
def test_an_invalid_record_is_ignored(world: World, message: str) -> None:
    pull = proposed(world, "art", "art.txt")
    world.downstream.commit("broken", {"x": "x"}, message=message)
    world.downstream.git("update-ref", RECORD, "refs/heads/broken")
    asked(world).propose()
    assert world.downstream.git("rev-parse", f"{RECORD}^1") == pull.head_commit


def test_a_record_without_its_commit_is_ignored(world: World) -> None:
    pull = proposed(world, "art", "art.txt")
    asked(world).propose()
    text = world.downstream.git("cat-file", "commit", RECORD).replace("Published", "Asked")
    text = text.replace(f"parent {pull.head_commit}\n", "")
    made = world.downstream.git(
        "hash-object", "-t", "commit", "-w", "--stdin", stdin=f"{text}\n".encode()
    )
    world.downstream.git("update-ref", RECORD, made)
    newer = world.downstream.commit("art", {"art.txt": "newer\n"}, message="Newer")
    (found,) = asked(world, number=2).check_out().included
    assert found.head == newer


def test_a_fork_keeps_them_with_everything_that_they_need(world: World) -> None:
    fork = Repository(world.root / "bot" / "project")
    fork.commit("main", {"x": "x"})
    pull = proposed(world, "art", "art.txt")
    names = {"name": f"{HOST}/downstream/project", "branch": BRANCH, "fork": f"{HOST}/bot/project"}
    made = world.forge.pulls[0]
    world.forge.repository = fork.path
    world.forge.pulls[0] = replace(made, head_branch="elsewhere")
    asked(world, config={**ASKED, "downstream": names}).propose()
    assert fork.git("rev-parse", f"{RECORD}^1") == pull.head_commit
    assert fork.git("fsck", "--connectivity-only", "--no-dangling") == ""
    assert fork.show(SYNC, "art.txt") == "art.txt"


def test_a_closed_one_is_listed_if_a_question_had_pinned_it(world: World) -> None:
    pull = proposed(world, "art", "art.txt")
    run = asked(world)
    run.propose()
    record = world.downstream.git("cat-file", "commit", RECORD).replace("Published", "Asked")
    made = world.downstream.git(
        "hash-object", "-t", "commit", "-w", "--stdin", stdin=f"{record}\n".encode()
    )
    world.downstream.git("update-ref", RECORD, made)
    world.forge.close_pull_request(pull.number)
    assert world.forge.pulls[0].state is PullRequestState.CLOSED
    (found,) = asked(world, number=2).check_out().included
    assert (found.head, found.news) == (pull.head_commit, "it was closed since")
    # The Plan no longer wants it.
    other = {"include": [{"author": "somebody-else"}]}
    assert asked(world, number=3, config=other).check_out().included == ()
