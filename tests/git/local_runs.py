"""Runs `resync-argo` as a person does: in its own process, on a test's repositories.

A `Laptop` is a folder with the repositories of `tests.git.builders`, a Plan, a folder for pull
requests, and a temporary directory that must be empty afterwards.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.git.builders import BRANCH, HOST, World, make_world
from tests.git.repositories import IDENTITY, git

PROGRAM = Path(sys.executable).with_name("resync-argo")
INTERRUPTIBLE = ("/usr/bin/env", "--default-signal=INT,HUP")
"""Begins a command that Ctrl-C and a closed terminal reach, also where the tests were started without either."""

PLAN = "z-release"
RESULT = f"resync/{PLAN}/1.1.0"
PULL_REQUEST = {"action": {"type": "pull-request", "title": "Sync $UPSTREAM_VERSION"}}
MERGE = {"name": "Git merge", "run": "git merge $UPSTREAM_REF"}


@dataclass
class Laptop:
    """A machine with two clones and a Plan."""

    root: Path
    world: World
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def pulls(self) -> Path:
        """Return the forge folder."""
        return self.root / "pulls"

    @property
    def temporary(self) -> Path:
        """Return the temporary directory of runs."""
        return self.root / "tmp"

    @property
    def plan(self) -> Path:
        """Return the Plan's file."""
        return self.root / "plan.yaml"

    def ask_everything(self) -> None:
        """Make the Plan ask about files that downstream never changed, too, such as a squash's copies."""
        plan = yaml.safe_load(self.plan.read_text())
        plan["spec"]["config"]["untouched"] = "Ask"
        self.plan.write_text(yaml.safe_dump(plan))

    def write_plan(self, *steps: Mapping[str, object], **config: object) -> None:
        """Write the Plan with these steps."""
        document = {
            "apiVersion": "resync.openshift.io/v1alpha1",
            "kind": "Plan",
            "metadata": {"name": PLAN},
            "spec": {
                "config": {
                    "upstream": {"name": f"{HOST}/upstream/project", "matchedVersions": ["1.x"]},
                    "downstream": {"name": f"{HOST}/downstream/project", "branch": BRANCH},
                    "image": "registry.test/image:1",
                    "env": [{"name": "UPSTREAM_REF", "from": ".config.upstream.name"}],
                    "github": {"credentials": {"secretSelector": "github-secret"}},
                    "slack": {
                        "credentials": {"secretSelector": "slack-secret"},
                        "channel": "team",
                    },
                    **config,
                },
                "steps": list(steps),
            },
        }
        self.plan.write_text(yaml.safe_dump(document, sort_keys=False))

    def environment(self) -> dict[str, str]:
        """Return the variables of the person's shell."""
        paths = {
            f"https://{HOST}/upstream/project": self.world.upstream.path,
            f"https://{HOST}/downstream/project": self.world.downstream.path,
        }
        mapped = {"GIT_CONFIG_COUNT": str(len(paths))}
        for number, (url, path) in enumerate(paths.items()):
            mapped[f"GIT_CONFIG_KEY_{number}"] = f"url.{path}.insteadOf"
            mapped[f"GIT_CONFIG_VALUE_{number}"] = url
        home = {"HOME": str(self.root), "TMPDIR": str(self.temporary)}
        program = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ["PYTHONPATH"]}
        return {**program, **IDENTITY, **mapped, **home, **self.variables}

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start the program."""
        return subprocess.Popen(
            [*INTERRUPTIBLE, PROGRAM, *words],
            cwd=self.root,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )

    def call(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        with self.start(*words) as process:
            out, err = process.communicate(timeout=120)
            return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def run(self, version: str = "1.1.0", *words: str) -> subprocess.CompletedProcess[str]:
        """Run the Plan with the folder as forge."""
        return self.call("run", self.plan, "--tag", version, "--forge", self.pulls, *words)

    def run_json(self, version: str = "1.1.0", *words: str) -> dict[str, Any]:
        """Run the Plan likewise, and return its JSON output."""
        done = self.run(version, *words, "--format", "json")
        assert done.stdout, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def pull_request(self, number: int) -> str:
        """Return the file of a pull request."""
        return (self.pulls / f"{number:04d}.md").read_text()

    def left_behind(self) -> list[str]:
        """Return the files that a run left in the temporary directory."""
        return sorted(path.name for path in self.temporary.iterdir())

    def resolve(self, conflict: Mapping[str, Any], files: Mapping[str, str | None]) -> None:
        """Resolve a conflict in its branch and merge that, as a person does."""
        repository = self.world.downstream
        tip = repository.commit(conflict["branch"], files, message="Resolve")
        base = f"refs/heads/{conflict['base']}"
        repository.git("update-ref", base, tip)


def make_laptop(root: Path) -> Laptop:
    """Return a laptop on which upstream 1.1.0 merges cleanly into the branch."""
    laptop = Laptop(root=root, world=make_world(root / "repositories"))
    laptop.temporary.mkdir()
    laptop.write_plan(MERGE, PULL_REQUEST)
    return laptop


def shell(laptop: Laptop, commands: Sequence[str]) -> None:
    """Run printed commands in one shell."""
    script = "set -e\n" + "\n".join(commands)
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=laptop.root,
        env=laptop.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


__all__ = ["BRANCH", "Laptop", "git", "make_laptop", "shell"]
