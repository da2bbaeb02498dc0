"""Upstream's version of a conflicted file that downstream never changed is taken; uncertain files are asked about."""

from pathlib import Path
from typing import Any

import pytest

from resync_argo.attempt.merge.conflicts import merge_sides
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.raw import THEIR_STAGE, Sides
from resync_argo.attempt.merge.untouched import Origins, find_untouched
from resync_argo.git import Git
from tests.git.builders import BRANCH
from tests.git.clones import Content, Moded
from tests.git.conflict_story import Files, Story, entries, put, show
from tests.git.release_branches import BASE, MERGE, PATCHED, PATCHES, RELEASED, make_story
from tests.git.repositories import Repository, git

NEW = "1\nreleased\n3"
LONG = "".join(f"line {number}\n" for number in range(40))
ONTO_RELEASE = "git checkout -q -B work $UPSTREAM_TAG\n"


def asked(story: Story) -> list[str]:
    """Return the files that the first attempt asks about."""
    return story.diff(story.conflict(), "--name-only").split()


def test_upstreams_version_is_taken_and_downstreams_own_change_is_asked_about(
    tmp_path: Path,
) -> None:
    story = make_story(tmp_path, own={"g.txt": "a\nown\nc\n", "h.txt": "x\ny\nown\n"})

    pull = story.conflict()

    assert story.diff(pull, "--name-only") == "g.txt"
    story.resolve(pull, {"g.txt": "a\nboth\nc\n"})
    clone = story.finish()
    assert (show(clone, "f.txt"), show(clone, "g.txt")) == (NEW, "a\nboth\nc")
    assert show(clone, "h.txt") == "x\ny\nown"
    assert git(clone, "log", "-1", "--format=%P").count(" ") == 1


@pytest.mark.parametrize(
    "script",
    [
        MERGE,
        "git pull -q --no-rebase --no-edit . refs/tags/$UPSTREAM_TAG",
        "git merge -q --squash $UPSTREAM_TAG\ngit commit -qm Squash",
        "git merge -q --no-commit $UPSTREAM_TAG\ngit commit -qm Merge",
        "git merge --no-edit -Xpatience $UPSTREAM_TAG",
        "git rebase -q $UPSTREAM_TAG",
        "git rebase -q --onto $UPSTREAM_TAG v1.0.0",
        f"{ONTO_RELEASE}git cherry-pick v1.0.0..origin/{BRANCH}",
        f"{ONTO_RELEASE}git merge -q --no-edit origin/{BRANCH}",
        "git carry",
    ],
)
def test_the_result_is_the_same_whatever_git_does(tmp_path: Path, script: str) -> None:
    story = make_story(tmp_path, script)

    clone = story.finish()

    assert {it: show(clone, it) for it in ("f.txt", "g.txt", "own.txt")} == {
        "f.txt": NEW,
        "g.txt": "a\nreleased\nc",
        "own.txt": "own",
    }
    assert git(clone, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    "script",
    [
        "git cherry-pick $UPSTREAM_TAG",
        f"{ONTO_RELEASE}git cherry-pick v1.0.1",
        f"{ONTO_RELEASE}git cherry-pick $(git rev-list --reverse v1.0.0..origin/{BRANCH})",
        "git rebase -q --onto HEAD v1.0.0 $UPSTREAM_TAG",
        "git format-patch -q --stdout v1.0.0..$UPSTREAM_TAG | git am -q -3",
        "git diff --full-index v1.0.0 $UPSTREAM_TAG | git apply -q -3",
        "git checkout -q -b other v1.0.0\nprintf '1\\nreleased\\n3\\n' >f.txt\ngit commit -qam Other\n"
        "git checkout -q -\ngit merge --no-edit other",
        "git checkout -q v1.0.0\ngit checkout -q $UPSTREAM_TAG f.txt\ngit stash -q\ngit checkout -q -\n"
        "git stash pop -q",
    ],
)
def test_a_merge_of_less_than_the_whole_release_is_asked_about(tmp_path: Path, script: str) -> None:
    assert "f.txt" in asked(make_story(tmp_path, script))


def test_the_plan_can_ask_about_all_such_files(tmp_path: Path) -> None:
    assert asked(make_story(tmp_path, config={"untouched": "Ask"})) == ["f.txt", "g.txt"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"resolve": "Downstream"}, "1\npatched\n3"),
        ({"resolve": "Union"}, "1\npatched\nreleased\n3"),
        ({"resolve": "Delete"}, None),
        ({"keepDeleted": True}, NEW),
        ({"propose": "exit 1"}, NEW),
    ],
)
def test_a_rule_of_the_plan_comes_first(
    tmp_path: Path, rule: dict[str, object], expected: str | None
) -> None:
    rules = [{"paths": ["f.*"], **rule}]

    clone = make_story(tmp_path, config={"conflicts": rules}).finish()

    assert (show(clone, "f.txt") if "f.txt" in entries(clone) else None) == expected
    assert show(clone, "g.txt") == "a\nreleased\nc"


def test_a_rule_that_asks_is_a_rule(tmp_path: Path) -> None:
    rules = [{"paths": ["f.*"], "resolve": "Ask"}]

    assert asked(make_story(tmp_path, config={"conflicts": rules})) == ["f.txt"]


def test_a_rule_that_cannot_decide_asks(tmp_path: Path) -> None:
    files = {"b": b"\0\1"}, {"b": b"\0patched"}, {"b": b"\0released"}
    base, patched, released = files
    config = {"conflicts": [{"paths": ["b"], "resolve": "Union"}]}
    story = make_story(tmp_path, base=base, patched=patched, released=released, config=config)

    assert asked(story) == ["b.resync-conflict"]


def test_files_that_name_approvers_are_asked_about_unless_a_rule_decides(tmp_path: Path) -> None:
    names = ("OWNERS", "pkg/OWNERS", "OWNERS_ALIASES", ".github/CODEOWNERS", "pkg/OWNERS.md")
    base, patched, released = (dict.fromkeys(names, f"{who}\n") for who in ("a", "b", "c"))
    rules = [{"paths": ["OWNERS_ALIASES"], "resolve": "Upstream"}]
    files = {"base": base, "patched": patched, "released": released}
    story = make_story(tmp_path, **files, config={"conflicts": rules})

    assert asked(story) == [".github/CODEOWNERS", "OWNERS", "pkg/OWNERS"]


@pytest.mark.parametrize(
    "own",
    [
        {"f.txt": BASE["f.txt"]},
        {"f.txt": "1\npatched\n3"},
        {"f.txt": "1\r\npatched\r\n3\r\n"},
        {"f.txt": Moded("100755", str(PATCHED["f.txt"]))},
        {"f.txt": Moded("120000", "g.txt")},
        {"f.txt": None},
    ],
    ids=["put back", "end of file", "line ends", "mode", "link", "deleted"],
)
def test_a_file_that_differs_from_the_last_release_is_asked_about(
    tmp_path: Path, own: Files
) -> None:
    story = make_story(tmp_path, own=own)
    if own["f.txt"] == BASE["f.txt"]:
        # Upstream merges its patches, so that restoring the file collides with later changes.
        upstream = story.world.upstream
        tips = tuple(upstream.tip(it) or "" for it in ("refs/tags/v1.0.0", PATCHES))
        upstream.commit("main", dict.fromkeys(("f.txt", "g.txt")), parents=tips)
        put(upstream, "main", {**PATCHED, "f.txt": "1\npatched\n3\n"}, "Merge")
        upstream.tag("v1.1.0", put(upstream, "main", RELEASED, "Go on"))

    assert {it.removesuffix(".resync-conflict") for it in asked(story)} == {"f.txt"}


@pytest.mark.parametrize(
    "content",
    [Moded("120000", "{}"), Moded("160000", "{}")],
    ids=["link", "submodule"],
)
def test_links_and_submodules_are_asked_about(tmp_path: Path, content: Moded) -> None:
    digits = "0123" if content.mode == "160000" else "abcd"
    base, patched, released = (
        {"l": Moded(content.mode, content.content.format(it * 40))} for it in digits[1:]
    )
    story = make_story(tmp_path, base=base, patched=patched, released=released)

    assert asked(story) == ["l.resync-conflict"]


def test_files_added_on_both_upstream_branches_and_binary_files_are_taken(
    tmp_path: Path,
) -> None:
    story = make_story(
        tmp_path,
        base={"b": b"\0\1"},
        patched={"b": b"\0patched", "new.txt": "patched\n"},
        released={"b": b"\0released", "new.txt": "released\n"},
    )

    clone = story.finish()

    assert (show(clone, "new.txt"), show(clone, "b")) == ("released", "\0released")


def test_a_file_with_different_modes_is_upstreams(tmp_path: Path) -> None:
    files = {
        "base": {"r": Moded("100644", "1\n2\n3\n")},
        "patched": {"r": Moded("100644", "1\np\n3\n")},
    }
    released = {"r": Moded("100755", "1\nr\n3\n")}
    story = make_story(tmp_path, **files, released=released)

    clone = story.finish()

    assert (entries(clone)["r"], show(clone, "r")) == ("100755", "1\nr\n3")


def test_a_file_that_upstream_deleted_is_deleted(tmp_path: Path) -> None:
    clone = make_story(tmp_path, released={**RELEASED, "f.txt": None}).finish()

    assert "f.txt" not in entries(clone)


def test_a_file_that_the_last_release_lacks_is_asked_about(tmp_path: Path) -> None:
    story = make_story(tmp_path, patched={**PATCHED, "f.txt": None})

    assert asked(story) == ["f.txt.resync-conflict"]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"own.txt": "own\n"}, None),
        ({"a.txt": LONG.replace("line 5\n", "own\n")}, ["b.txt"]),
        ({"copy.txt": LONG.replace("line 5\n", "patched\n")}, ["b.txt"]),
    ],
    ids=["never changed", "changed", "copied"],
)
def test_a_file_that_upstream_renamed_is_taken_under_its_new_name(
    tmp_path: Path, own: Files, expected: list[str] | None
) -> None:
    story = make_story(
        tmp_path,
        base={"a.txt": LONG},
        patched={"a.txt": LONG.replace("line 5\n", "patched\n")},
        released={"a.txt": None, "b.txt": LONG.replace("line 5\n", "released\n")},
        own=own,
    )

    if expected is not None:
        assert asked(story) == expected
        return
    clone = story.finish()
    assert show(clone, "b.txt").split("\n")[5] == "released"
    assert "a.txt" not in entries(clone)


def test_a_file_that_the_last_releases_branch_renamed_is_asked_about(tmp_path: Path) -> None:
    story = make_story(
        tmp_path,
        base={"a.txt": LONG},
        patched={"a.txt": None, "b.txt": LONG.replace("line 5\n", "patched\n")},
        released={"a.txt": LONG.replace("line 5\n", "released\n")},
    )

    assert asked(story) == ["b.txt"]


def test_a_file_renamed_on_both_upstream_branches_is_upstreams(tmp_path: Path) -> None:
    story = make_story(
        tmp_path,
        base={"a.txt": LONG},
        patched={"a.txt": None, "b.txt": LONG},
        released={"a.txt": None, "c.txt": LONG},
    )

    clone = story.finish()

    assert [it for it in entries(clone) if len(it) == len("a.txt")] == ["c.txt"]


def test_a_file_that_only_the_steps_merge_driver_refuses_is_asked_about(tmp_path: Path) -> None:
    driver = "git config merge.x.driver false\nmkdir .git/info\necho 'f.txt merge=x' >.git/info/attributes\n"
    files = ({"f.txt": LONG.replace(f"line {it}\n", "changed\n")} for it in (3, 30))
    patched, released = files
    base = {"f.txt": LONG}
    story = make_story(tmp_path, driver + MERGE, base=base, patched=patched, released=released)

    assert asked(story) == ["f.txt.resync-conflict"]


def test_a_file_in_place_of_a_directory_is_asked_about(tmp_path: Path) -> None:
    released = {"d/e.txt": "released\n", "f.txt": "1\nreleased\n3\n"}
    story = make_story(tmp_path, patched={**PATCHED, "d": "patched\n"}, released=released)

    assert {it.removesuffix(".resync-conflict") for it in asked(story)} == {"d"}


def test_the_last_release_may_be_out_of_the_plans_range(tmp_path: Path) -> None:
    only = {"name": "forge.test/upstream/project", "matchedVersions": [">=1.1.0"]}

    clone = make_story(tmp_path, config={"upstream": only}).finish()

    assert show(clone, "f.txt") == NEW


def test_without_a_release_in_the_branch_everything_is_asked_about(tmp_path: Path) -> None:
    story = make_story(tmp_path)
    for tag in ("v1.0.0", "v1.0.1"):
        story.world.upstream.git("tag", "-d", tag)

    assert asked(story) == ["f.txt", "g.txt"]


def test_an_earlier_answer_has_priority(tmp_path: Path) -> None:
    story = make_story(tmp_path, config={"untouched": "Ask"})
    story.resolve(story.conflict(), {"f.txt": "1\nanswered\n3\n", "g.txt": "a\nanswered\nc\n"})
    story.config = {}

    clone = story.finish()

    assert (show(clone, "f.txt"), show(clone, "g.txt")) == ("1\nanswered\n3", "a\nanswered\nc")


def test_a_person_can_change_taken_files_in_the_conflict_pull_request(
    tmp_path: Path,
) -> None:
    story = make_story(tmp_path, own={"g.txt": "a\nown\nc\n"})
    pull = story.conflict()
    assert show(story.clone_of(pull.head_branch), "f.txt") == NEW

    story.resolve(pull, {"g.txt": "a\nboth\nc\n", "f.txt": "1\nchanged\n3\n"})

    clone = story.finish()
    assert (show(clone, "f.txt"), show(clone, "g.txt")) == ("1\nchanged\n3", "a\nboth\nc")


@pytest.mark.parametrize("count", [2, 400])
def test_the_cost_does_not_grow_with_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    repository = Repository(tmp_path / "project")
    repository.commit("main", {"begin": "begin"})
    first = put(repository, "main", many(count, "1"), "Release")
    patch = put(repository, "main", many(count, "2"), "Patch")
    repository.git("update-ref", "refs/heads/later", first)
    later = put(repository, "later", many(count, "3"), "Later")
    git_there = Git(directory=repository.path)
    sides = Sides(ours=patch, theirs=later)
    merged = merge_sides(git_there, sides, MergeOptions(), upstream=THEIR_STAGE)
    processes: list[str] = []
    plain = Git.attempt

    def counted(self: Git, *argv: Any, **more: Any) -> Any:
        processes.append(argv[0])
        return plain(self, *argv, **more)

    monkeypatch.setattr(Git, "attempt", counted)
    origins = Origins(downstream=patch, upstream=later, released=patch)

    found = find_untouched(git_there, merged.conflicts, origins, tree=first)

    assert len(found) == count
    assert len(processes) == len(["upstream", "downstream", "released", "what lies in the way"])


def many(count: int, content: str) -> Files:
    """Return a number of files with the same content."""
    return {f"{number}.txt": content for number in range(count)}


@pytest.mark.parametrize(
    ("since", "expected"), [({"f.txt": "1\nmain\n3\n"}, ["f.txt"]), ({"h.txt": "later\n"}, None)]
)
def test_a_file_restored_after_a_merge_of_upstreams_branch_is_asked_about(
    tmp_path: Path, since: Files, expected: list[str] | None
) -> None:
    story = make_story(tmp_path)
    upstream, fork = story.world.upstream, story.world.downstream
    upstream.git("update-ref", "refs/heads/main", "v1.0.0")
    main = put(upstream, "main", since, "No release")
    upstream.tag("v1.1.0", put(upstream, "main", RELEASED, "Go on"))
    fork.git("fetch", "-q", str(upstream.path), "main")
    fork.commit(BRANCH, {"h.txt": "later\n"}, parents=(fork.tip(BRANCH) or "", main))

    if expected is not None:
        assert asked(story) == expected
    else:
        assert show(story.finish(), "f.txt") == NEW


FIXED = "1\nfixed\n3\n"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (FIXED, None),
        (Moded("100755", FIXED), ["f.txt"]),
        (f"{FIXED}own\n", ["f.txt"]),
        ("1\nnever released\n3\n", ["f.txt"]),
    ],
    ids=["as upstream", "mode", "changed", "of no release"],
)
def test_a_commit_picked_early_from_the_releases_history_counts_as_upstreams(
    tmp_path: Path, own: Content, expected: list[str] | None
) -> None:
    story = make_story(tmp_path, own={"f.txt": own})
    upstream = story.world.upstream
    other = put(upstream, "main", {"f.txt": "1\nnever released\n3\n"}, "Try")
    upstream.git("update-ref", "refs/heads/tried", other)
    upstream.git("update-ref", "refs/heads/main", "v1.0.0")
    put(upstream, "main", {"f.txt": FIXED}, "Fix")
    upstream.tag("v1.1.0", put(upstream, "main", RELEASED, "Go on"))

    if expected is not None:
        assert {it.removesuffix(".resync-conflict") for it in asked(story)} == set(expected)
    else:
        assert show(story.finish(), "f.txt") == NEW


@pytest.mark.parametrize(
    ("by", "expected"), [("merge", None), ("commit", ["f.txt"]), ("edit in the merge", ["f.txt"])]
)
def test_an_older_version_is_upstreams_unless_downstream_wrote_it(
    tmp_path: Path, by: str, expected: list[str] | None
) -> None:
    """People merge a release and keep their version of a file, which is the previous release's."""
    story = make_story(tmp_path, released={"f.txt": FIXED})
    upstream, fork = story.world.upstream, story.world.downstream
    fork.git("fetch", "-q", str(upstream.path), "main")
    patched, base = (it["f.txt"] for it in (PATCHED, BASE))
    kept = {"merge": patched, "commit": FIXED, "edit in the merge": base}[by]
    parents = (fork.tip(BRANCH) or "", upstream.tip("main") or "")
    fork.commit(BRANCH, {"f.txt": kept}, parents=parents)
    if by == "commit":
        fork.commit(BRANCH, {"f.txt": patched}, message="Put back")
    upstream.tag("v1.2.0", put(upstream, "main", RELEASED, "Go on"))
    story.parameters = {"tag": "1.2.0"}

    if expected is not None:
        assert asked(story) == expected
    else:
        assert show(story.finish(), "f.txt") == NEW


@pytest.mark.parametrize("option", ["-Xours", "-Xtheirs"])
def test_a_step_that_prefers_a_side_decides_itself(tmp_path: Path, option: str) -> None:
    script = f"git merge --no-edit {option} $UPSTREAM_TAG"
    story = make_story(tmp_path, script, released={**RELEASED, "f.txt": None})

    assert asked(story) == ["f.txt.resync-conflict"]


@pytest.mark.parametrize(
    "script",
    [
        "git rebase -q $UPSTREAM_TAG",
        f"{ONTO_RELEASE}git cherry-pick v1.0.0..origin/{BRANCH}",
        "git carry",
    ],
)
def test_a_patch_of_downstreams_own_is_asked_about_wherever_it_is_picked(
    tmp_path: Path, script: str
) -> None:
    released = {**RELEASED, "h.txt": "x\nreleased\nz\n"}
    story = make_story(tmp_path, script, released=released, own={"h.txt": "x\nown\nz\n"})

    assert asked(story) == ["h.txt"]
