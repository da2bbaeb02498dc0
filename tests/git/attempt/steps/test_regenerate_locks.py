"""A step regenerates a lock from the merged manifest with its own tool, for packages of the branch itself."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from resync_argo.api.plan import Regenerate
from tests.git.conflict_story import Story, make_story, show
from tests.git.repositories import git
from tests.git.steps import regenerate_step
from tests.npm import node_modules

TOOLS = Path("tests/git/lock_tools").resolve()

RUSTUP_HOME = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
OFFLINE = {
    "CARGO_NET_OFFLINE": "true",
    "npm_config_offline": "true",
    "YARN_ENABLE_NETWORK": "false",
    "UV_OFFLINE": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    # A step has its own HOME.
    "RUSTUP_HOME": RUSTUP_HOME,
}
Files = Mapping[str, str]


def crate(name: str, version: str, *needs: str) -> Files:
    """Return a package of Rust."""
    needed = "".join(f'{it} = {{ path = "../{it}" }}\n' for it in needs)
    head = f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n'
    return {f"{name}/Cargo.toml": f"{head}\n[dependencies]\n{needed}", f"{name}/src/lib.rs": ""}


def package(name: str, version: str, *needs: str, wanted: str = "*") -> Files:
    """Return a package of JavaScript, formatted as Yarn does."""
    manifest: dict[str, object] = {"name": name, "version": version}
    if needs:
        manifest["dependencies"] = dict.fromkeys(needs, wanted)
    return {f"packages/{name}/package.json": f"{json.dumps(manifest, indent=2)}\n"}


def member(name: str, version: str, *needs: str) -> Files:
    """Return a package of JavaScript that depends on others of its workspace."""
    return package(name, version, *needs, wanted="workspace:*")


def classic(*, ours: bool = False, theirs: bool = False) -> str:
    """Return a package.json that depends on packages in folders, as Yarn 1 locks them."""
    own = {"a": "file:./packages/a", **({"c": "file:./packages/c"} if ours else {})}
    others = {"b": "file:./packages/b", **({"d": "file:./packages/d"} if theirs else {})}
    return json.dumps(
        {"dependencies": own, "license": "MIT", "private": True, "devDependencies": others},
        indent=2,
    )


def distribution(name: str, version: str, *needs: str) -> Files:
    """Return a package of Python that depends on others of its workspace."""
    sources = "".join(f"{it} = {{ workspace = true }}\n" for it in needs)
    head = f'[project]\nname = "{name}"\nversion = "{version}"\nrequires-python = ">=3.11"\n'
    return {
        f"packages/{name}/pyproject.toml": f"{head}dependencies = {json.dumps(needs)}\n\n"
        f"[tool.uv.sources]\n{sources}"
    }


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool that makes a lock.

    Attributes:
        merged: git's merge of files that both sides change.
        program: the tool's script in `node_modules`, if it is from npm.
    """

    kind: Regenerate
    lock: str
    command: tuple[str, ...]
    top: Files
    base: Files
    ours: Files
    theirs: Files
    merged: Files = field(default_factory=dict)
    program: str = ""

    def variables(self, folder: Path) -> dict[str, str]:
        """Return the variables with which the tool runs without a network."""
        if self.kind in {"Cargo", "Npm"}:
            return OFFLINE
        return OFFLINE | {"PATH": f"{with_program(folder, self)}:{os.environ['PATH']}"}

    def locked(self, folder: Path, *files: Files) -> Files:
        """Return files with the tool's lock of them."""
        every = {**self.top, **{name: content for it in files for name, content in it.items()}}
        folder.mkdir(parents=True)
        for name, content in every.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        environment = os.environ | self.variables(folder.parent)
        subprocess.run(self.command, cwd=folder, env=environment, check=True, capture_output=True)
        return {**every, self.lock: (folder / self.lock).read_text()}


CARGO = Tool(
    kind="Cargo",
    lock="Cargo.lock",
    command=("cargo", "generate-lockfile"),
    top={"Cargo.toml": '[workspace]\nmembers = ["[a-z]"]\nresolver = "2"\n'},
    base={**crate("a", "1.0.0", "b"), **crate("b", "1.0.0")},
    ours={**crate("c", "1.0.0"), **crate("b", "1.0.0", "c")},
    theirs={**crate("a", "1.1.0", "b", "d"), **crate("d", "1.0.0")},
)
NPM = Tool(
    kind="Npm",
    lock="package-lock.json",
    command=("npm", "install", "--package-lock-only", "--no-audit", "--no-fund"),
    top={"package.json": '{"name": "top", "version": "1.0.0", "workspaces": ["packages/*"]}\n'},
    base={**package("a", "1.0.0", "b"), **package("b", "1.0.0")},
    ours={**package("c", "1.0.0"), **package("b", "1.0.0", "c")},
    theirs={**package("a", "1.1.0", "b", "d"), **package("d", "1.0.0")},
)
YARN = Tool(
    kind="Yarn",
    lock="yarn.lock",
    command=("yarn", "install", "--mode=update-lockfile"),
    top={
        "package.json": json.dumps({"name": "top", "workspaces": ["packages/*"]}, indent=2) + "\n",
        ".yarnrc.yml": "enableTelemetry: false\n",
    },
    base={**member("a", "1.0.0", "b"), **member("b", "1.0.0")},
    ours=member("c", "1.0.0"),
    theirs={**member("a", "1.1.0", "b", "d"), **member("d", "1.0.0")},
    program="@yarnpkg/cli-dist/bin/yarn.js",
)
YARN_1 = Tool(
    kind="Yarn",
    lock="yarn.lock",
    command=("yarn", "install", "--ignore-scripts"),
    top={".gitignore": "node_modules\n"},
    base={"package.json": classic(), **package("a", "1.0.0"), **package("b", "1.0.0")},
    ours={"package.json": classic(ours=True), **package("c", "1.0.0")},
    theirs={"package.json": classic(theirs=True), **package("d", "1.0.0")},
    merged={"package.json": classic(ours=True, theirs=True)},
    program="yarn/bin/yarn.js",
)
PNPM = Tool(
    kind="Pnpm",
    lock="pnpm-lock.yaml",
    command=("pnpm", "install", "--lockfile-only"),
    top={
        "package.json": '{"name": "top", "private": true}\n',
        "pnpm-workspace.yaml": "packages: ['packages/*']\n",
    },
    base=YARN.base,
    ours={**member("c", "1.0.0"), **member("b", "1.0.0", "c")},
    theirs=YARN.theirs,
    program="pnpm/bin/pnpm.cjs",
)
UV = Tool(
    kind="Uv",
    lock="uv.lock",
    command=("uv", "lock"),
    top={"pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/*"]\n'},
    base={**distribution("a", "1.0.0", "b"), **distribution("b", "1.0.0")},
    ours={**distribution("c", "1.0.0"), **distribution("b", "1.0.0", "c")},
    theirs={**distribution("a", "1.1.0", "b", "d"), **distribution("d", "1.0.0")},
)


def program_of(tool: Tool) -> str:
    """Return the shell words that start a tool outside of the PATH."""
    if tool.kind == "Uv":
        return str(Path(sys.executable).parent / "uv")
    return f"node {node_modules(TOOLS) / tool.program}"


def with_program(folder: Path, tool: Tool) -> Path:
    """Return a folder that has the tool under its own name."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    name = programs / tool.command[0]
    name.write_text(f'#!/bin/sh\nexec {program_of(tool)} "$@"\n')
    name.chmod(0o755)
    return programs


@pytest.fixture(
    params=[CARGO, NPM, YARN, YARN_1, PNPM, UV],
    ids=["cargo", "npm", "yarn", "yarn 1", "pnpm", "uv"],
)
def tool(request: pytest.FixtureRequest) -> Tool:
    found: Tool = request.param
    return found


def begin(root: Path, tool: Tool) -> Story:
    """Return a story in which the sides have different locks."""
    (folders := root / "folders").mkdir()
    sides = [
        tool.locked(folders / str(number), tool.base, more)
        for number, more in enumerate(({}, tool.ours, tool.theirs))
    ]
    story = make_story(
        root / "story",
        ["git merge --no-edit $UPSTREAM_REF", regenerate_step(tool.kind)],
        base=sides[0],
        downstream=sides[1],
        upstream=sides[2],
    )
    story.variables = tool.variables(folders)
    return story


def test_the_lock_is_that_of_the_merged_manifests(tmp_path: Path, tool: Tool) -> None:
    story = begin(tmp_path, tool)

    done = story.finish()

    wanted = tool.locked(tmp_path / "wanted", tool.base, tool.ours, tool.theirs, tool.merged)
    assert show(done, tool.lock) == wanted[tool.lock].rstrip("\n")
    assert git(done, "log", "-1", "--format=%s") == f"Update {tool.lock}"
    assert git(done, "diff", "--name-only", "HEAD^", "HEAD") == tool.lock
    assert git(done, "status", "--porcelain", "--untracked-files=all") == ""


def test_without_the_step_the_lock_is_asked_about(tmp_path: Path) -> None:
    story = begin(tmp_path, UV)
    story.scripts = story.scripts[:1]

    assert "`uv.lock`" in story.conflict().body


@pytest.mark.parametrize(("kind", "lock"), [("Cargo", "Cargo.lock"), ("Npm", "package-lock.json")])
def test_a_branch_without_the_lock_fails(tmp_path: Path, kind: Regenerate, lock: str) -> None:
    files: dict[str, str] = {"f.txt": "f\n"}
    story = make_story(tmp_path, [regenerate_step(kind)], base=files, downstream={}, upstream={})

    with pytest.raises(AssertionError, match=f"the branch has no {lock} with a"):
        story.attempt()


def test_a_tool_that_writes_another_format_than_the_branchs_fails(tmp_path: Path) -> None:
    """Yarn 4 silently converts a lock of Yarn 1, which Yarn 1 then cannot read."""
    tool = replace(YARN_1, command=YARN.command, program=YARN.program)
    story = begin(tmp_path, YARN_1)
    story.variables = tool.variables(tmp_path)

    with pytest.raises(AssertionError, match=r"yarn writes yarn\.lock in format \d+, and the br"):
        story.attempt()
