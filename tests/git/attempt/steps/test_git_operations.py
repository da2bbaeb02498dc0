"""Conflicting operations are continued to their end with every git that an image may have."""

from dataclasses import replace
from pathlib import Path

import pytest

from resync_argo.conflicts.record import Kind
from tests.git.clones import SHELLS, Clone, answer, make_clone, recorded_conflict, start_over
from tests.git.combinations import GITS, every_git, every_shell, first_always
from tests.git.debian_gits import programs_of

BASE = {"f.txt": "1\n2\n3\n", "g.txt": "a\nb\nc\n", "same.txt": "same\n"}
DOWNSTREAM = {"f.txt": "1\ndown\n3\n", "g.txt": "a\ndown\nc\n"}
UPSTREAM = {"f.txt": "1\nup\n3\n", "g.txt": "a\nup\nc\n", "new.txt": "new\n"}


@pytest.fixture(params=first_always(GITS))
def programs(request: pytest.FixtureRequest) -> Path | None:
    """The folder of a Debian release's git; None for this machine's git."""
    return None if request.param == "machine" else programs_of(request.param)


@pytest.fixture(params=first_always(SHELLS))
def clone(tmp_path: Path, request: pytest.FixtureRequest, programs: Path | None) -> Clone:
    made = make_clone(
        tmp_path, shell=request.param, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM
    )
    return replace(made, programs=programs)


@every_git
@every_shell
def test_goes_on_with_the_script_once_everything_is_resolved(clone: Clone) -> None:
    start = clone.git("rev-parse", "HEAD")
    script = "git merge --no-edit upstream\necho more > more.txt\ngit add -A\ngit commit -qm More"
    clone.run(script)
    answer(clone, {"f.txt": "1\nboth\n3\n", "g.txt": None})
    start_over(clone, start)

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.read("f.txt") == "1\nboth\n3"
    assert set(clone.tracked()) == {"f.txt", "same.txt", "new.txt", "more.txt"}
    parents = clone.git("log", "-1", "--format=%P", "HEAD^").split()
    assert parents == [start, clone.git("rev-parse", "upstream")]
    assert clone.git("status", "--porcelain") == ""


def test_a_merge_of_several_commits_at_once_is_committed(clone: Clone) -> None:
    clone.git("checkout", "-q", "-b", "third", "begin")
    clone.commit("Third", {"third.txt": "third\n"})
    clone.git("checkout", "-q", "main")
    start = clone.git("rev-parse", "HEAD")
    script = "git merge -m '#1: both' third upstream\ntouch went-on"
    clone.run(script)
    answer(clone, {"f.txt": "1\nboth\n3\n", "g.txt": None})
    start_over(clone, start)

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert (clone.directory / "went-on").exists()
    assert clone.read("f.txt") == "1\nboth\n3"
    assert set(clone.tracked()) == {"f.txt", "same.txt", "new.txt", "third.txt"}
    commits = [clone.git("rev-parse", name) for name in (start, "third", "upstream")]
    assert clone.git("log", "-1", "--format=%P").split() == commits
    assert clone.git("log", "-1", "--format=%B").strip() == "#1: both"


def test_child_scripts_go_on_too(clone: Clone) -> None:
    clone.commit("Scripts", {"inner.sh": "git merge --no-edit upstream\ntouch inner\n"})
    start = clone.git("rev-parse", "HEAD")
    clone.run("sh -e inner.sh\ntouch outer")
    answer(clone, {"f.txt": "x\n", "g.txt": "y\n"})
    start_over(clone, start)

    done = clone.run("sh -e inner.sh\ntouch outer")

    assert done.returncode == 0, done.stderr
    assert (clone.directory / "inner").exists()
    assert (clone.directory / "outer").exists()


@every_git
def test_a_rebase_stops_at_each_commit_and_is_continued_through_all(clone: Clone) -> None:
    clone.commit("Second", {"f.txt": "1\nsecond\n3\n"})
    clone.commit("Third", {"third.txt": "third\n"})
    start = clone.git("rev-parse", "HEAD")
    script = "git rebase upstream\ntouch went-on"
    stops = set()

    clone.run(script)
    stops.add(answer(clone, {"f.txt": "1\nfirst resolved\n3\n", "g.txt": "g resolved\n"}).stop)
    start_over(clone, start)
    clone.run(script)
    stops.add(answer(clone, {"f.txt": "1\nsecond resolved\n3\n"}).stop)
    start_over(clone, start)
    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert len(stops) == 2
    subjects = clone.git("log", "--format=%s", "upstream..HEAD").split("\n")
    assert subjects == ["Third", "Second", "Carry"]
    assert clone.read("f.txt", "HEAD~2") == "1\nfirst resolved\n3"
    assert clone.read("f.txt") == "1\nsecond resolved\n3"


def test_a_merge_that_a_rebase_repeats_is_asked_about(clone: Clone) -> None:
    clone.git("checkout", "-q", "-b", "side", "begin")
    clone.commit("Side", {"same.txt": "side\n"})
    clone.git("checkout", "-q", "main")
    clone.git("checkout", "-q", "-B", "main", "begin")
    clone.commit("Own", {"same.txt": "own\n"})
    clone.git("merge", "-q", "-s", "ours", "-m", "#1: merge", "side")
    start = clone.commit("On top", {"d.txt": "d\n"})
    script = "git rebase -q -r upstream"

    assert clone.run(script).returncode == 10
    assert [path.path for path in recorded_conflict(clone).paths] == [b"same.txt"]
    answer(clone, {"same.txt": "both\n"})
    start_over(clone, start)
    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.read("same.txt") == "both"
    subjects = clone.git("log", "--first-parent", "--format=%s", "upstream..HEAD").split("\n")
    assert subjects == ["On top", "#1: merge", "Own"]


def test_a_range_of_picks_is_continued(clone: Clone) -> None:
    clone.git("checkout", "-q", "upstream")
    clone.commit("Another", {"another.txt": "another\n"})
    clone.git("checkout", "-q", "main")
    start = clone.git("rev-parse", "HEAD")
    script = "git cherry-pick begin..upstream"
    clone.run(script)
    assert answer(clone, {"f.txt": "f\n", "g.txt": "g\n"}).operation == "cherry-pick"
    start_over(clone, start)

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.git("log", "--format=%s", f"{start}..HEAD").split("\n") == ["Another", "Release"]
    assert clone.read("f.txt") == "f"


def test_a_pick_that_a_resolution_makes_empty_is_skipped(clone: Clone) -> None:
    clone.git("checkout", "-q", "-B", "upstream", "begin")
    clone.commit("Only f", {"f.txt": "1\nup\n3\n"})
    clone.commit("Then new", {"new.txt": "new\n"})
    clone.git("checkout", "-q", "main")
    start = clone.git("rev-parse", "HEAD")
    clone.run("git cherry-pick begin..upstream")
    answer(clone, {"f.txt": "1\ndown\n3\n"})
    start_over(clone, start)

    done = clone.run("git cherry-pick begin..upstream")

    assert done.returncode == 0, done.stderr
    assert clone.git("log", "--format=%s", f"{start}..HEAD") == "Then new"


@pytest.mark.parametrize("operation", ["rebase --merge", "rebase --apply", "am"])
def test_a_carried_patch_that_a_resolution_makes_empty_is_skipped(
    clone: Clone, operation: str
) -> None:
    clone.commit("Second", {"second.txt": "second\n"})
    start = clone.git("rev-parse", "HEAD")
    script = f"git {operation} upstream"
    if operation == "am":
        script = "git format-patch -o ../p begin..main\ngit reset --hard upstream\ngit am -3 ../p/*"
    clone.run(script)
    answer(clone, {"f.txt": "1\nup\n3\n", "g.txt": "a\nup\nc\n"})
    start_over(clone, start)

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.git("log", "--format=%s", "upstream..HEAD") == "Second"


def test_a_revert_is_continued(clone: Clone) -> None:
    carried = clone.git("rev-parse", "HEAD")
    clone.commit("On top", {"f.txt": "1\non top\n3\n"})
    start = clone.git("rev-parse", "HEAD")
    clone.run(f"git revert --no-edit {carried}")
    assert answer(clone, {"f.txt": "1\nreverted\n3\n"}).operation == "revert"
    start_over(clone, start)

    done = clone.run(f"git revert --no-edit {carried}")

    assert done.returncode == 0, done.stderr
    assert clone.read("f.txt") == "1\nreverted\n3"
    assert clone.read("g.txt") == "a\nb\nc"


def test_patches_are_applied_to_the_last_one(clone: Clone) -> None:
    clone.commit("Second", {"second.txt": "second\n"})
    clone.git("format-patch", "-q", "-o", "../patches", "begin..main")
    clone.git("checkout", "-q", "-B", "main", "upstream")
    start = clone.git("rev-parse", "HEAD")
    clone.run("git am -3 ../patches/*")
    conflict = answer(clone, {"f.txt": "f\n", "g.txt": "g\n"})
    start_over(clone, start)

    done = clone.run("git am -3 ../patches/*")

    assert done.returncode == 0, done.stderr
    assert conflict.operation == "am"
    assert [
        clone.attempt.repository.text("cat-file", "blob", it.downstream[it.path].id)
        for it in conflict.paths
    ] == ["1\ndown\n3", "a\ndown\nc"]
    assert clone.git("log", "--format=%s", f"{start}..HEAD").split("\n") == ["Second", "Carry"]


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("merge --no-edit", "x"),
        ("merge --no-edit", "x y\tz"),
        ("rebase", "x"),
        ("rebase --apply", "x"),
        ("rebase --apply", "x[1]\n?"),
    ],
)
def test_a_file_in_place_of_a_directory_is_moved_aside(
    tmp_path: Path, programs: Path | None, operation: str, name: str
) -> None:
    sides = {name: "file\n"}, {f"{name}/inner": "inner\n", f"{name}/é": "é\n"}
    made = make_clone(tmp_path, base=BASE, downstream=sides[0], upstream=sides[1])
    clone = replace(made, programs=programs)
    start = clone.git("rev-parse", "HEAD")
    clone.run(f"git {operation} upstream")
    (path,) = recorded_conflict(clone).paths
    assert (path.path, path.kind) == (name.encode(), Kind.FILE_DIRECTORY)
    answer(clone, {name: None})
    start_over(clone, start)

    done = clone.run(f"git {operation} upstream")

    assert done.returncode == 0, done.stderr
    assert set(clone.tracked()) == {*BASE, *sides[1]}
    assert clone.git("status", "--porcelain") == ""


def test_a_merge_without_commit_is_left_to_the_script(clone: Clone) -> None:
    start = clone.git("rev-parse", "HEAD")
    script = "git merge --no-commit upstream\necho x > x.txt\ngit add x.txt\ngit commit -qm Mine"
    clone.run(script)
    answer(clone, {"f.txt": "f\n", "g.txt": "g\n"})
    start_over(clone, start)

    done = clone.run(script)

    assert done.returncode == 0, done.stderr
    assert clone.git("log", "-1", "--format=%s %P").split()[0::2] == [
        "Mine",
        clone.git("rev-parse", "upstream"),
    ]
    assert "x.txt" in clone.tracked()


@pytest.mark.parametrize("operation", ["cherry-pick", "revert"])
def test_all_picks_without_commit_are_made(clone: Clone, operation: str) -> None:
    clone.git("checkout", "-q", "-B", "picked", "begin")
    commits = [clone.commit("First", UPSTREAM)]
    commits.append(clone.commit("Second", {"second.txt": "second\n"}))
    commits.append(clone.commit("Third", {"g.txt": "a\nthird\nc\n", "third.txt": "third\n"}))
    if operation == "revert":
        commits.reverse()
        clone.commit("On top", {"f.txt": "1\ntop\n3\n", "g.txt": "a\ntop\nc\n"})
    else:
        clone.git("checkout", "-q", "main")
    start = clone.git("rev-parse", "HEAD")
    script = f"git {operation} -n {' '.join(commits)}\ngit commit -qm Picked"
    stops = 0
    while clone.run(script).returncode == 10:
        stops += 1
        paths = [path.path.decode() for path in recorded_conflict(clone).paths]
        answer(clone, {path: f"{path} {stops}\n" for path in paths})
        start_over(clone, start)

    assert stops > 1
    assert clone.git("log", "--format=%s", f"{start}..") == "Picked"
    added = {"second.txt", "third.txt"} & set(clone.tracked())
    assert added == (set() if operation == "revert" else {"second.txt", "third.txt"})
    assert clone.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "command",
    ["git apply -3 ../carried.patch", "git stash pop", "git checkout -m main"],
)
def test_finds_files_that_another_command_left_unmerged(clone: Clone, command: str) -> None:
    clone.git("diff", "--output=../carried.patch", "begin..main")
    clone.write({"f.txt": "1\nlocal\n3\n"})
    clone.git("stash")
    clone.git("checkout", "-q", "upstream")
    if "checkout" in command:
        clone.write({"f.txt": "1\nlocal\n3\n"})

    done = clone.run(f"{command} || true\ngit add -A\ngit commit -qm markers\ntouch went-on")

    assert done.returncode == 10, done.stderr
    assert recorded_conflict(clone).operation == "index"
    assert clone.git("log", "-1", "--format=%s") != "markers"
    assert not (clone.directory / "went-on").exists()


def test_understands_options_before_the_command(clone: Clone) -> None:
    done = clone.run(
        'cd /\ngit -C "$OLDPWD" -c merge.conflictStyle=diff3 --no-pager merge upstream'
    )

    assert done.returncode == 10
    assert recorded_conflict(clone).operation == "merge"
