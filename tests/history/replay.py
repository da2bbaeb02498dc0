"""Syncs one bump again, with the program's own parts, and compares with what the maintainers did.

A `Stage` is a folder with both repositories, borrowed from the given clones, and a folder as forge. On
it each bump is forecast and run; a conflict is resolved as the maintainers did, through the conflict's
branches, and the run goes on.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resync_argo.api.plan import Plan
from resync_argo.attempt.conflict.decisions import load_decisions
from resync_argo.conflicts.quoting import quote, unquote
from resync_argo.git import DISPOSABLE, Git
from resync_argo.local.history.bumps import Bump
from resync_argo.local.place import place
from resync_argo.local.preview.forecast import merge_tree
from resync_argo.local.run.local_attempt import Request, build_attempt
from resync_argo.local.run.outcome import ConflictOutcome, RunOutcome
from resync_argo.local.run.run import run_plan
from tests.history.answers import with_answers
from tests.history.hunks import plain_hunks, shown_hunks

HOST = "history.test"
BRANCH = "bump"
MAX_ROUNDS = 5
ENDS = ("Synced", "AlreadySynced", "Conflict")
COMMITTER = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A Maintainer"), ("EMAIL", "maintainer@example.com"))
}


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What came of one bump.

    Attributes:
        bump: which.
        conflicts: files that plain git cannot merge.
        agreed: forecast and run name the same files.
        hunks: places in conflict that plain git leaves.
        differing: those that the first question does not show as git has them, and others that it shows.
        beside: how many other files the maintainers changed in the same merge.
        reproduced: given the maintainers' answers, the tree equals theirs.
        outcome: how the run with rules ended, `Synced` where it needed nobody.
        ruled: files that a rule decided.
        wrong: those of them that the maintainers decided otherwise.
    """

    bump: Bump
    conflicts: tuple[str, ...]
    agreed: bool
    hunks: int
    differing: int
    beside: int
    reproduced: bool
    outcome: str
    ruled: tuple[str, ...]
    wrong: tuple[str, ...]


class Unreadable(Exception):
    """A run ended neither well nor at a conflict, such as for want of an object; says why."""


class Stage:
    """Both repositories in a folder, ready for one bump after the other."""

    def __init__(self, root: Path, upstream: Path, downstream: Path) -> None:
        """Borrow the clones' objects, and take upstream's tags; unless that was done before."""
        self.root = root
        self.upstream = _borrow(root / "upstream", upstream, "refs/tags")
        self.downstream = _borrow(root / "downstream", downstream, "refs/heads")
        self._git = Git(directory=self.downstream, environment=COMMITTER)
        self.ruled: set[bytes] = set()
        self.for_steps: set[bytes] = set()

    def replay(self, bump: Bump, rules: Sequence[Mapping[str, Any]]) -> Replayed:
        """Sync a bump with the maintainers' answers, and once more with rules.

        Raises:
            Unreadable: a run failed.
            GitError: a clone lacks an object.
        """
        tree, conflicted = merge_tree(self.both(), bump.parent, bump.tag_commit)
        files = tuple(quote(name) for name in conflicted)
        others = self.differing(tree, bump.merge) - set(conflicted)
        first, differing, result = self._answered(bump, whole=bool(others))
        ruled = self._ruled(bump, rules, conflicted)
        return Replayed(
            bump=bump,
            conflicts=files,
            agreed=first == files,
            hunks=differing[0],
            differing=differing[1],
            beside=len(others),
            reproduced=result is not None and not self.differing(result, bump.merge),
            outcome=ruled[0],
            ruled=tuple(quote(name) for name in ruled[1]),
            wrong=tuple(quote(name) for name in ruled[2]),
        )

    def _answered(
        self, bump: Bump, *, whole: bool
    ) -> tuple[tuple[str, ...], tuple[int, int], str | None]:
        """Run and resolve until it is synced; return the first round's files and hunks, and the commit."""
        self.reset(bump.parent)
        outcome = self.run(bump, plan_of(bump, []))
        if outcome.outcome not in ENDS:
            raise Unreadable(f"{outcome.outcome}: {outcome.message}")
        first = outcome.conflict.files if outcome.conflict else ()
        hunks = self._hunks(bump, outcome.conflict) if outcome.conflict else (0, 0)
        for _ in range(MAX_ROUNDS):
            if outcome.conflict is None:
                break
            self.resolve(outcome.conflict, bump, whole=whole)
            outcome = self.run(bump, plan_of(bump, []))
        return first, hunks, outcome.commit if outcome.outcome == "Synced" else None

    def _hunks(self, bump: Bump, conflict: ConflictOutcome) -> tuple[int, int]:
        """Return how many hunks plain git has, and how many differ from what is shown."""
        objects = f"{self.downstream}/objects:{self.upstream}/objects"
        plain = plain_hunks(objects, bump.parent, bump.tag_commit)
        head, base = (f"refs/heads/{it}" for it in (conflict.branch, conflict.base))
        shown = shown_hunks(self._git, head, base)
        return plain.total(), (plain - shown).total() + (shown - plain).total()

    def _ruled(
        self, bump: Bump, rules: Sequence[Mapping[str, Any]], conflicted: Sequence[bytes]
    ) -> tuple[str, list[bytes], list[bytes]]:
        """Run with rules; return the outcome, the files that rules decided, and the wrong ones."""
        if not rules or not conflicted:
            return ("Conflict" if conflicted else "Synced"), [], []
        self.reset(bump.parent)
        outcome = self.run(bump, plan_of(bump, rules))
        left = {unquote(name) for name in outcome.conflict.files} if outcome.conflict else set()
        ruled = [name for name in conflicted if name not in left]
        result = outcome.conflict.base if outcome.conflict else outcome.commit
        wrong = self.differing(result, bump.merge) if result else set()
        return outcome.outcome, ruled, [name for name in ruled if name in wrong]

    def run(self, bump: Bump, plan: Plan) -> RunOutcome:
        """Run a Plan for a bump; a commit of a branch gets a tag, so that it can be asked for."""
        upstream, tag = Git(directory=self.upstream), f"refs/tags/{bump.tag}"
        if not upstream.text("for-each-ref", tag):
            upstream.run("update-ref", tag, bump.tag_commit)
        request = Request(
            plan=plan,
            file=Path("plan.yaml"),
            version=bump.version,
            forge=self.root / "pulls",
            environ=os.environ,
        )
        with place(keep=False) as layout:
            attempt = build_attempt(request, layout)
            outcome = run_plan(request, attempt)
            decisions = load_decisions(attempt)
            self.ruled, self.for_steps = (
                {name for it in decisions if it.kind == kind for name in it.entries}
                for kind in ("rule", "step")
            )
            return outcome

    def reset(self, head: str) -> None:
        """Begin again: the downstream has one branch, which is at a commit, and no pull request."""
        shutil.rmtree(self.root / "pulls", ignore_errors=True)
        listing = self._git.text("for-each-ref", "--format=delete %(refname)", "refs/")
        self._git.run("update-ref", "--stdin", stdin=f"{listing}\n".encode() if listing else b"")
        self._git.run("update-ref", f"refs/heads/{BRANCH}", head)

    def resolve(self, conflict: ConflictOutcome, bump: Bump, *, whole: bool) -> None:
        """Merge the maintainers' version of the conflicted files, or of everything."""
        head = self._git.text("rev-parse", f"refs/heads/{conflict.branch}")
        names = [unquote(it) for it in conflict.files]
        answered = with_answers(self._git, head, names, bump.merge)
        tree = f"{bump.merge}^{{tree}}" if whole else answered
        commit = self._git.text("commit-tree", tree, "-p", head, "-m", "Resolve")
        self._git.run("update-ref", f"refs/heads/{conflict.base}", commit)

    def both(self) -> Git:
        """Return a repository that sees the objects of both."""
        borrowed = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.upstream / "objects")}
        return Git(directory=self.downstream, environment=borrowed)

    def differing(self, one: str, other: str) -> set[bytes]:
        """Return the paths that two commits or trees have otherwise."""
        argv = ("diff-tree", "-r", "--no-renames", "--name-only", "-z", one, other)
        return set(self.both().run(*argv).split(b"\0")[:-1])

    def lines(self, one: str, other: str) -> dict[bytes, int]:
        """Return how many lines two commits or trees have otherwise, by path; binary files have none."""
        argv = ("diff-tree", "-r", "--no-renames", "--numstat", "-z", one, other)
        rows = [it.split(b"\t", 2) for it in self.both().run(*argv).split(b"\0")[:-1]]
        return {
            name: 0 if b"-" in (added, removed) else int(added) + int(removed)
            for added, removed, name in rows
        }


def plan_of(bump: Bump, rules: Sequence[Mapping[str, Any]], *, matched: str | None = None) -> Plan:
    """Return a Plan for a bump; by default for it alone: what else the branch contains must not supersede it.

    It asks about everything that no rule decides, since the maintainers' answers are held against plain git's conflicts.
    """
    config = {
        "upstream": {"name": f"{HOST}/upstream", "matchedVersions": [matched or bump.version]},
        "downstream": {"name": f"{HOST}/downstream", "branch": BRANCH},
        "enablePrereleases": True,
        "image": "unused",
        "github": {"credentials": {"secretSelector": "unused"}},
        "conflicts": list(rules),
        "untouched": "Ask",
    }
    action = {"type": "pull-request", "title": f"Sync {bump.version}"}
    steps = [{"name": "Git merge", "run": "git merge $UPSTREAM_COMMIT"}, {"action": action}]
    return Plan.parse({"metadata": {"name": "history"}, "spec": {"config": config, "steps": steps}})


def _borrow(path: Path, clone: Path, refs: str) -> Path:
    """Make a bare repository with the objects of a clone and some of its refs."""
    if path.exists():
        return path
    path.mkdir(parents=True)
    git, source = Git(directory=path), Git(directory=clone)
    git.run("init", "--quiet", "--bare", "--template=", ".")
    # Sent to the same machine: making packs smaller costs more than it saves.
    sparing = {"pack.window": "0", "pack.compression": "0"}
    allowed = {"uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true"}
    git.configure(allowed | sparing | DISPOSABLE)
    objects = source.text("rev-parse", "--path-format=absolute", "--git-path", "objects")
    (path / "objects" / "info").mkdir(exist_ok=True)
    (path / "objects" / "info" / "alternates").write_text(f"{objects}\n")
    listing = source.text("for-each-ref", "--format=create %(refname) %(objectname)", refs)
    git.run("update-ref", "--stdin", stdin=f"{listing}\n".encode() if listing else b"")
    return path
