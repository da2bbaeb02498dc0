"""The first merge's conflict is asked about before any step runs, with the question that the step would ask."""

from dataclasses import replace
from pathlib import Path

import pytest

from resync_argo.attempt.conflict.pull_request import publish_conflict
from resync_argo.attempt.conflict.stop import read_conflict
from resync_argo.forge.interface import PullRequest
from tests.git.builders import HOST, open_world
from tests.git.conflict_story import Files, Story, make_story
from tests.git.http_server import serve
from tests.git.random_histories import make_histories
from tests.git.repositories import git
from tests.git.steps import pull_request_step

MERGE = "set -eu\n# upstream first\ngit merge --no-edit $UPSTREAM_TAG\ngit log -1 > subject.txt"
LOG = "old line\n" * 99
BASE: Files = {
    "f.txt": "1\n2\n3\n",
    "b": b"\0base",
    "old": "x\n" * 30,
    "same": "same\n",
    "log": LOG,
}
DOWNSTREAM: Files = {"f.txt": "1\ndown\n3\n", "b": b"\0down", "old": "x\n" * 30 + "down\n"}
UPSTREAM: Files = {
    "f.txt": "1\nup\n3\n",
    "b": b"\0up",
    "old": None,
    "new": "x\n" * 30 + "up\n",
    "more": "more\n",
    "log": "new line\n" + LOG,
}


def story_of(tmp_path: Path, *scripts: str, **config: object) -> Story:
    story = make_story(
        tmp_path / "world",
        scripts or [MERGE],
        base=BASE,
        downstream=DOWNSTREAM,
        upstream=UPSTREAM,
        config=config,
    )
    story.world = replace(story.world, at_once=True)
    return story


def asked(story: Story) -> tuple[PullRequest, str, str]:
    """Return a conflict's pull request and the commits of its branches; delete the branches."""
    pull = story.conflict()
    names = (pull.base_branch, pull.head_branch)
    tips = [story.repository.tip(name) for name in names]
    for name in names:
        story.repository.git("update-ref", "-d", f"refs/heads/{name}")
    story.forge.pulls.clear()
    return pull, tips[0] or "", tips[1] or ""


def both_ways(story: Story) -> tuple[tuple[PullRequest, str, str], tuple[PullRequest, str, str]]:
    """Return the question before any step, and that of the step."""
    early = asked(story)
    story.world = replace(story.world, at_once=False)
    return early, asked(story)


@pytest.mark.parametrize(
    "merge",
    [
        "git merge $UPSTREAM_TAG",
        'git merge --no-ff -m "Merge $UPSTREAM_TAG (by resync)" "${UPSTREAM_TAG}"',
        "git merge -X diff-algorithm=patience --no-edit $UPSTREAM_REF",
        "git merge -q --strategy=ort \\\n  refs/tags/$UPSTREAM_TAG  # that is all",
        "git merge $UPSTREAM_COMMIT",
    ],
)
def test_the_question_is_that_of_the_step(tmp_path: Path, merge: str) -> None:
    story = story_of(tmp_path, merge)

    (early, *commits), (later, *by_step) = both_ways(story)

    assert commits == by_step
    assert (early.title, early.body) == (later.title, later.body)
    assert not story.attempts[0].work_tree.exists()
    assert story.attempts[1].work_tree.exists()


@pytest.mark.parametrize("seed", range(10))
def test_random_histories_give_the_same_question(tmp_path: Path, seed: int) -> None:
    make_histories(tmp_path, seed)
    story = Story(
        world=open_world(tmp_path),
        scripts=("git merge --no-edit $UPSTREAM_TAG",),
        parameters={"force": True},
    )
    story.world = replace(story.world, at_once=True)
    if story.attempt() is None:
        return  # a clean merge has nothing to compare
    story.world.forge.pulls.clear()
    refs = story.repository.git("for-each-ref", "--format=%(refname)", "refs/heads/resync").split()
    early = {ref: story.repository.git("rev-parse", ref) for ref in refs}
    for ref in refs:
        story.repository.git("update-ref", "-d", ref)

    story.world = replace(story.world, at_once=False)
    story.attempt()

    assert early == {ref: story.repository.git("rev-parse", ref) for ref in refs}


def test_much_less_is_fetched_for_it(tmp_path: Path) -> None:
    many: Files = {f"lib/{number}": f"{number}\n" * 50 for number in range(300)}
    story = make_story(
        tmp_path / "world",
        [MERGE],
        base={**BASE, **many},
        downstream=DOWNSTREAM,
        upstream=UPSTREAM,
    )
    story.world = replace(story.world, at_once=True)
    story.conflict()
    story.world = replace(story.world, at_once=False)
    story.conflict()

    early, by_step = (_blobs(it.attempt.layout.repository) for it in story.attempts)

    assert early <= 20
    assert by_step > 300


def _blobs(repository: Path) -> int:
    listing = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
    return listing.split().count("blob")


def test_nothing_more_is_fetched_to_publish_it(tmp_path: Path) -> None:
    """Over HTTP, git would fetch files to use them as bases of deltas."""
    story = story_of(tmp_path)
    with serve(story.world.root, token=None) as server:
        run = story.world.attempt(*story.scripts, hosts={HOST: server.url})
        run.check_out()
        for name in ("downstream", "upstream"):
            git(run.attempt.layout.repository, "config", f"remote.{name}.url", str(tmp_path))
        stop = read_conflict(run.attempt)
        assert stop is not None

        asked = publish_conflict(run.attempt, stop)

    assert asked.pull_request
    assert story.repository.git("fsck", "--strict", "--no-dangling") == ""


def test_the_answer_is_used_and_then_the_steps_run(tmp_path: Path) -> None:
    story = story_of(tmp_path)
    pull = story.conflict()
    story.push(pull, {"f.txt": "1\nboth\n3\n", "b.resync-conflict": None})
    story.push(pull, _settle_the_rest)
    story.merge(pull)

    tree = story.finish()

    assert (tree / "f.txt").read_text() == "1\nboth\n3\n"
    assert (tree / "subject.txt").exists()


def _settle_the_rest(folder: Path) -> None:
    for stub in folder.glob("*.resync-conflict"):
        stub.unlink()
    for file in folder.iterdir():
        if file.is_file() and "<<<<<<<" in file.read_text(errors="replace"):
            file.write_text("settled\n")


def test_rules_that_settle_all_let_the_steps_run(tmp_path: Path) -> None:
    story = story_of(tmp_path, conflicts=[{"paths": ["**"], "resolve": "Upstream"}])

    tree = story.finish()

    assert (tree / "f.txt").read_text() == UPSTREAM["f.txt"]


@pytest.mark.parametrize(
    "script",
    [
        "git config merge.renames false\ngit merge $UPSTREAM_TAG",
        "git merge $UPSTREAM_TAG || true",
        "git merge --squash $UPSTREAM_TAG",
        "git merge --no-commit $UPSTREAM_TAG",
        "git merge -s ours $UPSTREAM_TAG",
        "git merge '$UPSTREAM_TAG'",
        "git merge $(git rev-parse $UPSTREAM_TAG)",
        "git merge v1.0.0 $UPSTREAM_TAG",
        "git merge $PREVIOUS_TAG",
        "git -C . merge $UPSTREAM_TAG",
        "if true; then git merge $UPSTREAM_TAG; fi",
        "true && git merge $UPSTREAM_TAG",
        "git merge --fake $UPSTREAM_TAG",
        'git merge "unclosed $UPSTREAM_TAG',
        "",
    ],
)
def test_anything_but_a_plain_merge_is_left_to_the_step(tmp_path: Path, script: str) -> None:
    story = story_of(tmp_path, script or "true")
    run = story.world.attempt(*story.scripts)

    assert not run.check_out().asks_at_once
    assert run.work_tree.exists()


@pytest.mark.parametrize(
    "config",
    [
        {"env": [{"name": "GIT_CONFIG_COUNT", "value": "1"}]},
        {"include": [{"labels": ["now"]}]},
        {"conflicts": [{"paths": ["f.txt"], "resolve": "Ask", "propose": "cat $UPSTREAM"}]},
    ],
)
def test_a_conflict_that_needs_the_step_is_left_to_it(
    tmp_path: Path, config: dict[str, object]
) -> None:
    story = story_of(tmp_path)
    run = story.world.attempt(*story.scripts, config=config)

    assert not run.check_out().asks_at_once


def test_steps_say_why_they_do_nothing(tmp_path: Path) -> None:
    run = (story := story_of(tmp_path)).world.attempt(*story.scripts)

    run.check_out()
    done = run.step()

    assert done.returncode == 0
    assert b"skipped: Merging v1.1.0 stops at a conflict that needs a person." in done.stdout


def test_actions_say_so_as_well(tmp_path: Path) -> None:
    story = story_of(tmp_path)
    run = story.world.attempt(*story.scripts, pull_request_step("Sync", ""))
    (action,) = [it.container for it in run.attempt.contract.steps if it.action]
    run.check_out()

    result = run.act(action)

    assert str(result.report).startswith("Skipped: Merging v1.1.0 stops at a conflict")
    assert (result.exit_code, story.world.forge.pulls) == (0, [])
