"""Syncs one random pair, and checks what must hold whatever it is.

- The run equals what plain git gives where that does not conflict; else it asks, or rules decide.
- A side that a rule or a person takes is byte for byte that side's own file.
- Nothing that only a conflict leaves behind is in a commit: markers, `~` names, stubs, strange files.
- The forecast names what the run asks about.
- The same answers give the same commit once more.
"""

import random
import signal
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from resync_argo.api.plan import ConflictRule
from resync_argo.attempt.conflict.answers import Answered, Merged
from resync_argo.attempt.conflict.decisions import load_decisions
from resync_argo.attempt.conflict.stop import Stop, read_conflict
from resync_argo.attempt.conflict.trees import ConflictCommits, build_commits
from resync_argo.attempt.merge.conflicts import pick_entries
from resync_argo.attempt.merge.three_way import write_tree
from resync_argo.conflicts.markers import is_stub, opening_lines, stub_path
from resync_argo.conflicts.objects import list_tree, read_blobs
from resync_argo.conflicts.quoting import quote
from resync_argo.conflicts.record import ConflictPath, Entry
from resync_argo.conflicts.resolution import read_resolution
from resync_argo.git import Git
from resync_argo.local.preview.forecast import forecast, options_of
from tests.generated.histories import Files, make_pair
from tests.git.clones import IDENTITY, Clone, Content, make_clone, start_over

_PATCH = "--binary --full-index"
OPERATIONS = {
    "merge": "git merge --no-edit {options} upstream",
    "rebase": "git rebase -q {options} upstream",
    "rebase by patches": "git rebase -q --apply upstream",
    "cherry-pick": "git cherry-pick {options} upstream",
    "revert": "git revert --no-edit {options} upstream",
    "squash": "git merge -q --squash {options} upstream\ngit commit --allow-empty -qm Squash",
    "without commit": "git merge -q --no-commit --no-ff upstream\ngit commit --allow-empty -qm Merge",
    "am": f"git format-patch -q {_PATCH} --stdout begin..upstream >../p\ngit am -q -3 ../p",
    "apply": f"git diff {_PATCH} begin upstream >../p\ngit apply -q -3 ../p\ngit commit --allow-empty -qm Apply",
    "stash": (
        "git checkout -q begin\ngit read-tree -u --reset upstream\ngit stash -q\n"
        "git checkout -q main\ngit stash pop -q\ngit add -A\ngit commit --allow-empty -qm Pop"
    ),
}
"""Scripts by what they do."""

OPTIONS = (
    *("", "", "", "", "-Xours", "-Xtheirs", "-Xno-renames", "-Xpatience", "-Xfind-renames=30%"),
    *("-Xrenormalize", "-Xignore-space-change", "-Xdiff-algorithm=minimal", "-s recursive"),
)
WHOLE = ("merge", "squash", "without commit", "stash", "apply")
"""Operations that stop once, so that what people answer is in the commit as it is."""
_SETTINGS = {
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "merge.renameLimit",
    "GIT_CONFIG_VALUE_0": "32767",
    "GIT_CONFIG_KEY_1": "rerere.enabled",
    "GIT_CONFIG_VALUE_1": "false",
}
MAX_ROUNDS = 12
STOPPED = 10


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a trial: what was done, and how often people were asked."""

    operation: str
    asked: int
    ruled: int


@dataclass(kw_only=True)
class Trial:
    """One pair under way."""

    clone: Clone
    chance: random.Random
    operation: str
    script: str
    start: str
    fails_otherwise: bool = False
    crashes: bool = False

    def run(self) -> Outcome:
        """Sync and answer until it is done, checking everything.

        Raises:
            AssertionError: something does not hold.
        """
        plain = self._plain()
        if self.crashes:
            return Outcome(operation="git crashes", asked=0, ruled=0)
        self._forecast()
        asked = 0
        while True:
            done = self.clone.run(self.script)
            if done.returncode != STOPPED:
                break
            assert plain is None, "plain git does not conflict, and we ask"
            asked += 1
            assert asked <= MAX_ROUNDS, "it asks again and again"
            stop = read_conflict(self.clone.attempt)
            assert stop is not None, done.stderr
            self._answer(stop)
            self._again()
        ruled = len([it for it in load_decisions(self.clone.attempt) if it.kind == "rule"])
        if done.returncode:
            # Git fails and leaves nothing unmerged, at an empty pick for example: nobody can be asked.
            assert self.fails_otherwise, done.stderr
            return Outcome(operation=self.operation, asked=asked, ruled=ruled)
        if plain is not None:
            assert self.clone.git("rev-parse", "HEAD^{tree}") == plain
        elif not self.clone.rules:
            assert asked, "plain git conflicts, and nobody was asked"
        self._check_result()
        self._check_replay()
        return Outcome(operation=self.operation, asked=asked, ruled=ruled)

    def _plain(self) -> str | None:
        """Return the tree that plain git gives; None where it conflicts."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.clone.workspace)}
        done = subprocess.run(
            ["sh", "-ec", self.script],
            cwd=self.clone.directory,
            env={**IDENTITY, **_SETTINGS, **environment},
            capture_output=True,
            check=False,
        )
        # Git 2.39 hits an assertion of its own at some renames, and leaves its lock behind.
        self.crashes = done.returncode - 128 in (signal.SIGABRT, signal.SIGSEGV)
        (self.clone.directory / ".git" / "index.lock").unlink(missing_ok=True)
        tree = self.clone.git("rev-parse", "HEAD^{tree}") if done.returncode == 0 else None
        self.fails_otherwise = tree is None and not self.clone.git("ls-files", "-u")
        start_over(self.clone, self.start)
        return tree

    def _forecast(self) -> None:
        """A merge is forecast as it then runs."""
        # Git before 2.50 follows some renames in another way with `-s recursive`, and its question counts.
        if self.operation not in ("merge", "squash") or "-s recursive" in self.script:
            return
        attempt = self.clone.attempt
        replay = attempt.replay_input()
        options = options_of([self.script])
        found = forecast(attempt, self.start, replay.tag_commit, options).forecast
        done = self.clone.run(self.script)
        stop = read_conflict(attempt) if done.returncode == STOPPED else None
        asked = [quote(path.path) for path in stop.conflict.paths] if stop else []
        assert list(found.conflicts) == asked, "the forecast differs from the run"
        self._again()

    def _again(self) -> None:
        start_over(self.clone, self.start)
        self.clone.control.conflict.unlink(missing_ok=True)
        (self.clone.attempt.layout.trusted / "stop.json").unlink(missing_ok=True)

    def _answer(self, stop: Stop) -> None:
        """Resolve as a person does in the pull request: a side of each file, by stub or by hand."""
        attempt = self.clone.attempt
        key = stop.conflict.key(len(self.clone.answered))
        commits = build_commits(attempt, stop, key)
        self._check_shown(commits)
        tree = self._resolved(commits)
        git = replace(attempt.repository, environment=attempt.replay_input().committer)
        tip = git.text("commit-tree", "-m", "Resolve", "-p", commits.head, tree)
        left = read_resolution(git, commits.record, commits.base, commits.head)
        assert len(left.left) == len(stop.conflict.paths), "something is not shown"
        resolution = read_resolution(git, commits.record, commits.base, tip)
        assert resolution.is_complete, resolution.left
        self.clone.answered.append(
            Answered(
                merged=Merged(key=key, number=1, url="https://forge.test/1", tip=tip),
                record=commits.record,
                resolution=resolution,
            )
        )

    def _check_shown(self, commits: ConflictCommits) -> None:
        """The base has downstream's side, byte for byte; nothing has a name that git made up."""
        git = self.clone.attempt.repository
        base = list_tree(git, commits.base)
        assert not [path for path in base if b"~" in path]
        assert not [path for path in list_tree(git, commits.head) if b"~" in path]
        for path in commits.record.conflict.paths:
            for name in path.names:
                if name in base:
                    assert base[name] == path.downstream.get(name), "not downstream's file"

    def _resolved(self, commits: ConflictCommits) -> str:
        git = self.clone.attempt.repository
        changes: dict[bytes, Entry | None] = {}
        for path in commits.record.conflict.paths:
            changes[stub_path(path.path)] = None
            if self.chance.random() < 0.5:
                self._take(git.text("rev-parse", f"{commits.base}^2"), path, changes, commits)
            else:
                self._take(commits.base, path, changes, commits)
        head = list_tree(git, commits.head)
        present = {name: entry for name, entry in changes.items() if name in head or entry}
        return write_tree(git, commits.head, present)

    def _take(
        self,
        commit: str,
        path: ConflictPath,
        changes: dict[bytes, Entry | None],
        commits: ConflictCommits,
    ) -> None:
        """Put a side's files there, in place of a folder too, as the commands of a stub do."""
        git = self.clone.attempt.repository
        there = pick_entries(git, commit, path.names)
        for name in path.names:
            entry = there.get(name)
            if entry is not None and entry.mode == "040000":
                continue
            changes[name] = entry
            if entry is not None:
                inside = (it for it in list_tree(git, commits.head) if it.startswith(name + b"/"))
                changes.update(dict.fromkeys(inside))

    def _check_result(self) -> None:
        names = self.clone.git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")[:-1]
        assert not [name for name in names if "~" in name or is_stub(name.encode())], names
        known = self._known()
        for name in names:
            listing = self.clone.git("--literal-pathspecs", "ls-tree", "HEAD", "--", name)
            mode_and_id = listing.split()
            if mode_and_id[0].startswith("100"):
                content = self.clone.git("cat-file", "blob", mode_and_id[2])
                lines = set(opening_lines(content.encode(errors="surrogateescape")))
                assert lines <= known, f"markers in {name}"
        for decision in load_decisions(self.clone.attempt):
            if decision.kind == "rule" and self.clone.rules[0].resolve != "Union":
                path = decision.path
                sides = (path.side(path.downstream), path.side(path.upstream), path.side({}))
                assert decision.entries in sides, "neither side's own files"
        if self.operation in WHOLE:
            self._check_answers()
        assert self.clone.git("status", "--porcelain") == ""

    def _check_answers(self) -> None:
        """What a person answered is in the commit, byte for byte."""
        there = list_tree(Git(directory=self.clone.directory), "HEAD")
        for one in self.clone.answered:
            for entries in one.resolution.answers.values():
                for name, entry in entries.items():
                    assert there.get(name) == entry, "not what the person answered"

    def _known(self) -> set[bytes]:
        """Return the lines that a side has anywhere."""
        git = Git(directory=self.clone.directory)
        entries = [
            entry.id
            for revision in (self.start, "upstream", "begin")
            for entry in list_tree(git, revision).values()
            if entry.is_file
        ]
        texts = read_blobs(git, entries) if entries else ()
        return {line.rstrip(b"\r") for _, text in texts for line in text.split(b"\n")}

    def _check_replay(self) -> None:
        first = self.clone.git("rev-parse", "HEAD")
        self._again()
        done = self.clone.run(self.script)
        assert done.returncode == 0, done.stderr
        assert self.clone.git("rev-parse", "HEAD") == first, "a replay gives another commit"


def make_trial(folder: Path, seed: int) -> Trial:
    """Return the trial of a seed, in an empty folder."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    pair = make_pair(chance)
    clone = make_clone(
        folder,
        base=pair.base,
        downstream=_difference(pair.base, pair.downstream),
        upstream=_difference(pair.base, pair.upstream),
    )
    if chance.random() < 0.5:
        clone.rules.append(_rule(chance))
    operation = chance.choice(list(OPERATIONS))
    return Trial(
        clone=clone,
        chance=chance,
        operation=operation,
        script=OPERATIONS[operation].format(options=chance.choice(OPTIONS)),
        start=clone.git("rev-parse", "HEAD"),
    )


def _rule(chance: random.Random) -> ConflictRule:
    paths = chance.choice((["**"], ["lib/**", "doc/**"], ["alpha", "**/alpha", "beta"]))
    resolve = chance.choice(("Upstream", "Downstream", "Union", "Delete", "Ask"))
    keep = chance.random() < 0.3
    return ConflictRule.model_validate({"paths": paths, "resolve": resolve, "keepDeleted": keep})


def _difference(base: Files, side: Files) -> dict[str, Content]:
    gone: dict[str, Content] = {name: None for name in base if name not in side}
    # What is deleted comes first, so that a folder can take a file's place.
    return {**gone, **{name: it for name, it in side.items() if base.get(name) != it}}
