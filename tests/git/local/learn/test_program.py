"""`resync-argo learn` proposes rules from a fork's own merges of releases, in real repositories."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from resync_argo.local.learn.lesson import Lesson
from resync_argo.local.learn.program import learn
from resync_argo.local.learn.texts import render
from resync_argo.local.plan_file import load_plan
from tests.git.builders import BRANCH, World, make_world
from tests.git.local_runs import MERGE, PULL_REQUEST, Laptop, make_laptop
from tests.git.squashes import bring

BUMPS = range(1, 7)
CI = ".github/ci.yml"
TEXTS = ("VERSION", "docs/guide.md", "OWNERS", "gen/a.txt", "gen/b.txt", "gen/OWNERS", "m.go")
"""In conflict in each bump, as are `CI`, which downstream deleted, and go.sum."""


def upstream_files(number: int) -> dict[str, str]:
    files = dict.fromkeys((*TEXTS, CI, "clean.txt"), f"upstream {number}\n")
    return {**files, "go.sum": f"example.com/up v1.{number}.0 h1:{number}AAA=\n"}


def downstream_files(number: int) -> dict[str, str]:
    files = dict.fromkeys(TEXTS, f"downstream {number}\n")
    return {**files, "go.sum": f"example.com/down v1.{number}.0 h1:{number}BBB=\n"}


def decided(number: int) -> dict[str, str | None]:
    """Return people's result of the bump."""
    theirs, own = upstream_files(number), downstream_files(number)
    files: dict[str, str | None] = {**theirs, CI: None, "OWNERS": own["OWNERS"]}
    if number == 5:
        files["docs/guide.md"] = "both\n"
    return {**files, "m.go": f"both {number}\n", "own.txt": "own\n"}


def bump(world: World, number: int) -> None:
    up, down = world.upstream, world.downstream
    release = up.commit("main", upstream_files(number), message=f"1.{number}.0")
    up.tag(f"v1.{number}.0", release)
    down.git("fetch", "-q", str(up.path), f"+{release}:refs/heads/tmp")
    down.git("update-ref", "-d", "refs/heads/tmp")
    tip = down.commit(BRANCH, {**downstream_files(number), CI: None, "own.txt": "own\n"})
    # People merge their branch into the release, too, and correct a merge before it lands.
    if number == 2:
        down.commit(BRANCH, decided(number), message="Merge", parents=(release, tip))
        return
    merged = {**decided(number), "VERSION": "oops\n"} if number == 6 else decided(number)
    down.commit("work", merged, message="Merge", parents=(tip, release))
    end = down.commit("work", decided(number), message="Correct it")
    down.commit(BRANCH, decided(number), message="Merge pull request", parents=(tip, end))
    down.git("update-ref", "-d", "refs/heads/work")


def make_fork(root: Path) -> World:
    world = make_world(root)
    first = world.upstream.commit("main", upstream_files(0), message="1.0.1", parents=())
    world.upstream.tag("v1.0.1", first)
    world.upstream.git("tag", "-d", "v1.0.0", "v1.1.0")
    world.downstream.git("fetch", "-q", str(world.upstream.path), f"+{first}:refs/heads/{BRANCH}")
    for number in BUMPS:
        bump(world, number)
    return world


def refs(laptop: Laptop) -> list[str]:
    return [it.git("for-each-ref") for it in (laptop.world.upstream, laptop.world.downstream)]


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Laptop:
    root = tmp_path_factory.mktemp("learn")
    laptop = Laptop(root=root, world=make_fork(root / "repositories"))
    laptop.temporary.mkdir()
    laptop.write_plan(MERGE, PULL_REQUEST)
    return laptop


@pytest.fixture(scope="module")
def found(owner: Laptop) -> dict[str, Any]:
    before = refs(owner)
    lesson = look(owner)
    assert refs(owner) == before
    return lesson


def look(laptop: Laptop) -> dict[str, Any]:
    done = laptop.call("learn", laptop.plan, "--format", "json")
    assert done.returncode == 0, done.stderr
    lesson: dict[str, Any] = json.loads(done.stdout)
    return lesson


def said(lesson: dict[str, Any], *, recommended: bool) -> dict[str, str]:
    return {
        it["rule"]["paths"][0]: it["rule"].get("resolve", "keepDeleted")
        for it in lesson["rules"]
        if it["recommended"] is recommended
    }


def test_files_always_decided_alike_give_a_rule_that_later_bumps_judge(
    found: dict[str, Any],
) -> None:
    assert said(found, recommended=True) == {
        "OWNERS": "Downstream",
        ".github/ci.yml": "keepDeleted",
        "VERSION": "UpstreamHunks",
        "gen/**": "UpstreamHunks",
    }
    assert (found["older"]["first"], found["older"]["last"]) == ("v1.1.0", "v1.3.0")
    assert (found["newer"]["first"], found["newer"]["last"]) == ("v1.4.0", "v1.6.0")
    assert (found["whole"]["asked"], found["newer"]["asked"]) == (54, 27)
    assert found["recommended"] == {"settled": 15, "otherwise": 0, "nobody": 0, "withSteps": 0}


def test_a_rule_that_later_bumps_contradict_is_shown_and_not_recommended(
    found: dict[str, Any],
) -> None:
    assert said(found, recommended=False) == {"docs/guide.md": "UpstreamHunks"}
    (guide,) = (it for it in found["rules"] if not it["recommended"])
    assert guide["judged"] == {
        "settled": 3,
        "otherwise": [{"tag": "v1.5.0", "path": "docs/guide.md"}],
    }
    assert (found["learned"]["settled"], found["learned"]["otherwise"]) == (18, 1)
    assert "docs/guide.md" not in found["yaml"]


def test_files_that_name_approvers_are_never_taken_from_upstream(found: dict[str, Any]) -> None:
    pasted = yaml.safe_load(found["yaml"])["conflicts"]

    asked = [it for it in pasted if "**/OWNERS" in it["paths"]]
    assert [it["resolve"] for it in asked] == ["Ask"]
    places = [it["paths"][0] for it in pasted]
    assert places.index("OWNERS") < pasted.index(asked[0]) < places.index("gen/**")


def test_the_pasted_plan_decides_as_promised(owner: Laptop, found: dict[str, Any]) -> None:
    pasted = yaml.safe_load(found["yaml"])
    owner.write_plan(MERGE, *pasted["steps"], PULL_REQUEST, conflicts=pasted["conflicts"])

    linted = owner.call("lint", owner.plan)
    again = look(owner)

    owner.write_plan(MERGE, PULL_REQUEST)
    text = render(Lesson.parse(again), "text")
    assert "error" not in linted.stdout
    assert again["byRules"] == {"files": 30, "otherwise": []}
    assert (again["bySteps"], again["whole"]["asked"]) == (6, 18)
    assert said(again, recommended=True) == {}
    assert "30 files (0 differently from you) decided by its rules" in text
    assert "docs/guide.md UpstreamHunks: not recommended; learned from 3 files in 3 bumps" in text
    assert "    otherwise: docs/guide.md in v1.5.0" in text
    assert owner.left_behind() == []


def test_for_regenerated_files_a_step_is_proposed_and_not_a_rule(found: dict[str, Any]) -> None:
    assert found["steps"] == [{"regenerate": "GoModules", "settled": 6, "bumps": 6, "beside": 0}]
    assert yaml.safe_load(found["yaml"])["steps"] == [{"regenerate": "GoModules"}]
    assert "go.sum" not in found["yaml"]


def test_of_a_long_history_the_newest_bumps_are_read(
    owner: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resync_argo.local.learn.program.MOST_BUMPS", 2)
    for name, value in owner.environment().items():
        monkeypatch.setenv(name, value)

    lesson = learn(load_plan(owner.plan), owner.environment())

    assert (lesson.whole.first, lesson.whole.last) == ("v1.5.0", "v1.6.0")
    assert [it.tag for it in lesson.unread] == ["v1.4.0"]
    assert "older than the newest 2, and so are 3 before it" in lesson.unread[0].why
    assert "conflicts:" not in lesson.yaml, "there is nothing later to judge a rule by"


def test_a_squashed_release_counts_if_there_is_a_record(tmp_path: Path) -> None:
    laptop = make_laptop(tmp_path)
    bring(laptop.world, squash=True).record()

    lesson = look(laptop)

    assert (lesson["whole"]["bumps"], lesson["whole"]["first"]) == (1, "v1.1.0")
    assert lesson["conflicts"] == lesson["whole"]["asked"] == 1


def test_a_fork_without_a_merge_of_a_release_gets_a_sentence(tmp_path: Path) -> None:
    laptop = make_laptop(tmp_path)

    done = laptop.call("learn", laptop.plan)

    assert done.returncode == 0
    assert done.stdout.splitlines()[1:] == [
        f"There is nothing to learn from: among 1 commit of its own {BRANCH} has no merge of an upstream"
        " release. Of releases that were squashed into it, `resync-argo doctor` tells."
    ]
