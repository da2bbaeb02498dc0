"""The rebases of a fork that carries patches, done again with a Plan and compared with what was merged.

`python -m tests.history.rebases UPSTREAM DOWNSTREAM PLAN [--branch NAME] [--leave-out PATH]... [--json FILE]`

A rebase is a merge of upstream that took over all of upstream's files. Each one is done again from its first parent, with
the Plan's `carries`, `conflicts` and steps; a question is answered with the file as the pull request has it that was
merged. Exit code 1 where a file is otherwise than there, and no commit of a person explains it.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from resync_argo.api.plan import Plan
from resync_argo.conflicts.quoting import quote
from resync_argo.git import Git
from resync_argo.local.history.bumps import Bump
from resync_argo.local.run.outcome import RunOutcome
from tests.history.leaving_out import leave_out
from tests.history.processes import map_repositories
from tests.history.replay import BRANCH, HOST, MAX_ROUNDS, Stage

IGNORED = ("go.mod", "go.sum")
"""What each pull request regenerates with a tool."""


@dataclass(frozen=True, kw_only=True)
class Rebase:
    """A rebase that was merged.

    Attributes:
        date: of the merge that recorded upstream.
        merge: that merge; `downstream` and `upstream` are its parents.
        head: the head of the pull request.
    """

    date: str
    merge: str
    downstream: str
    upstream: str
    head: str


@dataclass(frozen=True, kw_only=True)
class Redone:
    """What came of doing it again.

    Attributes:
        date: see `Rebase`.
        downstream: see `Rebase`.
        outcome: `Synced`, or what the run said.
        questions: how many pull requests asked.
        asked: the files that they asked about.
        carried: the commits on the merge that records upstream.
        differing: files that are otherwise than in the pull request that was merged.
        ruled: those of them that a rule of the Plan decided, which the pull request shows.
        wrong: those that neither a rule nor a commit of a person explains.
        message: why it was refused; "" where it was not.
    """

    date: str
    downstream: str
    outcome: str
    questions: int
    asked: tuple[str, ...]
    carried: int
    differing: tuple[str, ...]
    ruled: tuple[str, ...]
    wrong: tuple[str, ...]
    message: str = ""


def find_rebases(git: Git, branch: str, upstream: str) -> Iterator[Rebase]:
    """Yield the rebases of a branch, oldest first.

    Args:
        git: a repository with both histories.
        branch: the fork's.
        upstream: a glob of refs that are upstream's.
    """
    refs = git.text("for-each-ref", "--format=%(objectname)", upstream).split()
    known = set(git.text("rev-list", *refs).split())
    log = ("log", "--topo-order", "--format=%H %T %cs %P", branch, *refs, "--")
    commits = {}
    for line in git.text(*log).splitlines():
        commit, tree, date, *parents = line.split()
        commits[commit] = _Commit(tree=tree, date=date, parents=parents)
    tip = git.text("rev-parse", branch)
    for commit, head in _brought(commits, tip).items():
        it = commits[commit]
        if len(it.parents) != len(("downstream", "upstream")):
            continue
        first, second = it.parents
        if second in known and first not in known and commits[second].tree == it.tree:
            yield Rebase(date=it.date, merge=commit, downstream=first, upstream=second, head=head)


@dataclass(frozen=True, kw_only=True)
class _Commit:
    tree: str
    date: str
    parents: Sequence[str]


def _brought(commits: Mapping[str, _Commit], tip: str) -> dict[str, str]:
    """Return the head of the pull request that brought each commit, oldest pull request first."""
    chain = [tip]
    while commits[chain[-1]].parents:
        chain.append(commits[chain[-1]].parents[0])
    seen = set[str]()
    brought: dict[str, str] = {}
    for commit in reversed(chain):
        seen.add(commit)
        for head in commits[commit].parents[1:]:
            left = [head]
            while left:
                one = left.pop()
                if one not in seen:
                    seen.add(one)
                    brought[one] = head
                    left += commits[one].parents
    return brought


class Redo:
    """Does rebases again, one after the other."""

    def __init__(self, stage: Stage, plan: Mapping[str, Any]) -> None:
        """Take a stage with both clones, and a Plan as written."""
        self._stage = stage
        self._plan = plan
        self._git = stage.both()

    def run(self, number: int, rebase: Rebase, carries: Mapping[str, Any]) -> Redone:
        """Do a rebase again."""
        git, stage = self._git, self._stage
        version = f"1.0.{number}"
        bump = Bump(
            version=version,
            tag=f"v{version}",
            tag_commit=rebase.upstream,
            parent=rebase.downstream,
            merge=rebase.head,
            end=rebase.head,
        )
        stage.reset(bump.parent)
        Git(directory=stage.upstream).run("update-ref", f"refs/tags/v{version}", rebase.upstream)
        plan = self._planned(version, carries)
        outcome, questions = self._run(bump, plan), 0
        asked: list[str] = []
        while outcome.conflict is not None and questions < MAX_ROUNDS:
            questions += 1
            asked += outcome.conflict.files
            stage.resolve(outcome.conflict, bump, whole=False)
            outcome = self._run(bump, plan)
        done = outcome.commit if outcome.outcome == "Synced" else None
        differing = self._differing(done, rebase.head) if done else ()
        ruled = {quote(it) for it in stage.ruled}.intersection(differing)
        span = ("--first-parent", f"{done}", f"^{rebase.downstream}", f"^{rebase.upstream}")
        return Redone(
            date=rebase.date,
            downstream=rebase.downstream[:12],
            outcome=outcome.outcome,
            questions=questions,
            asked=tuple(asked),
            carried=int(git.text("rev-list", "--no-merges", "--count", *span)) if done else 0,
            differing=differing,
            ruled=tuple(sorted(ruled)),
            wrong=tuple(sorted(set(differing) - ruled - self._explained(rebase, done)))
            if done
            else (),
            message=outcome.message or "" if not done else "",
        )

    def _run(self, bump: Bump, plan: Plan) -> RunOutcome:
        with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
            return self._stage.run(bump, plan)

    def _planned(self, version: str, carries: Mapping[str, Any]) -> Plan:
        config = {
            **self._plan["spec"]["config"],
            "upstream": {"name": f"{HOST}/upstream", "matchedVersions": [version]},
            "downstream": {"name": f"{HOST}/downstream", "branch": BRANCH},
        }
        config["carries"] = {**config.get("carries", {}), **carries}
        spec = {"config": config, "steps": self._plan["spec"]["steps"]}
        return Plan.parse({"metadata": {"name": "history"}, "spec": spec})

    def _differing(self, one: str, other: str) -> tuple[str, ...]:
        names = [quote(it) for it in sorted(self._stage.differing(one, other))]
        return tuple(it for it in names if it.rpartition("/")[2] not in IGNORED)

    def _explained(self, rebase: Rebase, done: str) -> set[str]:
        """Return the files of which people did something: by a commit that only one of both has, or in one of both."""
        span = (f"^{rebase.downstream}", f"^{rebase.upstream}")
        before = self._commits(rebase.downstream, f"^{rebase.upstream}")
        ours, theirs = (self._commits(it, *span) for it in (done, rebase.head))
        explained: set[str] = set()
        for name in ours.keys() ^ theirs.keys():
            explained |= ours.get(name, set()) | theirs.get(name, set())
        for name in theirs.keys() & before.keys():
            # A pick changes nothing that its commit does not change.
            explained |= theirs[name] - before[name]
        return explained

    def _commits(self, *span: str) -> dict[str, set[str]]:
        """Return the files that commits change, by author and subject."""
        form = "--format=%x00%an: %s"
        log = ("log", "--no-merges", "--no-renames", "--name-only", form, *span)
        found: dict[str, set[str]] = {}
        for entry in self._git.text(*log).split("\0")[1:]:
            name, *files = [line for line in entry.splitlines() if line]
            found.setdefault(name, set()).update(files)
        return found


def redo_all(
    stage: Stage, plan: Mapping[str, Any], rebases: Sequence[Rebase], answers: Mapping[str, Any]
) -> list[Redone]:
    """Do rebases again, oldest first.

    Args:
        stage: with both clones.
        plan: as written.
        rebases: which.
        answers: more of `config.carries` for a rebase, by the day it was made on.
    """
    redo = Redo(stage, plan)
    found = []
    for number, rebase in enumerate(rebases, start=1):
        found.append(redo.run(number, rebase, answers.get(rebase.date, {})))
        print(_line(found[-1]), file=sys.stderr, flush=True)
    return found


def table(found: Sequence[Redone]) -> str:
    """Return what came of all of them, as lines."""
    synced = [it for it in found if it.outcome == "Synced"]
    return (
        f"{len(found)} rebases, {len(synced)} done, {sum(it.questions for it in found)} questions"
        f" ({sum(not it.questions for it in synced)} without one), {sum(len(it.asked) for it in found)} files asked,"
        f" {sum(not it.differing for it in synced)} trees equal, {sum(len(it.wrong) for it in found)} files wrong"
    )


def _line(one: Redone) -> str:
    state = "equal" if not one.differing else f"{len(one.differing)} differ, {len(one.wrong)} wrong"
    said = f" {one.message}" if one.message else f" {one.carried} carried, {state}"
    asked = f" asked: {' '.join(one.asked)}" if one.asked else ""
    asked += f" by rule: {' '.join(one.ruled)}" if one.ruled else ""
    wrong = f" WRONG: {' '.join(one.wrong)}" if one.wrong else ""
    return (
        f"{one.date} {one.downstream} {one.outcome} {one.questions} questions{said}{asked}{wrong}"
    )


def main(arguments: Sequence[str]) -> int:
    """Do all rebases again, and print what came of each."""
    parser = argparse.ArgumentParser(prog="python -m tests.history.rebases", description=__doc__)
    parser.add_argument("upstream", type=Path)
    parser.add_argument("downstream", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--branch", default="main", help="the fork's")
    parser.add_argument("--leave-out", action="append", default=[], help="folders of this name")
    parser.add_argument("--only", metavar="DATE", help="the rebase of a day, as 2024-01-31")
    parser.add_argument("--since", default="", metavar="DATE", help="rebases from a day on")
    parser.add_argument("--answers", type=Path, help="YAML: more `carries` for the rebase of a day")
    parser.add_argument("--json", type=Path, help="write all that was found here")
    given = parser.parse_args(arguments)
    plan = yaml.safe_load(given.plan.read_text())
    answers = yaml.safe_load(given.answers.read_text()) if given.answers else {}
    with tempfile.TemporaryDirectory() as folder:
        both = Path(folder) / "both"
        leave_out(both, given.upstream, "refs/upstream/", given.leave_out)
        leave_out(both, given.downstream, "refs/downstream/", given.leave_out)
        stage = Stage(Path(folder) / "stage", both, both)
        map_repositories(stage)
        branch = f"refs/downstream/heads/{given.branch}"
        rebases = find_rebases(Git(directory=both), branch, "refs/upstream/")
        wanted = [it for it in rebases if it.date >= given.since and given.only in (None, it.date)]
        found = redo_all(stage, plan, wanted, answers)
    if given.json:
        given.json.write_text(json.dumps([asdict(it) for it in found], indent=1) + "\n")
    print(table(found))
    return 1 if any(it.wrong or it.outcome != "Synced" for it in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
