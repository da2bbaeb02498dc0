"""A step regenerates Go modules with the image's Go and a local proxy: its commits, and its questions before."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from resync_argo.attempt.conflict.stop import read_conflict
from resync_argo.conflicts.record import Kind
from tests.git.builders import BRANCH, Run, World, make_world
from tests.git.go_proxy import Versions, code, make_proxy
from tests.git.repositories import git
from tests.git.steps import regenerate_step

A, B, C = (f"example.com/{name}" for name in "abc")
MODULES: dict[str, Versions] = {
    A: {"v1.0.0": {}, "v1.1.0": {}, "v1.2.0": {C: "v1.1.0"}},
    B: {"v1.0.0": {}},
    C: {"v1.0.0": {}, "v1.1.0": {}, "v1.2.0": {}},
}
MERGE = "git merge --no-edit $UPSTREAM_TAG"
STEP = regenerate_step("GoModules")


def manifest(*required: str, go: str = "1.21") -> str:
    """Return a go.mod."""
    return f"module example.com/m\n\ngo {go}\n" + "".join(f"\nrequire {it}\n" for it in required)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path / "world")


@pytest.fixture
def proxy(tmp_path: Path) -> dict[str, str]:
    return make_proxy(tmp_path, MODULES)


def begin(
    world: World,
    base: Mapping[str, str],
    ours: Mapping[str, str | None],
    theirs: Mapping[str, str | None],
    *scripts: str,
) -> Run:
    """Return an attempt, checked out, at a release that adds `theirs` to a branch with `base` and `ours`."""
    repository = world.upstream
    released = repository.commit("main", base, message="Use modules")
    repository.tag("v1.2.0", released)
    world.downstream.git("fetch", "-q", str(repository.path), released)
    world.downstream.git("update-ref", f"refs/heads/{BRANCH}", released)
    world.downstream.commit(BRANCH, ours, message="Ours")
    repository.tag("v1.3.0", repository.commit("main", theirs, message="Theirs"))
    run = world.attempt(*(scripts or (MERGE,)), STEP, version="1.3.0")
    run.check_out()
    return run


def again(run: Run, proxy: Mapping[str, str]) -> tuple[int, str]:
    """Run all steps; return the last one's exit code, and the message of a failure."""
    codes = [run.step(container, env=proxy).returncode for container in run.scripts]
    termination = run.attempt.layout.termination
    said = termination.read_text() if termination.exists() else ""
    return codes[-1], said


def show(run: Run, path: str) -> str:
    return git(run.work_tree, "show", f"HEAD:{path}") + "\n"


BASE = {"go.mod": manifest(f"{A} v1.0.0"), "main.go": code("m", A)}


def test_modules_are_merged_tidied_vendored_and_committed(
    world: World, proxy: dict[str, str]
) -> None:
    vendored = {**BASE, "vendor/modules.txt": "old\n", ".gitignore": "*.go\n!main.go\n"}
    ours = {"go.mod": manifest(f"{A} v1.0.0", f"{B} v1.0.0"), "ours.go": code("m", B)}
    theirs = {"go.mod": manifest(f"{A} v1.2.0", f"{C} v1.1.0 // indirect")}
    run = begin(world, vendored, ours, theirs)

    assert again(run, proxy)[0] == 0

    required = (f"{A} v1.2.0", f"{C} v1.1.0 // indirect", f"{B} v1.0.0")
    assert show(run, "go.mod") == manifest(*required)
    files = git(run.work_tree, "ls-tree", "-r", "--name-only", "HEAD", "vendor/", "go.sum")
    assert files.splitlines() == [
        "go.sum",
        *(f"vendor/example.com/{name}/code.go" for name in "abc"),
        "vendor/modules.txt",
    ]
    assert git(run.work_tree, "log", "-1", "--format=%s") == "Tidy and vendor Go modules"
    assert git(run.work_tree, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("ignored", "left_out"),
    [
        ("vendor/**/*\n!vendor/**/\n!vendor/**/*.go\n!vendor/modules.txt\n", ["vendor/{}/go.mod"]),
        ("vendor/\n", []),
        ("go.mod\n!/go.mod\n", []),
    ],
    ids=["a choice of vendored files", "all of them, though they are there", "other files"],
)
def test_vendored_files_stay_out_only_if_the_branch_chose_a_subset(
    world: World, proxy: dict[str, str], ignored: str, left_out: list[str]
) -> None:
    # Go copies the go.mod files of vendored modules for Go 1.16.
    base = {"go.mod": manifest(f"{A} v1.0.0", go="1.16"), "main.go": code("m", A)}
    base |= {"vendor/modules.txt": "old\n", ".gitignore": ignored}
    run = begin(world, base, {}, {"g.txt": "new\n"})

    assert again(run, proxy)[0] == 0

    files = git(run.work_tree, "ls-tree", "-r", "--name-only", "HEAD", "vendor/").splitlines()
    made = [f"vendor/{A}/code.go", f"vendor/{A}/go.mod", "vendor/modules.txt"]
    assert files == [it for it in made if it not in [name.format(A) for name in left_out]]


def test_nothing_is_committed_without_changes(world: World, proxy: dict[str, str]) -> None:
    run = begin(world, BASE, {}, {"g.txt": "new\n"})
    assert again(run, proxy)[0] == 0
    world.downstream.git("fetch", "-q", str(run.work_tree), f"HEAD:refs/heads/{BRANCH}", "-f")
    world.upstream.tag("v1.4.0", world.upstream.commit("main", {"h.txt": "h\n"}, message="More"))
    after = world.attempt(MERGE, STEP, version="1.4.0", number=2)
    after.check_out()

    assert again(after, proxy)[0] == 0

    assert git(after.work_tree, "log", "-1", "--format=%s").startswith("Merge ")


def test_a_nested_module_stays_as_merged(world: World, proxy: dict[str, str]) -> None:
    nested = manifest(f"{B} v1.0.0").replace("example.com/m", "example.com/m/sub")
    run = begin(world, {**BASE, "sub/go.mod": nested}, {}, {"g.txt": "new\n"})

    assert again(run, proxy)[0] == 0

    assert show(run, "sub/go.mod") == nested


def test_without_a_module_at_the_top_each_outermost_one_is_tidied(
    world: World, proxy: dict[str, str]
) -> None:
    base = {
        f"{name}/{file}": content for name in ("one", "two") for file, content in BASE.items()
    } | {"one/two/go.mod": manifest(f"{B} v1.0.0")}
    run = begin(world, base, {}, {"g.txt": "new\n"})

    assert again(run, proxy)[0] == 0

    files = git(run.work_tree, "diff", "--name-only", "HEAD^", "HEAD").splitlines()
    assert files == ["one/go.sum", "two/go.sum"]


def test_the_branchs_go_version_counts_if_an_older_go_would_choose_differently(
    world: World, tmp_path: Path
) -> None:
    """Go 1.16 reads modules that nobody imports; `go mod tidy` of a branch at 1.17 fails because of that."""
    modules: dict[str, Versions] = {
        A: {"v1.0.0": {C: "v1.0.0", B: "v1.0.0 // indirect"}},
        B: {"v1.0.0": {C: "v1.1.0"}},
        C: {"v1.0.0": {}, "v1.1.0": {}},
    }
    proxy = make_proxy(tmp_path, modules)
    required = (f"{A} v1.0.0", f"{C} v1.0.0 // indirect")
    base = {"go.mod": manifest(*required, go="1.17"), "main.go": code("m", A)}
    run = begin(world, base, {}, {"g.txt": "new\n"})

    assert again(run, proxy)[0] == 0

    assert show(run, "go.mod") == base["go.mod"]
    assert f"{C} v1.0.0 h1:" in show(run, "go.sum")


def test_a_branch_that_names_no_go_is_left_so(world: World, proxy: dict[str, str]) -> None:
    bare = manifest(f"{A} v1.0.0").replace("\ngo 1.21\n", "")
    base = {"go.mod": bare, "main.go": code("m", A), "vendor/modules.txt": "old\n"}
    theirs = {"go.mod": bare.replace("v1.0.0", "v1.1.0")}
    run = begin(world, base, {"ours.txt": "ours\n"}, theirs)

    assert again(run, proxy)[0] == 0

    assert show(run, "go.mod") == theirs["go.mod"]
    assert f"# {A} v1.1.0" in show(run, "vendor/modules.txt")


def test_a_branch_goes_on_vendoring_after_upstream_has_stopped(
    world: World, proxy: dict[str, str]
) -> None:
    base = {**BASE, "vendor/modules.txt": "old\n", "vendor/old.txt": "old\n"}
    theirs = {"vendor/modules.txt": None, "vendor/old.txt": None}
    run = begin(world, base, {"ours.txt": "ours\n"}, theirs)

    assert again(run, proxy)[0] == 0

    files = git(run.work_tree, "ls-tree", "-r", "--name-only", "HEAD", "vendor/")
    assert files.splitlines() == ["vendor/example.com/a/code.go", "vendor/modules.txt"]


def test_a_step_has_priority_over_the_default_for_untouched_files(
    world: World, proxy: dict[str, str]
) -> None:
    """Upstream's branch of the last release may require more than its next release does."""
    begin(world, BASE, {"ours.txt": "ours\n"}, {"go.mod": manifest(f"{A} v1.1.0")})
    upstream, fork = world.upstream, world.downstream
    upstream.git("update-ref", "refs/heads/patches", "v1.2.0")
    patched = {"go.mod": manifest(f"{A} v1.2.0", f"{C} v1.1.0 // indirect")}
    upstream.tag("v1.2.1", upstream.commit("patches", patched, message="Patch"))
    fork.git("fetch", "-q", str(upstream.path), f"+patches:refs/heads/{BRANCH}")
    run = world.attempt(MERGE, STEP, version="1.3.0", number=2)
    run.check_out()

    assert again(run, proxy)[0] == 0

    assert show(run, "go.mod") == patched["go.mod"]


def test_a_version_that_nobody_chose_is_asked_about(world: World, proxy: dict[str, str]) -> None:
    run = begin(world, BASE, {}, {"new.go": code("m", C)})

    code_, said = again(run, proxy)

    assert (code_, said.strip()) == (10, "stopped at a conflict that needs a person")
    stop = read_conflict(run.attempt)
    assert stop is not None
    (path,) = stop.conflict.paths
    assert (path.path, path.kind, stop.conflict.where) == (b"go.mod", Kind.RAISED, "regenerate -")
    assert stop.notes[0].startswith(
        f"`go.mod`: `go mod tidy` chose what nobody wrote anywhere: `{C} nothing → v1.2.0`."
    )


def test_a_release_that_needs_a_newer_image_fails_with_a_clear_message(
    world: World, proxy: dict[str, str]
) -> None:
    run = begin(world, BASE, {}, {"go.mod": manifest(f"{A} v1.0.0", go="1.99")})

    code_, said = again(run, proxy)

    assert code_ == 1
    assert (
        "the image of this step has another Go than the branch needs; name an image that has it"
        in said
    )
    assert "go.mod requires go >= 1.99" in said


def test_a_missing_module_fails_with_gos_message(world: World, proxy: dict[str, str]) -> None:
    run = begin(world, BASE, {}, {"new.go": code("m", "example.com/nowhere")})

    code_, said = again(run, proxy)

    assert code_ == 1
    assert "`go mod tidy` fails in the folder ." in said
    assert "example.com/nowhere" in said


def test_a_wrong_checksum_fails_with_gos_message(world: World, proxy: dict[str, str]) -> None:
    wrong = f"{A} v1.0.0 h1:{'0' * 43}=\n{A} v1.0.0/go.mod h1:{'0' * 43}=\n"
    run = begin(world, {**BASE, "go.sum": wrong}, {}, {"g.txt": "new\n"})

    code_, said = again(run, proxy)

    assert code_ == 1
    assert "`go mod tidy` fails in the folder .: " in said
    assert "does NOT match an earlier download recorded in go.sum" in said
    assert "go help" not in said


def test_a_branch_without_modules_fails(world: World, proxy: dict[str, str]) -> None:
    run = begin(world, {"f.txt": "f\n"}, {}, {"g.txt": "g\n"})

    assert "the branch has no go.mod: this step is for Go modules" in again(run, proxy)[1]


def test_an_image_without_go_fails(world: World, proxy: dict[str, str], tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in (
        "sh",
        "git",
        *["mkfifo", "sed", "tee", "head", "tail", "cat", "mv", "rm", "date", "sleep"],
    ):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    run = begin(world, BASE, {}, {"g.txt": "g\n"})

    assert "there is no go in this image" in again(run, {**proxy, "PATH": str(programs)})[1]


def test_files_that_an_earlier_step_staged_are_not_committed(
    world: World, proxy: dict[str, str]
) -> None:
    run = begin(world, BASE, {}, {"g.txt": "g\n"}, MERGE, "echo x >x && git add x")

    code_, said = again(run, proxy)

    assert code_ == 1
    assert "a step before this one staged changes" in said
