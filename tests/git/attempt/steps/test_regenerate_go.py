"""The Go version in a file of the branch is read and fetched from a proxy, and failures are explained."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from resync_argo.api.regenerate import PROGRAM
from tests.git.attempt.steps.test_regenerate import BASE, MERGE, MODULES, A, begin, manifest
from tests.git.builders import World, make_world
from tests.git.go_proxy import add_toolchain, make_proxy
from tests.git.repositories import git

SCRIPT = Path("resync_argo/attempt/steps/regenerate.sh").resolve()
OTHER = "1.24.13"
NOWHERE = "1.99.7"


def named(folder: Path, path: str, content: str, proxy: Mapping[str, str]) -> str:
    """Return the program's output in a repository that has a file."""
    git(folder, "init", "-q", "-b", "main", "repository")
    there = folder / "repository"
    (there / "go.mod").write_text(manifest())
    (there / path).parent.mkdir(parents=True, exist_ok=True)
    (there / path).write_text(content)
    git(there, "add", "-A")
    git(there, "commit", "-q", "-m", "Begin")
    argv = ["sh", str(SCRIPT), "GoModules", "--go-version-from", path]
    environment = os.environ | proxy | {"TMPDIR": str(folder), "DOWNSTREAM_BRANCH": "main"}
    done = subprocess.run(
        argv, cwd=there, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("go.mod", f"module m\n\ngo {NOWHERE}\n"),
        ("sub/go.mod", f"module m\n\ngo 1.21\n\ntoolchain go{NOWHERE}\n"),
        ("go.work", f"go {NOWHERE}\n\nuse .\n"),
        (".go-version", f"{NOWHERE}\n"),
        ("GO_VERSION", f"go{NOWHERE}\n"),
        (".tool-versions", f"nodejs 22.1.0\ngolang {NOWHERE}\n"),
        (
            "Dockerfile",
            f"# golang:1.2\nARG ONE=1\nFROM golang:{NOWHERE}-alpine3.20 AS b\nFROM alpine:3.20\n",
        ),
        ("images/Dockerfile.ocp", f"FROM a.b/ocp/builder:rhel-9-golang-{NOWHERE}-openshift-4.20\n"),
        (
            ".ci-operator.yaml",
            f"build_root_image:\n  tag: rhel-9-release-golang-{NOWHERE}-openshift-5.0\n",
        ),
        ("Dockerfile", f"ARG GO_VERSION={NOWHERE}\nFROM golang:${{GO_VERSION}}\n"),
        ("ci.yaml", f"with:\n  go-version: '{NOWHERE}'\n---\nwith:\n  go-version: '{NOWHERE}'\n"),
    ],
)
def test_a_file_names_a_version(tmp_path: Path, path: str, content: str) -> None:
    said = named(tmp_path, path, content, make_proxy(tmp_path, {}))

    assert f"Go {NOWHERE}, which {path} names, cannot be had from the module proxy" in said
    assert f"go: download go{NOWHERE} for " in said


def test_an_unpublished_release_of_go_fails(tmp_path: Path) -> None:
    proxy = make_proxy(tmp_path, {})
    add_toolchain(tmp_path, OTHER)

    said = named(tmp_path, "Dockerfile", "FROM golang:1.99\n", proxy)

    assert "Go 1.99, which Dockerfile names, cannot be had from the module proxy" in said
    assert "no matching versions" in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("FROM alpine:3.20\n", "Dockerfile names no version of Go in a form that"),
        (
            "FROM golang:1.24\nFROM golang:1.25.1\n",
            "Dockerfile names several versions of Go, so name a file with one: 1.24 1.25.1",
        ),
    ],
)
def test_a_file_must_name_exactly_one_version(tmp_path: Path, content: str, reason: str) -> None:
    assert reason in named(tmp_path, "Dockerfile", content, make_proxy(tmp_path, {}))


def test_a_missing_file_fails(tmp_path: Path) -> None:
    argv = ["sh", str(SCRIPT), "GoModules", "--go-version-from", ".go-version"]
    git(tmp_path, "init", "-q")

    done = subprocess.run(argv, cwd=tmp_path, check=False, capture_output=True, text=True)

    assert "the branch has no file .go-version, which `goVersionFrom` names" in done.stderr


def step_from(path: str) -> str:
    return f"{PROGRAM} GoModules --go-version-from {path}"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path / "world")


@pytest.fixture
def proxy(tmp_path: Path) -> dict[str, str]:
    variables = make_proxy(tmp_path, MODULES)
    add_toolchain(tmp_path, OTHER)
    return variables


def test_the_named_go_regenerates_the_modules(world: World, proxy: dict[str, str]) -> None:
    base = {**BASE, "Dockerfile": "FROM golang:1.24\n"}
    run = begin(world, base, {}, {"go.mod": manifest(f"{A} v1.1.0")}, MERGE)

    assert run.step(env=proxy).returncode == 0
    done = run.step(script=step_from("Dockerfile"), env=proxy)

    assert done.returncode == 0
    assert f"resync: go version go{OTHER} " in done.stdout.decode()
    assert f"{A} v1.1.0 h1:" in git(run.work_tree, "show", "HEAD:go.sum")


def test_an_image_that_has_the_named_go_needs_no_other(world: World, proxy: dict[str, str]) -> None:
    own = subprocess.run(
        ["go", "env", "GOVERSION"],
        env=os.environ | {"GOTOOLCHAIN": "local"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    minor = ".".join(own.removeprefix("go").split(".")[:2])
    run = begin(world, {**BASE, ".go-version": f"{minor}\n"}, {}, {"g.txt": "new\n"}, MERGE)
    environment = {**proxy, "GOTOOLCHAIN": f"go{OTHER}"}

    assert run.step(env=environment).returncode == 0
    done = run.step(script=step_from(".go-version"), env=environment)

    assert done.returncode == 0
    assert f"resync: go version {own} " in done.stdout.decode()


def test_a_release_that_needs_a_newer_go_than_the_file_names_fails(
    world: World, proxy: dict[str, str]
) -> None:
    theirs = {"go.mod": manifest(f"{A} v1.0.0", go="1.25.0")}
    run = begin(world, {**BASE, "Dockerfile": "FROM golang:1.24\n"}, {}, theirs, MERGE)

    assert run.step(env=proxy).returncode == 0
    done = run.step(script=step_from("Dockerfile"), env=proxy)

    assert done.returncode == 1
    said = done.stderr.decode()
    assert "the release needs another Go than Dockerfile names; change that file" in said
    assert f"go.mod requires go >= 1.25.0 (running go {OTHER}" in said


def test_an_image_whose_go_cannot_switch_fails(tmp_path: Path) -> None:
    """Go before 1.21 does not know GOTOOLCHAIN, and would use itself."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "go").write_text("#!/bin/sh\necho go1.20.14\n")
    (programs / "go").chmod(0o755)
    proxy = {"PATH": f"{programs}:{os.environ['PATH']}"}

    said = named(tmp_path, ".go-version", "1.24.6\n", proxy)

    assert ".go-version names Go 1.24.6, and this image's go1.20.14 takes no other" in said
