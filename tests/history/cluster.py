"""Syncs real bumps on the local cluster, and compares the trees with what the maintainers merged.

    python -m tests.history.cluster UPSTREAM DOWNSTREAM [--rules FILE] VERSION … [--ruled VERSION …]

Both arguments are clones; their histories are pushed to the local forge. Each bump has its own Plan
and branch. A conflict's pull request gets the maintainers' version of its files, or their whole
tree if they changed other files in the same merge. With `--ruled`, the rules of FILE decide first.
The exit code is 1 if a tree without rules differs.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from github.PullRequest import PullRequest

from resync_argo.git import Git
from resync_argo.local.history.bumps import Bump
from resync_argo.local.preview.forecast import merge_tree
from tests.cluster.waiting import wait_for
from tests.forge.launcher import MAINTAINER
from tests.history.answers import with_answers
from tests.history.bumps import find_bumps
from tests.world.repositories import Repository
from tests.world.standalone import standalone_world
from tests.world.world import Manifest, World

UPSTREAM, DOWNSTREAM = "upstream/project", "downstream/project"
SYNC_SECONDS = 600.0
BODY_LINES = 16


@dataclass(frozen=True, kw_only=True)
class Case:
    """A bump to sync, with rules that decide before people do."""

    bump: Bump
    rules: Sequence[Manifest] = ()

    @property
    def name(self) -> str:
        """Return the Plan's name, which is the branch's too."""
        return f"bump-{self.bump.version}" + ("-ruled" if self.rules else "")


@dataclass(frozen=True, kw_only=True)
class Synced:
    """The result of a bump.

    Attributes:
        asked: the files of each question.
        seconds: from the Plan to the pull request, including the maintainer's part.
        differing: paths that differ from the maintainers' merge.
        body: the beginning of the pull request's text.
    """

    case: Case
    asked: tuple[tuple[str, ...], ...]
    attempts: int
    seconds: float
    parents: int
    differing: tuple[str, ...]
    body: str


class Stage:
    """A world whose repositories hold the real histories."""

    def __init__(self, world: World, upstream: Path, downstream: Path, cases: list[Case]) -> None:
        """Push both histories, and a branch for each case."""
        self.world = world
        world.upstream_name, world.downstream_name = UPSTREAM, DOWNSTREAM
        self._token = world.forge.tokens[MAINTAINER]
        self._clone = Repository(world.folder / "histories")
        world.downstream.git("init", "--quiet", "--bare", self._clone.path)
        self._clone.git("fetch", "--quiet", downstream.absolute(), "refs/heads/*:refs/heads/*")
        self._clone.git("fetch", "--quiet", upstream.absolute(), "refs/tags/v*:refs/tags/v*")
        for name in (UPSTREAM, DOWNSTREAM):
            world.forge.create_repository(name)
        tags = sorted(f"refs/tags/{case.bump.tag}" for case in cases)
        self._push(UPSTREAM, f"{tags[-1]}^{{}}:refs/heads/main", *set(tags))
        self._push(DOWNSTREAM, *(f"{it.bump.parent}:refs/heads/{it.name}" for it in cases))

    def sync(self, case: Case) -> Synced:
        """Sync a bump, and answer as its maintainers did.

        Raises:
            RuntimeError: the sync failed.
        """
        begun = time.monotonic()
        self.world.apply(self._plan(case))
        answered: dict[int, tuple[str, ...]] = {}
        sync = wait_for(
            lambda: self._step(case, answered),
            deadline_seconds=SYNC_SECONDS,
            describe=lambda: f"{case.name}\n{self.world.controller.tail()}",
        )
        seconds = time.monotonic() - begun
        if sync["phase"] != "Finished":
            raise RuntimeError(f"{case.name}: {sync['message']}")
        final = self._pull_request(f"resync/{case.name}/{case.bump.version}")
        assert final is not None
        tip = self._fetch(final.head.ref)
        return Synced(
            case=case,
            asked=tuple(answered.values()),
            attempts=sync["attempt"],
            seconds=seconds,
            parents=len(self._clone.git("log", "-1", "--format=%P", tip).split()),
            differing=self._differing(tip, case.bump.merge),
            body="\n".join(final.body.splitlines()[:BODY_LINES]),
        )

    def _step(self, case: Case, answered: dict[int, tuple[str, ...]]) -> Manifest | None:
        """Answer an open question; return the sync once it is over."""
        sync = self._sync(case)
        if sync is not None and sync["phase"] in ("Finished", "Failed", "Skipped"):
            return sync
        question = self._pull_request(f"resync/{case.name}/conflicts/", state="open")
        if sync is not None and sync["phase"] == "Conflict" and question is not None:
            answered[question.number] = self._answer(case, question)
        return None

    def _sync(self, case: Case) -> Manifest | None:
        """Return the status of the Sync of a case's Plan; None before there is one."""
        for sync in self.world.kubectl.list("syncs.resync.openshift.io"):
            status: Manifest = sync.get("status", {})
            if sync["spec"]["plan"] == case.name and "phase" in status:
                return status
        return None

    def _pull_request(self, branch: str, state: str = "all") -> PullRequest | None:
        opened = self.world.pull_requests(state)
        return next((it for it in opened if it.head.ref.startswith(branch)), None)

    def _answer(self, case: Case, question: PullRequest) -> tuple[str, ...]:
        """Merge the maintainers' version; return the files that were asked about."""
        names = [it.filename.removesuffix(".resync-conflict") for it in question.get_files()]
        head, merge = self._fetch(question.head.ref), case.bump.merge
        git = Git(directory=self._clone.path)
        paths = [name.encode() for name in names]
        whole = bool(self._beside(case.bump)) and not case.rules
        tree = f"{merge}^{{tree}}" if whole else with_answers(git, head, paths, merge)
        commit = self._clone.git("commit-tree", tree, "-p", head, "-m", "Resolve")
        self._push(DOWNSTREAM, f"{commit}:refs/heads/{question.head.ref}")
        self.world.merge(question)
        return tuple(names)

    def _beside(self, bump: Bump) -> set[str]:
        """Return the files that the maintainers changed in the same merge beside the conflicts."""
        tree, conflicted = merge_tree(
            Git(directory=self._clone.path), bump.parent, f"refs/tags/{bump.tag}"
        )
        return {*self._differing(tree, bump.merge)} - {it.decode() for it in conflicted}

    def _differing(self, one: str, other: str) -> tuple[str, ...]:
        argv = ("diff-tree", "-r", "--no-renames", "--name-only", "-z", one, other)
        return tuple(self._clone.git(*argv).split("\0")[:-1])

    def _fetch(self, branch: str) -> str:
        url = f"{self.world.forge.git_url}/{DOWNSTREAM}"
        self._clone.fetch(url, self._token, branch)
        return self._clone.git("rev-parse", "FETCH_HEAD")

    def _push(self, name: str, *refs: str) -> None:
        self._clone.push(f"{self.world.forge.git_url}/{name}", self._token, *refs)

    def _plan(self, case: Case) -> Manifest:
        config: dict[str, Any] = {
            "upstream": {
                "name": f"github.com/{UPSTREAM}",
                "matchedVersions": [case.bump.version],
            },
            "downstream": {"name": f"github.com/{DOWNSTREAM}", "branch": case.name},
            "image": self.world.cluster.step_image,
            "github": {"credentials": {"secretSelector": "github-secret"}},
        }
        if case.rules:
            config["conflicts"] = list(case.rules)
        action = {"type": "pull-request", "title": "Merge $UPSTREAM_TAG"}
        steps = [{"run": "git merge --no-edit $UPSTREAM_TAG"}, {"action": action}]
        return {
            "apiVersion": "resync.openshift.io/v1alpha1",
            "kind": "Plan",
            "metadata": {"name": case.name},
            "spec": {"config": config, "steps": steps},
        }


def row(synced: Synced) -> str:
    """Return a bump's line of the table."""
    asked = ", ".join(str(len(files)) for files in synced.asked) or "none"
    tree = "equal" if not synced.differing else f"differs in {len(synced.differing)}"
    rules = " with rules" if synced.case.rules else ""
    return (
        f"| {synced.case.bump.tag}{rules} | {asked} | {synced.attempts} | {synced.seconds:.0f}"
        f" | {synced.parents} | {tree} |"
    )


def main(arguments: list[str]) -> int:
    """Sync the bumps one after the other; print the rows of a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.history.cluster", description=__doc__)
    parser.add_argument("upstream", type=Path)
    parser.add_argument("downstream", type=Path)
    parser.add_argument("versions", nargs="*", metavar="VERSION")
    parser.add_argument("--ruled", nargs="*", default=[], metavar="VERSION")
    parser.add_argument("--rules", type=Path, help="YAML: a list as in `config.conflicts`")
    given = parser.parse_args(arguments)
    if given.ruled and given.rules is None:
        parser.error("--ruled needs --rules")
    bumps = {it.version: it for it in find_bumps(given.upstream, given.downstream)}
    rules = yaml.safe_load(given.rules.read_text()) if given.rules else []
    cases = [Case(bump=bumps[version]) for version in given.versions]
    cases += [Case(bump=bumps[version], rules=rules) for version in given.ruled]
    equal = True
    with (
        tempfile.TemporaryDirectory() as folder,
        standalone_world("resync-history", Path(folder)) as world,
    ):
        stage = Stage(world, given.upstream, given.downstream, cases)
        print("| Release | Files asked about | Attempts | Seconds | Parents | Tree |")
        print("|---|---|---|---|---|---|", flush=True)
        for case in cases:
            synced = stage.sync(case)
            print(row(synced), flush=True)
            if case.rules:
                print(f"Asked about: {synced.asked}\nDiffering: {synced.differing}\n{synced.body}")
            equal = equal and (bool(case.rules) or not synced.differing)
        world.kubectl.run("delete", "namespace", world.name, "--wait=false")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
