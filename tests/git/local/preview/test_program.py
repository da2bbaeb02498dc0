"""`resync-argo preview` forecasts the next releases from real repositories."""

import json
from pathlib import Path
from typing import Any

from resync_argo.names import brought_ref
from tests.git.builders import HOST
from tests.git.local_runs import BRANCH, MERGE, PULL_REQUEST, Laptop, make_laptop
from tests.git.repositories import Repository
from tests.git.squashes import bring


def look(laptop: Laptop) -> dict[str, Any]:
    done = laptop.call("preview", laptop.plan, "--format", "json")
    assert done.returncode == 0, done.stderr
    outlook: dict[str, Any] = json.loads(done.stdout)
    return outlook


def add_release(laptop: Laptop, version: str, files: dict[str, str]) -> None:
    commit = laptop.world.upstream.commit("main", files, message=version)
    laptop.world.upstream.tag(f"v{version}", commit)


def by_version(outlook: dict[str, Any]) -> dict[str, Any]:
    return {release["version"]: release for release in outlook["releases"]}


def test_releases_come_oldest_first_each_with_its_forecast(laptop: Laptop) -> None:
    add_release(laptop, "1.2.0", {"ours.txt": "theirs\n"})

    outlook = look(laptop)

    assert outlook["contained"] == "1.0.0"
    assert [it["version"] for it in outlook["releases"]] == ["1.0.0", "1.1.0", "1.2.0"]
    assert [it["standing"] for it in outlook["releases"]] == ["Contained", "Submit", "Wait"]
    found = by_version(outlook)
    assert found["1.0.0"]["forecast"] is None
    clean = {
        "commits": 2,
        "files": 3,
        "conflicts": [],
        "byRules": [],
        "untouched": [],
        "bySteps": [],
    }
    assert found["1.1.0"]["forecast"] == clean
    assert found["1.2.0"]["forecast"]["conflicts"] == ["ours.txt"]


def test_the_forecast_agrees_with_the_run(laptop: Laptop) -> None:
    laptop.world.downstream.commit(BRANCH, {"VERSION": "mine\n", "a.txt": "mine\n"})

    forecast = by_version(look(laptop))["1.1.0"]["forecast"]

    assert forecast["conflicts"] == laptop.run_json()["conflict"]["files"]


def test_files_that_a_rule_settles_are_listed_separately(laptop: Laptop) -> None:
    laptop.world.downstream.commit(BRANCH, {"VERSION": "mine\n", "a.txt": "mine\n"})
    rules = [
        {"paths": ["a.*"], "resolve": "Ask"},
        {"paths": ["**"], "resolve": "Upstream"},
    ]
    laptop.write_plan(MERGE, PULL_REQUEST, conflicts=rules)

    forecast = by_version(look(laptop))["1.1.0"]["forecast"]

    assert forecast["conflicts"] == ["a.txt"]
    assert forecast["byRules"] == ["VERSION"]


def test_neither_forecast_nor_run_asks_about_regenerated_files(
    laptop: Laptop,
) -> None:
    again = {"regenerate": "Cargo"}
    lock = "Cargo.lock"
    laptop.world.downstream.commit(BRANCH, {lock: "mine\n", "VERSION": "mine\n"})
    laptop.world.upstream.tag("v1.2.0", laptop.world.upstream.commit("main", {lock: "theirs\n"}))
    laptop.write_plan(MERGE, again, PULL_REQUEST)

    forecast = by_version(look(laptop))["1.2.0"]["forecast"]
    text = laptop.call("preview", laptop.plan).stdout

    assert forecast["conflicts"] == laptop.run_json("1.2.0")["conflict"]["files"] == ["VERSION"]
    assert forecast["bySteps"] == [lock]
    assert "1 file to resolve, 1 file by steps; " in text


def test_tags_that_are_left_out_have_a_reason(laptop: Laptop) -> None:
    laptop.world.upstream.tag("v2.0.0", "v1.1.0")
    laptop.world.upstream.tag("v1.3.0-rc.1", "v1.1.0")
    laptop.world.upstream.tag("nightly", "v1.1.0")

    left_out = {it["tag"]: it["reason"] for it in look(laptop)["leftOut"]}

    assert left_out == {
        "v2.0.0": "OutOfRange",
        "v1.3.0-rc.1": "Prerelease",
        "nightly": "NotAVersion",
    }


def test_a_second_look_uses_the_cached_clone_and_sees_news(laptop: Laptop) -> None:
    look(laptop)
    laptop.world.downstream.commit(BRANCH, {"VERSION": "mine\n"})
    add_release(laptop, "1.2.0", {"c.txt": "c\n"})

    found = by_version(look(laptop))

    assert found["1.1.0"]["forecast"]["conflicts"] == ["VERSION"]
    assert "1.2.0" in found
    assert len(list((laptop.root / ".cache" / "resync-argo").iterdir())) == 1


def test_leftovers_of_an_interrupted_look_are_removed_from_the_cache(laptop: Laptop) -> None:
    look(laptop)
    (clone,) = (laptop.root / ".cache" / "resync-argo").glob("*/repository.git")
    left = [
        clone / "refs" / "resync-argo" / "preview" / "head.lock",
        clone / "config.lock",
        clone / "objects" / "pack" / "tmp_pack_AbCdEf",
        clone.parent / "secrets" / "github" / "token",
    ]
    for file in left:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("left")
    tip = laptop.world.downstream.commit(BRANCH, {"VERSION": "mine\n"})

    found = by_version(look(laptop))

    assert found["1.1.0"]["forecast"]["conflicts"] == ["VERSION"]
    assert Repository(clone).tip("refs/resync-argo/preview/head") == tip
    assert [file for file in left if file.exists()] == []


def test_the_cached_clone_outlives_a_crash_of_the_machine(laptop: Laptop) -> None:
    look(laptop)

    (clone,) = (laptop.root / ".cache" / "resync-argo").glob("*/repository.git")
    assert "fsync" not in (clone / "config").read_text()


def test_a_preview_writes_to_neither_repository(laptop: Laptop) -> None:
    before = [it.git("for-each-ref") for it in (laptop.world.upstream, laptop.world.downstream)]

    look(laptop)

    after = [it.git("for-each-ref") for it in (laptop.world.upstream, laptop.world.downstream)]
    assert after == before
    assert laptop.left_behind() == []


def test_people_read_a_summary_and_the_files(laptop: Laptop) -> None:
    laptop.world.downstream.commit(BRANCH, {"VERSION": "mine\n"})

    text = laptop.call("preview", laptop.plan).stdout
    graph = laptop.call("preview", laptop.plan, "--format", "mermaid").stdout

    assert "1.1.0 (v1.1.0): next\n  1 file to resolve; 2 commits, 3 changed files\n" in text
    assert "    VERSION\n" in text
    assert graph.startswith("graph LR\n")
    assert "a rebase asks commit by commit" not in text
    assert 'r0["1.1.0<br/>1 file to resolve"]:::conflict' in graph


def test_for_a_plan_that_rebases_a_note_says_that_a_merge_is_forecast(laptop: Laptop) -> None:
    laptop.write_plan({"run": "git rebase $UPSTREAM_TAG"})

    text = laptop.call("preview", laptop.plan).stdout

    assert "The steps rebase, and this is the forecast of a merge" in text


def test_the_graph_shows_due_releases_and_no_superseded_ones(laptop: Laptop) -> None:
    upstream = laptop.world.upstream
    upstream.git("tag", "v1.0.1", upstream.commit("side", {"s": "s"}, message="Side", parents=()))
    downstream = laptop.world.downstream
    downstream.git("fetch", "-q", str(upstream.path), "refs/tags/v1.1.0")
    downstream.git("update-ref", f"refs/heads/{BRANCH}", "FETCH_HEAD^{commit}")
    add_release(laptop, "1.2.0", {"late.txt": "late\n"})

    graph = laptop.call("preview", laptop.plan, "--format", "mermaid").stdout

    assert "1.2.0" in graph
    assert "1.0.1" not in graph


def test_a_missing_branch_is_one_sentence(laptop: Laptop) -> None:
    laptop.plan.write_text(laptop.plan.read_text().replace(f"branch: {BRANCH}", "branch: gone"))

    done = laptop.call("preview", laptop.plan)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "has no branch `gone`: create it, or correct `config.downstream.branch`" in done.stderr


def test_attributes_of_the_branch_count_as_in_a_run(laptop: Laptop) -> None:
    attributes = {".gitattributes": "sub/*.md merge=union\n*.bin -merge\n"}
    laptop.world.downstream.commit(
        BRANCH, {**attributes, "sub/C.md": "mine\n", "x.bin": "mine\n", "VERSION": "mine\n"}
    )
    add_release(laptop, "1.2.0", {"sub/C.md": "theirs\n", "x.bin": "theirs\n"})

    forecast = by_version(look(laptop))["1.2.0"]["forecast"]

    assert forecast["conflicts"] == ["VERSION", "x.bin"]
    assert laptop.run_json("1.2.0")["conflict"]["files"] == ["VERSION", "x.bin"]


def test_options_of_the_steps_merge_count(laptop: Laptop) -> None:
    laptop.world.downstream.commit(BRANCH, {"VERSION": "mine\n", "a.txt": "mine\n"})
    merge = {"run": 'echo "x"\ngit merge --no-edit -Xtheirs "$UPSTREAM_TAG"'}
    laptop.write_plan(merge, PULL_REQUEST)

    forecast = by_version(look(laptop))["1.1.0"]["forecast"]

    assert forecast["conflicts"] == []
    assert laptop.run_json()["outcome"] == "Synced"


def test_a_branch_whose_name_became_a_folder_is_read_from_the_same_cache(laptop: Laptop) -> None:
    look(laptop)
    laptop.world.downstream.git("branch", "-m", BRANCH, f"{BRANCH}/new")
    downstream = {"name": f"{HOST}/downstream/project", "branch": f"{BRANCH}/new"}
    laptop.write_plan(MERGE, PULL_REQUEST, downstream=downstream)

    assert by_version(look(laptop))["1.1.0"]["forecast"]["conflicts"] == []


def add_orphan(laptop: Laptop, version: str) -> None:
    orphan = laptop.world.upstream.commit("orphan", {"o.txt": "o\n"}, parents=())
    laptop.world.upstream.tag(f"v{version}", orphan)


def test_a_release_with_another_root_gets_a_sentence(laptop: Laptop) -> None:
    add_orphan(laptop, "1.2.0")

    found = by_version(look(laptop))

    assert found["1.1.0"]["forecast"]["conflicts"] == []
    assert found["1.2.0"]["forecast"] is None
    assert "no common commit" in found["1.2.0"]["problem"]
    assert found["1.2.0"]["problem"] in laptop.call("preview", laptop.plan).stdout


def test_a_release_with_another_root_is_forecast_if_the_step_merges_it(laptop: Laptop) -> None:
    add_orphan(laptop, "1.2.0")
    merge = {"run": "git merge --allow-unrelated-histories --no-edit $UPSTREAM_TAG"}
    laptop.write_plan(merge, PULL_REQUEST)

    assert by_version(look(laptop))["1.2.0"]["forecast"]["conflicts"] == []


def test_a_tag_that_does_not_name_a_commit_is_left_out(laptop: Laptop) -> None:
    laptop.world.upstream.tag("v1.3.0", "v1.1.0^{tree}", annotated=True)
    laptop.world.upstream.tag("v1.4.0", "v1.1.0:a.txt")

    outlook = look(laptop)

    assert {it["tag"]: it["reason"] for it in outlook["leftOut"]} == {
        "v1.3.0": "NotACommit",
        "v1.4.0": "NotACommit",
    }
    assert by_version(outlook)["1.1.0"]["forecast"]["conflicts"] == []
    done = laptop.run("1.3.0")
    assert done.returncode == 1
    assert "v1.3.0 names no commit" in done.stdout


def test_no_release_waits_for_a_tag_that_is_left_out(laptop: Laptop) -> None:
    laptop.world.upstream.tag("v1.2.0", "v1.1.0^{tree}")
    laptop.world.upstream.tag("v1.3.0", "v1.1.0")

    release = by_version(look(laptop))["1.3.0"]

    assert "1.1.0" in release["message"]
    assert "1.2.0" not in release["message"]


def test_a_driver_that_keeps_downstreams_file_counts(laptop: Laptop) -> None:
    laptop.world.downstream.commit(
        BRANCH, {".gitattributes": "VERSION merge=ours\n", "VERSION": "mine\n", "a.txt": "mine\n"}
    )
    script = "git config --local merge.ours.driver true\ngit merge --no-edit $UPSTREAM_TAG"
    laptop.write_plan({"run": script}, PULL_REQUEST)

    forecast = by_version(look(laptop))["1.1.0"]["forecast"]

    assert forecast["conflicts"] == ["a.txt"]
    assert laptop.run_json()["conflict"]["files"] == ["a.txt"]


def test_it_names_the_people_whose_time_a_release_needs(laptop: Laptop) -> None:
    laptop.world.downstream.commit(BRANCH, {"VERSION": "mine\n"}, message="Mine")

    release = by_version(look(laptop))["1.1.0"]

    assert release["people"] == [{"name": "Ada", "places": 1}]
    assert (
        "whose lines are in conflict: Ada (1 place)" in laptop.call("preview", laptop.plan).stdout
    )


def test_a_release_that_is_too_young_waits_from_when_this_machine_first_saw_it(
    laptop: Laptop,
) -> None:
    upstream = {"name": f"{HOST}/upstream/project", "matchedVersions": ["1.x"], "minimumAge": "3d"}
    laptop.write_plan(MERGE, PULL_REQUEST, upstream=upstream)
    young = by_version(look(laptop))["1.1.0"]
    text = laptop.call("preview", laptop.plan).stdout
    (memory,) = (laptop.root / ".cache" / "resync-argo").glob("*/first-seen.json")
    seen = json.loads(memory.read_text())
    assert set(seen) == {"v1.0.0", "v1.1.0"}
    seen["v1.1.0"]["time"] = "2026-01-01T00:00:00Z"
    memory.write_text(json.dumps(seen))

    grown = by_version(look(laptop))["1.1.0"]

    assert (young["standing"], young["reason"]) == ("Wait", "TooYoung")
    assert young["forecast"] is not None
    assert young["dueTime"] in text
    assert (grown["standing"], grown["dueTime"]) == ("Submit", None)


def outlook_after(laptop: Laptop, *, squash: bool, recorded: bool = False) -> dict[str, Any]:
    told = bring(laptop.world, squash=squash)
    if recorded:
        told.record()
    return look(laptop)


def test_a_recorded_squash_does_not_affect_the_next_forecast(
    laptop: Laptop, tmp_path: Path
) -> None:
    other = make_laptop(tmp_path / "other")

    squashed = outlook_after(laptop, squash=True, recorded=True)
    merged = outlook_after(other, squash=False)

    assert squashed["contained"] == merged["contained"] == "1.1.0"
    assert squashed["releases"] == merged["releases"]
    found = by_version(squashed)
    assert (found["1.1.0"]["standing"], found["1.2.0"]["standing"]) == ("Contained", "Submit")
    assert found["1.2.0"]["forecast"]["conflicts"] == ["a.txt"]
    assert laptop.run_json("1.2.0")["conflict"]["files"] == ["a.txt"]
    assert laptop.run_json("1.1.0")["outcome"] == "AlreadySynced"


def test_a_deleted_record_no_longer_counts_in_the_same_cache(laptop: Laptop) -> None:
    laptop.ask_everything()
    told = bring(laptop.world, squash=True)
    before = by_version(look(laptop))
    told.record()
    with_record = by_version(look(laptop))
    laptop.world.downstream.git("update-ref", "-d", brought_ref(BRANCH, told.merged))

    after = by_version(look(laptop))

    assert with_record["1.2.0"]["forecast"]["conflicts"] == ["a.txt"]
    assert after["1.2.0"]["forecast"]["conflicts"] == ["VERSION", "a.txt", "new/n.txt"]
    assert after == before
