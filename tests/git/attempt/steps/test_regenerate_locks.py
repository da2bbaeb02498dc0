"""A step makes a lock again from the merged manifest with its own tool, on packages of the branch itself."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from resync_argo.api.plan import Regenerate
from tests.git.conflict_story import Story, make_story, show
from tests.git.repositories import git
from tests.git.steps import regenerate_step

RUSTUP_HOME = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
OFFLINE = {
    "CARGO_NET_OFFLINE": "true",
    "npm_config_offline": "true",
    # A step has a HOME of its own.
    "RUSTUP_HOME": RUSTUP_HOME,
}
Files = Mapping[str, str]


def crate(name: str, version: str, *needs: str) -> Files:
    """Return a package of Rust."""
    needed = "".join(f'{it} = {{ path = "../{it}" }}\n' for it in needs)
    head = f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n'
    return {f"{name}/Cargo.toml": f"{head}\n[dependencies]\n{needed}", f"{name}/src/lib.rs": ""}


def package(name: str, version: str, *needs: str) -> Files:
    """Return a package of JavaScript."""
    needed = ", ".join(f'"{it}": "*"' for it in needs)
    head = f'"name": "{name}", "version": "{version}"'
    return {f"packages/{name}/package.json": f'{{{head}, "dependencies": {{{needed}}}}}\n'}


@dataclass(frozen=True, kw_only=True)
class Tool:
    """What makes a lock."""

    kind: Regenerate
    lock: str
    command: tuple[str, ...]
    top: Files
    base: Files
    ours: Files
    theirs: Files

    def locked(self, folder: Path, *files: Files) -> Files:
        """Return files with the lock that the tool makes of them."""
        every = {**self.top, **{name: content for it in files for name, content in it.items()}}
        folder.mkdir(parents=True)
        for name, content in every.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        environment = os.environ | OFFLINE
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


@pytest.fixture(params=[CARGO, NPM], ids=["cargo", "npm"])
def tool(request: pytest.FixtureRequest) -> Tool:
    found: Tool = request.param
    return found


def begin(root: Path, tool: Tool) -> Story:
    """Return a story in which both sides have another lock."""
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
    story.variables = OFFLINE
    return story


def test_the_lock_is_the_one_of_the_merged_manifests(tmp_path: Path, tool: Tool) -> None:
    story = begin(tmp_path, tool)

    done = story.finish()

    wanted = tool.locked(tmp_path / "wanted", tool.base, tool.ours, tool.theirs)
    assert show(done, tool.lock) == wanted[tool.lock].rstrip("\n")
    assert git(done, "log", "-1", "--format=%s") == f"Update {tool.lock}"
    assert git(done, "diff", "--name-only", "HEAD^", "HEAD") == tool.lock
    assert git(done, "status", "--porcelain", "--untracked-files=all") == ""


def test_without_the_step_the_lock_is_asked(tmp_path: Path, tool: Tool) -> None:
    story = begin(tmp_path, tool)
    story.scripts = story.scripts[:1]

    assert f"`{tool.lock}`" in story.conflict().body


@pytest.mark.parametrize(("kind", "lock"), [("Cargo", "Cargo.lock"), ("Npm", "package-lock.json")])
def test_a_branch_without_the_lock_fails(tmp_path: Path, kind: Regenerate, lock: str) -> None:
    files: dict[str, str] = {"f.txt": "f\n"}
    story = make_story(tmp_path, [regenerate_step(kind)], base=files, downstream={}, upstream={})

    with pytest.raises(AssertionError, match=f"the branch has no {lock} with a"):
        story.attempt()
