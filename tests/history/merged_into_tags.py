"""The runs of a `rebase.sh` that merges the fork's branch into a release, done again with a Plan.

`python -m tests.history.merged_into_tags UPSTREAM DOWNSTREAM PLAN [--leave-out-step NAME]... [--since DATE] [--json FILE]`

Such a run is a merge of the fork whose first parent is upstream's tag, as etcd's `rebase.sh` leaves it. Each one is done
again from both parents, with the Plan's steps and `conflicts`. A question is answered with the file as it was
when the last marker line was gone. What comes out is held against that commit, and against the head of the
pull request that was merged, with what people did between both. Exit code 1 where a file is otherwise than
in the first.
"""

import argparse
import json
import os
import sys
import tempfile
from bisect import bisect_left
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
from tests.history.processes import map_repositories
from tests.history.replay import BRANCH, HOST, MAX_ROUNDS, Stage

_PEELED = "%(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)"


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A run that was merged.

    Attributes:
        date: of the merge.
        tag: upstream's, `v3.5.24`; `upstream` is its commit.
        downstream: the fork's commit that was merged into it.
        merge: what that gave, perhaps with marker lines.
        head: of the pull request that brought it.
    """

    date: str
    tag: str
    upstream: str
    downstream: str
    merge: str
    head: str


@dataclass(frozen=True, kw_only=True)
class Redone:
    """What came of doing it again.

    Attributes:
        date: see `Merged`, as `tag` and `merge`.
        outcome: `Synced`, or what the run said.
        questions: how many pull requests asked.
        asked: the files that they asked about.
        ruled: the files that rules of the Plan decided.
        parents: the result has the same two parents in the same order.
        wrong: files that are otherwise than when the script was through, no rule having decided them.
        later: what people committed after that, each with the files that differ by it.
        unexplained: files that differ from what was merged, and nothing of that explains.
    """

    date: str
    tag: str
    merge: str
    outcome: str
    questions: int
    asked: tuple[str, ...]
    ruled: tuple[str, ...]
    parents: bool
    wrong: tuple[str, ...]
    later: Mapping[str, tuple[str, ...]]
    unexplained: tuple[str, ...]
    message: str = ""


def find_merged(both: Git, upstream: Git, downstream: Git, since: str = "") -> Iterator[Merged]:
    """Yield the runs in the fork's branches, oldest first.

    Args:
        both: a repository with the objects of both.
        upstream: upstream's clone.
        downstream: the fork's.
        since: the first day, `2025-10-01`.
    """
    listing = upstream.text("for-each-ref", f"--format={_PEELED} %(refname:lstrip=2)", "refs/tags")
    pairs = sorted(line.split(" ") for line in listing.splitlines())
    tags = {commit: tag for commit, tag in pairs if "/" not in tag}
    known = upstream.text("for-each-ref", "--format=^%(objectname)", "refs/tags", "refs/heads")
    heads = downstream.text("for-each-ref", "--format=%(objectname)", "refs/heads").split()
    stdin = "".join(f"{it}\n" for it in (*heads, *known.split())).encode()
    log = ("log", "--merges", "--reverse", "--format=%H %cs %P", "--stdin")
    for line in both.run(*log, stdin=stdin).decode().splitlines():
        merge, date, first, *others = line.split()
        if (
            date >= since
            and first in tags
            and len(others) == 1
            and not _contains(both, others[0], first)
        ):
            head = _brought_by(both, heads, merge)
            yield Merged(
                date=date,
                tag=tags[first],
                upstream=first,
                downstream=others[0],
                merge=merge,
                head=head or merge,
            )


def _brought_by(git: Git, heads: Sequence[str], merge: str) -> str | None:
    """Return the head of the pull request that brought a merge into the first of some branches that got it."""
    found = set[str]()
    for head in heads:
        if not _contains(git, head, merge):
            continue
        chain = git.text("rev-list", "--first-parent", "--reverse", f"{merge}..{head}").split()
        at = bisect_left(chain, x=True, key=lambda it: _contains(git, it, merge))
        parents = (
            git.text("log", "--max-count=1", "--format=%P", chain[at]).split() if chain else []
        )
        found.update(it for it in parents[1:] if _contains(git, it, merge))
    return min(
        found, key=lambda it: int(git.text("rev-list", "--count", f"{merge}..{it}")), default=None
    )


def _contains(git: Git, commit: str, other: str) -> bool:
    return git.succeeds("merge-base", "--is-ancestor", other, commit)


class Redo:
    """Does runs again, one after the other."""

    def __init__(self, stage: Stage, plan: Mapping[str, Any], without: Sequence[str]) -> None:
        """Take a stage with both clones, and a Plan as written, some steps of which are left out."""
        steps = [it for it in plan["spec"]["steps"] if it.get("name") not in without]
        self._stage = stage
        self._spec = {**plan["spec"], "steps": steps}
        self._git = stage.both()

    def run(self, merged: Merged) -> Redone:
        """Do a run again."""
        stage, settled = self._stage, self._settled(merged)
        bump = Bump(
            version=merged.tag.removeprefix("v"),
            tag=merged.tag,
            tag_commit=merged.upstream,
            parent=merged.downstream,
            merge=settled,
            end=settled,
        )
        stage.reset(bump.parent)
        plan = self._planned(bump.version)
        outcome, asked, questions = stage.run(bump, plan), list[str](), 0
        while outcome.conflict is not None and questions < MAX_ROUNDS:
            questions += 1
            asked += outcome.conflict.files
            stage.resolve(outcome.conflict, bump, whole=False)
            outcome = stage.run(bump, plan)
        done = outcome.commit if outcome.outcome == "Synced" else None
        ruled = {quote(it) for it in stage.ruled}
        later = self._later(settled, merged.head)
        differing = self._differing(done, merged.head) if done else set()
        return Redone(
            date=merged.date,
            tag=merged.tag,
            merge=merged.merge[:12],
            outcome=outcome.outcome,
            questions=questions,
            asked=tuple(asked),
            ruled=tuple(sorted(ruled)),
            parents=done is not None and self._parents(done) == self._parents(merged.merge),
            wrong=tuple(sorted(self._differing(done, settled) - ruled)) if done else (),
            later={name: tuple(sorted(files & differing)) for name, files in later.items()},
            unexplained=tuple(sorted(differing - ruled.union(*later.values()))),
            message=outcome.message or "" if not done else "",
        )

    def _planned(self, version: str) -> Plan:
        config = {
            **self._spec["config"],
            "upstream": {"name": f"{HOST}/upstream", "matchedVersions": [version]},
            "downstream": {"name": f"{HOST}/downstream", "branch": BRANCH},
        }
        spec = {"config": config, "steps": self._spec["steps"]}
        return Plan.parse({"metadata": {"name": "history"}, "spec": spec})

    def _settled(self, merged: Merged) -> str:
        """Return the first commit from the merge on that has no marker lines which both parents lack."""
        span = ("--first-parent", "--reverse", f"{merged.merge}..{merged.head}")
        for commit in (merged.merge, *self._git.text("rev-list", *span).split()):
            changed = self._differing(merged.upstream, commit)
            grep = ("--literal-pathspecs", "grep", "-q", "-I", "^<<<<<<< ", commit, "--", *changed)
            if not changed or not self._git.succeeds(*grep):
                return commit
        return merged.head

    def _later(self, settled: str, head: str) -> dict[str, set[str]]:
        """Return the files that people's later commits change, by commit."""
        form = "--format=%x00%h %s"
        log = ("log", "--first-parent", "--diff-merges=first-parent", "--no-renames", "--name-only")
        found: dict[str, set[str]] = {}
        for entry in self._git.text(*log, form, f"{settled}..{head}").split("\0")[1:]:
            name, *files = [line for line in entry.splitlines() if line]
            found[name] = set(files)
        return found

    def _parents(self, commit: str) -> list[str]:
        return self._git.text("log", "--max-count=1", "--format=%P", commit).split()

    def _differing(self, one: str, other: str) -> set[str]:
        return {quote(it) for it in self._stage.differing(one, other)}


def table(found: Sequence[Redone]) -> str:
    """Return what came of all of them, as a line."""
    done = [it for it in found if it.outcome == "Synced"]
    asked = sum(len(it.asked) for it in found)
    equal = sum(not it.wrong for it in done)
    merged = sum(not any((it.wrong, it.unexplained, *it.later.values())) for it in done)
    return (
        f"{len(found)} runs, {len(done)} done, {sum(it.questions for it in found)} questions"
        f" ({sum(not it.questions for it in done)} without one), {asked} files asked,"
        f" {equal} trees equal to what the script and its answers gave, {merged} to what was merged,"
        f" {sum(len(it.wrong) + len(it.unexplained) for it in found)} files wrong"
    )


def describe(one: Redone) -> str:
    """Return what came of one, as lines."""
    lines = [
        f"{one.date} {one.tag} {one.merge} {one.outcome} {one.questions} questions"
        f" {' '.join(one.asked)}{'' if one.parents else ' OTHER PARENTS'} {one.message}".rstrip()
    ]
    lines += [f"  by rule: {' '.join(one.ruled)}"] if one.ruled else []
    lines += [f"  later: {name}: {' '.join(files)}" for name, files in one.later.items() if files]
    wrong = sorted({*one.wrong, *one.unexplained})
    return "\n".join([*lines, *([f"  WRONG: {' '.join(wrong)}"] if wrong else [])])


def main(arguments: Sequence[str]) -> int:
    """Do all runs again, and print what came of each."""
    parser = argparse.ArgumentParser(prog="python -m tests.history.merged_into_tags")
    parser.add_argument("upstream", type=Path)
    parser.add_argument("downstream", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--leave-out-step", action="append", default=[], metavar="NAME")
    parser.add_argument("--since", default="", metavar="DATE", help="runs from a day on")
    parser.add_argument("--json", type=Path, help="write all that was found here")
    given = parser.parse_args(arguments)
    plan = yaml.safe_load(given.plan.read_text())
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), given.upstream, given.downstream)
        map_repositories(stage)
        clones = Git(directory=given.upstream), Git(directory=given.downstream)
        wanted = find_merged(stage.both(), *clones, given.since)
        redo = Redo(stage, plan, given.leave_out_step)
        found = []
        for merged in wanted:
            with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
                found.append(redo.run(merged))
            print(describe(found[-1]), flush=True)
    if given.json:
        given.json.write_text(json.dumps([asdict(it) for it in found], indent=1) + "\n")
    print(table(found))
    return 1 if any(it.wrong or it.outcome != "Synced" for it in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
