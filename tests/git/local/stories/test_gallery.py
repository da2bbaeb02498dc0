"""Each Plan of the gallery does what its first line says, on small suitable repositories."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from resync_argo.api.plan import Plan
from tests.git.builders import World
from tests.git.fakes import MemoryForge, MemoryNotifier
from tests.git.local_runs import Laptop
from tests.git.repositories import IDENTITY, Repository, git

GALLERY = Path(__file__).parents[4] / "workflow-templates" / "gallery"
GO_MOD = "module example.com/project\n\ngo 1.20\n"
MAIN_GO = "package main\n\nfunc main() {}\n"

CARGO = """#!/bin/sh
[ "$*" = "update --workspace" ] && sed 's/^/locked: /' Cargo.toml >Cargo.lock
"""
NPM = """#!/bin/sh
[ "$*" = "install --package-lock-only --ignore-scripts --no-audit --no-fund" ] && sed 's/^/locked: /' package.json >package-lock.json
"""
"""Stand-ins, for nothing may be asked of a package registry: they make the lock of the manifest, as the tools do."""

Files = Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Example:
    """The repositories for a Plan of the gallery, and the expected result.

    Attributes:
        old: version of the release that the fork begins with; `new` is the next one. Both are git
            tags, or successive commits of a branch.
        base: files of the old release.
        ours: what the fork changed; `message` is that commit's.
        theirs: what upstream changed.
        result: files of the pull request's branch; None: absent.
        tools: programs by name, besides the machine's.
        branch: upstream's branch, if the Plan follows it.
        first_parent: whose history the result continues, `ours` or `upstream`.
    """

    old: str
    new: str
    base: Files
    ours: Files
    theirs: Files
    result: Files
    message: str = "Carry a patch"
    tools: Mapping[str, str] | None = None
    branch: str | None = None
    first_parent: str = "ours"


GO = {"go.mod": GO_MOD, "go.sum": "", "main.go": MAIN_GO}
BUILD_ROOT = "build_root_image:\n  tag: rhel-9-release-golang-1.26-openshift-4.22\n"
IMAGE = 'FROM builder:rhel-9-golang-{go}-openshift AS builder\nLABEL name="operator" version="{version}"\n'
CHORES: dict[str, str] = {
    "Dockerfile.ocp": IMAGE.format(go="1.19", version="0.70.0"),
    "bundle/generated.txt": "old\n",
    "Documentation/openshift.md": "This fork is based on v0.70.0.\n",
}
EXAMPLES = {
    "merge-bot": Example(
        old="v0.11.0",
        new="v0.11.1",
        branch="release-0.11",
        base=GO,
        ours={"go.mod": f"{GO_MOD}\nretract v0.1.0 // ours\n", "ours.txt": "ours\n"},
        theirs={"go.mod": f"{GO_MOD}\nretract v0.2.0\n", "theirs.txt": "theirs\n"},
        result={
            "ours.txt": "ours\n",
            "theirs.txt": "theirs\n",
            "go.mod": f"{GO_MOD}\nretract v0.2.0\n\nretract v0.1.0 // ours\n",
        },
    ),
    "rebasebot": Example(
        old="v1.0.0",
        new="v1.1.0",
        branch="master",
        base={**GO, "OWNERS": "upstream\n", "f.txt": "one\n"},
        ours={"OWNERS": "downstream\n", "f.txt": "carried\n"},
        message="UPSTREAM: <carry>: Own it",
        theirs={"OWNERS": "upstream 2\n", "g.txt": "new\n"},
        result={"OWNERS": "downstream\n", "f.txt": "carried\n", "g.txt": "new\n"},
    ),
    "rebase-sh-kubernetes": Example(
        old="v1.31.0",
        new="v1.31.1",
        base={
            **GO,
            "Makefile": "update:\n\t@echo $(OS_RUN_WITHOUT_DOCKER) >generated.txt\n",
        },
        ours={"openshift-hack/images/hyperkube/Dockerfile.rhel": 'LABEL x="kubernetes=1.31.0"\n'},
        theirs={"theirs.txt": "theirs\n"},
        result={
            "openshift-hack/images/hyperkube/Dockerfile.rhel": 'LABEL x="kubernetes=1.31.1"\n',
            "generated.txt": "yes\n",
        },
    ),
    "rebase-sh-etcd": Example(
        old="v3.5.0",
        new="v3.5.1",
        base=GO,
        ours={"ours.txt": "ours\n"},
        theirs={"theirs.txt": "theirs\n"},
        result={"ours.txt": "ours\n", "theirs.txt": "theirs\n"},
        first_parent="upstream",
    ),
    "vendor": Example(
        old="v1.8.0",
        new="v1.8.1",
        base={**GO, "vendor/modules.txt": "old\n", ".ci-operator.yaml": BUILD_ROOT},
        ours={"vendor/modules.txt": "ours\n", "ours.txt": "ours\n"},
        theirs={"vendor/modules.txt": "theirs\n"},
        result={"ours.txt": "ours\n", "vendor/modules.txt": None},
    ),
    "housekeeping": Example(
        old="v0.70.0",
        new="v0.71.0",
        base={**GO, "Makefile": "update:\n\t@wc -l <theirs.txt >bundle/generated.txt\n"},
        ours=CHORES,
        theirs={"theirs.txt": "theirs\n"},
        result={
            "Dockerfile.ocp": IMAGE.format(go="1.20", version="0.71.0"),
            "bundle/generated.txt": "1\n",
            "Documentation/openshift.md": "This fork is based on v0.71.0.\n",
        },
    ),
    "monorepo": Example(
        old="kustomize/v5.4.1",
        new="kustomize/v5.4.2",
        base={"kustomize/main.go": MAIN_GO},
        ours={"ours.txt": "ours\n"},
        theirs={"kustomize/new.go": MAIN_GO},
        result={"kustomize/new.go": MAIN_GO, "ours.txt": "ours\n"},
    ),
    "rust": Example(
        old="14.0.0",
        new="14.1.0",
        base={"Cargo.toml": "a = 1\nb = 1\n", "Cargo.lock": "locked: 1\n"},
        ours={"Cargo.toml": "a = 1\nb = 1\nours = 1\n", "Cargo.lock": "locked: ours\n"},
        theirs={"Cargo.toml": "a = 2\nb = 1\n", "Cargo.lock": "locked: 2\n"},
        result={"Cargo.lock": "locked: a = 2\nlocked: b = 1\nlocked: ours = 1\n"},
        tools={"cargo": CARGO},
    ),
    "javascript": Example(
        old="v4.0.0",
        new="v4.1.0",
        base={"package.json": "a 1\nb 1\n", "package-lock.json": "locked: 1\n"},
        ours={"package.json": "a 1\nb 1\nours 1\n", "package-lock.json": "locked: ours\n"},
        theirs={"package.json": "a 2\nb 1\n", "package-lock.json": "locked: 2\n"},
        result={"package-lock.json": "locked: a 2\nlocked: b 1\nlocked: ours 1\n"},
        tools={"npm": NPM},
    ),
}


def place(root: Path, name: str, example: Example) -> tuple[Plan, Laptop]:
    """Return a Plan, and a machine that reaches the repositories of its example by the names in the Plan."""
    file = GALLERY / name / "plan.yaml"
    plan = Plan.parse(yaml.safe_load(file.read_text()))
    config = plan.spec.config
    world = World(
        root=root / "repositories",
        upstream=Repository(root / "repositories" / "upstream"),
        downstream=Repository(root / "repositories" / "downstream"),
        forge=MemoryForge(root / "repositories" / "downstream"),
        notifier=MemoryNotifier(),
    )
    branch = example.branch or "main"
    first = world.upstream.commit(branch, example.base, message="Begin")
    world.upstream.tag(example.old, first)
    into = config.downstream.branch
    world.downstream.git("fetch", "-q", str(world.upstream.path), f"{first}:refs/heads/{into}")
    world.downstream.commit(into, example.ours, message=example.message)
    second = world.upstream.commit(branch, example.theirs, message="Go on")
    if example.branch is None:
        world.upstream.tag(example.new, second)
    laptop = Laptop(root=root, world=world)
    laptop.temporary.mkdir()
    laptop.plan.write_text(file.read_text())
    laptop.variables = _reaching(
        {
            config.upstream.name: world.upstream,
            config.downstream.name: world.downstream,
        }
    )
    programs = root / "bin"
    programs.mkdir()
    for tool, text in (example.tools or {}).items():
        (programs / tool).write_text(text)
        (programs / tool).chmod(0o755)
    laptop.variables["PATH"] = f"{programs}:{os.environ['PATH']}"
    return plan, laptop


def _reaching(repositories: Mapping[str, Repository]) -> dict[str, str]:
    found = {"GIT_CONFIG_COUNT": str(len(repositories))}
    for number, (name, repository) in enumerate(repositories.items()):
        found[f"GIT_CONFIG_KEY_{number}"] = f"url.{repository.path}.insteadOf"
        found[f"GIT_CONFIG_VALUE_{number}"] = f"https://{name}"
    return found


def run(laptop: Laptop, example: Example) -> str:
    """Run the Plan and return the branch of its pull request."""
    release = () if example.branch else ("--tag", example.new.rpartition("/")[2].removeprefix("v"))
    words = ("run", laptop.plan, *release, "--forge", laptop.pulls, "--format", "json")
    done = laptop.call(*words)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    outcome = json.loads(done.stdout)
    assert outcome["outcome"] == "Synced", outcome
    return str(outcome["branch"])


def test_each_plan_of_the_gallery_has_an_example() -> None:
    assert {folder.name for folder in GALLERY.iterdir()} == EXAMPLES.keys()


@pytest.mark.parametrize(("name", "example"), EXAMPLES.items(), ids=EXAMPLES)
def test_a_plan_does_what_it_says(tmp_path: Path, name: str, example: Example) -> None:
    plan, laptop = place(tmp_path, name, example)
    upstream, downstream = laptop.world.upstream, laptop.world.downstream
    ours = downstream.tip(plan.spec.config.downstream.branch)
    theirs = upstream.tip(example.branch or "main")

    branch = run(laptop, example)

    there = downstream.git("ls-tree", "-r", "--name-only", branch).splitlines()
    assert {path: path in there for path in example.result} == {
        path: content is not None for path, content in example.result.items()
    }
    for path, content in example.result.items():
        assert content is None or downstream.show(branch, path) == content.rstrip("\n"), path
    merge = downstream.git("rev-list", "--merges", "--parents", "-1", branch).split()
    assert merge[1:] == ([ours, theirs] if example.first_parent == "ours" else [theirs, ours])
    assert laptop.pull_request(1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Dockerfile.ocp": "FROM builder\n"}, "Dockerfile.ocp has no label `version`"),
        (
            {"Dockerfile.ocp": 'FROM builder\nLABEL name="o" version="1"\n'},
            "Dockerfile.ocp is not built from an image of Go",
        ),
        ({"bundle/generated.txt": None}, "did not match any file"),
        ({"Makefile": "update:\n\t@echo 1 >other.txt\n"}, "make update wrote outside of bundle"),
        ({"Makefile": "other:\n"}, "No rule to make target"),
        (
            {"Documentation/openshift.md": "Nothing\n"},
            "Documentation/openshift.md does not say what it is based on",
        ),
    ],
    ids=["label", "Go", "generated", "elsewhere", "no target", "docs"],
)
def test_a_chore_without_changes_fails_and_says_so(
    tmp_path: Path, change: Files, said: str
) -> None:
    """This runs only the steps; other tests cover how a run ends with a failed step."""
    file = GALLERY / "housekeeping" / "plan.yaml"
    plan = Plan.parse(yaml.safe_load(file.read_text()))
    example = EXAMPLES["housekeeping"]
    repository = Repository(tmp_path / "repository")
    repository.commit("main", {**example.base, **example.theirs, **CHORES, **change})
    git(tmp_path, "clone", "-q", "-b", "main", str(repository.path), "clone")
    chores = [it.run for it in plan.spec.steps if it.run and not it.run.startswith("git merge")]
    release = {"UPSTREAM_TAG": example.new, "UPSTREAM_VERSION": example.new.removeprefix("v")}

    done = subprocess.run(
        ["sh", "-e", "-c", "\n".join(chores)],
        cwd=tmp_path / "clone",
        env=os.environ | IDENTITY | release,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert said in done.stdout + done.stderr


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_plan_of_the_gallery_has_no_findings(laptop: Laptop, name: str) -> None:
    done = laptop.call("lint", GALLERY / name / "plan.yaml")

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
