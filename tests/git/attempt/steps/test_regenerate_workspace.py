"""A step regenerates the modules of a Go workspace: one version for all of them, and one vendor folder."""

from pathlib import Path

import pytest

from resync_argo.attempt.conflict.stop import read_conflict
from tests.git.attempt.steps.test_regenerate import MODULES, A, C, again, begin, show
from tests.git.builders import Run, World, make_world
from tests.git.go_proxy import code, make_proxy
from tests.git.repositories import git

WORKSPACE = "go 1.22\n\nuse (\n\t./one\n\t./two\n)\n"
OF_WORKSPACE = "## workspace\n"


def module(name: str, *required: str) -> str:
    """Return a go.mod."""
    return f"module example.com/{name}\n\ngo 1.22\n" + "".join(
        f"\nrequire {it}\n" for it in required
    )


BASE = {
    "go.work": WORKSPACE,
    "one/go.mod": module("one", f"{A} v1.0.0"),
    "one/one.go": code("one", A),
    "two/go.mod": module("two", f"{A} v1.0.0"),
    "two/two.go": code("two", A),
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path / "world")


@pytest.fixture
def proxy(tmp_path: Path) -> dict[str, str]:
    # Go accepts no other `-mod` in a workspace.
    return {**make_proxy(tmp_path, MODULES), "GOFLAGS": "-modcacherw"}


def vendored(run: Run) -> list[str]:
    return git(run.work_tree, "ls-tree", "-r", "--name-only", "HEAD", "vendor/").splitlines()


def test_all_modules_of_a_workspace_get_one_version_and_are_vendored_together(
    world: World, proxy: dict[str, str]
) -> None:
    base = {**BASE, "vendor/modules.txt": OF_WORKSPACE}
    theirs = {"one/go.mod": module("one", f"{A} v1.1.0")}
    run = begin(world, base, {}, theirs)

    assert again(run, proxy)[0] == 0

    assert show(run, "two/go.mod") == module("two", f"{A} v1.1.0")
    assert vendored(run) == ["vendor/example.com/a/code.go", "vendor/modules.txt"]
    assert show(run, "vendor/modules.txt").splitlines()[:2] == ["## workspace", f"# {A} v1.1.0"]
    assert git(run.work_tree, "log", "-1", "--format=%s") == "Tidy and vendor Go modules"
    assert git(run.work_tree, "status", "--porcelain") == ""


def test_a_module_of_a_workspace_that_is_vendored_alone_stays_so(
    world: World, proxy: dict[str, str]
) -> None:
    base = {**BASE, "one/vendor/modules.txt": "old\n"}
    run = begin(world, base, {}, {"one/go.mod": module("one", f"{A} v1.1.0")})

    assert again(run, proxy)[0] == 0

    assert show(run, "one/vendor/modules.txt").splitlines()[0] == f"# {A} v1.1.0"
    assert vendored(run) == []


def test_a_version_that_no_module_of_the_workspace_chose_is_asked_about(
    world: World, proxy: dict[str, str]
) -> None:
    base = {
        **BASE,
        "two/go.mod": module("two", f"{A} v1.0.0", f"{C} v1.0.0"),
        "two/two.go": code("two", A, C),
    }
    run = begin(world, base, {}, {"one/go.mod": module("one", f"{A} v1.2.0")})

    assert again(run, proxy)[0] == 10

    stop = read_conflict(run.attempt)
    assert stop is not None
    assert [it.path for it in stop.conflict.paths] == [b"two/go.mod"]
    assert f"`{C} v1.0.0 → v1.1.0`" in stop.notes[0]


def test_an_invalid_workspace_fails_with_gos_message(world: World, proxy: dict[str, str]) -> None:
    run = begin(world, BASE, {}, {"go.work": WORKSPACE.replace("./two", "./three")})

    code_, said = again(run, proxy)

    assert code_ == 1
    assert "`go work sync` fails in the folder .: " in said
    assert "three" in said
