"""Applies the Plan's rules to conflicts.

Paths of a rule are git's pathspecs with glob semantics (gitglossary, "pathspec"). The first
matching rule decides. If a conflict has several names, the same rule must match them all; otherwise
people decide. A rule with only `keepDeleted` does not affect existing files, and one with `propose`
does not ask people by itself.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from resync_argo.api.plan import ConflictRule
from resync_argo.attempt.conflict.decisions import keeps_deleted
from resync_argo.attempt.merge.conflicts import blocked_names
from resync_argo.attempt.merge.logical import Logical
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.three_way import UNION, Three, merge_entries
from resync_argo.conflicts.record import ConflictPath, Entries
from resync_argo.errors import Stalled
from resync_argo.git import Git
from resync_argo.reasons.plan import INVALID_PATH

_BLOB = "0" * 39 + "1"
_MERGING = {"Union": ((), UNION), "UpstreamHunks": (("theirs",), b"")}
"""How to merge both sides' lines: git's strategy options, and attributes; upstream's side is `theirs`."""


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """A decision of a rule.

    Attributes:
        number: the rule's, from 1.
        rule: the rule.
        conflict: the one decided.
        result: the outcome for every name.
    """

    number: int
    rule: ConflictRule
    conflict: Logical
    result: Entries


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of a Plan's rules.

    Attributes:
        ruled: their decisions.
        silent: the conflicts that no rule covers.
    """

    ruled: tuple[Ruled, ...] = ()
    silent: tuple[Logical, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of a Plan, on one merge.

    Attributes:
        git: the trusted clone.
        rules: in order.
        options: how the step merges.
        tree: everything that git could merge; its files can block a side.
    """

    git: Git
    rules: Sequence[ConflictRule]
    options: MergeOptions
    tree: str

    def decide(self, conflicts: Sequence[Logical]) -> Verdict:
        """Return the rules' decisions; conflicts that they leave to people are in neither list.

        Raises:
            Stalled: a pathspec is invalid.
            GitError: an object is missing.
        """
        if not conflicts or not self.rules:
            return Verdict(silent=tuple(conflicts))
        numbers = self._numbers({name for it in conflicts for name in live_names(it.path)})
        chosen = [(it, _common(numbers, it.path)) for it in conflicts]
        matched = [(it, number) for it, number in chosen if number is not None]
        merged = {
            way: self._merged([it for it, n in matched if self.rules[n].resolve == way], way)
            for way in _MERGING
        }
        found, silent = (
            [],
            [it for it in conflicts if numbers.keys().isdisjoint(live_names(it.path))],
        )
        for it, number in matched:
            rule = self.rules[number]
            result = self._result(rule, it, merged)
            if result is not None:
                found.append(Ruled(number=number + 1, rule=rule, conflict=it, result=result))
            elif rule.resolve == "Ask" and (rule.keep_deleted or rule.propose):
                silent.append(it)
        blocked = blocked_names(self.git, self.tree, [it.result for it in found])
        ruled = tuple(it for it in found if not blocked & it.result.keys())
        return Verdict(ruled=ruled, silent=tuple(silent))

    def proposing(self, paths: Iterable[ConflictPath]) -> dict[bytes, str]:
        """Return the command that proposes a file, by path, from the first matching rule.

        Raises:
            Stalled: a pathspec is invalid.
        """
        if not any(it.propose for it in self.rules):
            return {}
        asked = list(paths)
        numbers = self._numbers({name for it in asked for name in live_names(it)})
        rules = ((it.path, _common(numbers, it)) for it in asked)
        found = ((path, self.rules[number].propose) for path, number in rules if number is not None)
        return {path: command for path, command in found if command}

    def named(self, conflicts: Sequence[Logical]) -> set[bytes]:
        """Return the paths of conflicts with a name that a rule matches, even if it leaves them to people.

        Raises:
            Stalled: a pathspec is invalid.
        """
        if not conflicts or not self.rules:
            return set()
        matched = self._numbers({name for it in conflicts for name in live_names(it.path)}).keys()
        return {it.path.path for it in conflicts if matched & live_names(it.path)}

    def _result(
        self, rule: ConflictRule, it: Logical, merged: Mapping[str, Mapping[bytes, Entries]]
    ) -> Entries | None:
        path = it.path
        if keeps_deleted(rule, path):
            return path.side({})
        match rule.resolve:
            case "Upstream":
                return path.side(path.upstream)
            case "Downstream":
                return path.side(path.downstream)
            case "Delete":
                return path.side({})
            case "Union" | "UpstreamHunks":
                return merged[rule.resolve].get(path.path)
            case "Ask":
                return None

    def _merged(self, conflicts: Sequence[Logical], way: str) -> dict[bytes, Entries]:
        """Merge the lines of both sides if both have text; downstream's come first."""
        versions = []
        for it in conflicts:
            both = it.path.both
            if both is None or not all(side.is_file for side in both) or not _is_text_base(it.path):
                continue
            # For a binary file git also takes a side; only marker lines show that it is text.
            if way == "Union" or it.marked is not None:
                (name,) = it.path.names
                base = it.path.ancestor
                versions.append(Three(path=name, base=base, ours=both[0], theirs=both[1]))
        if not versions:
            return {}
        option, attributes = _MERGING[way]
        options = replace(self.options, options=(*self.options.options, *option))
        merged = merge_entries(
            self.git, versions, options, attributes_of=self.tree, attributes=attributes
        )
        return {path: {path: result.entry} for path, result in merged.items() if result.clean}

    def _numbers(self, names: Iterable[bytes]) -> dict[bytes, int]:
        """Return the number of the first rule that matches each name, from 0."""
        left = set(names)
        numbers: dict[bytes, int] = {}
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            # As unmerged entries, since a file and a directory can then have the same name.
            lines = b"".join(b"100644 %s 1\t%s\0" % (_BLOB.encode(), name) for name in left)
            self.git.run("update-index", "-z", "--index-info", stdin=lines, environment=index)
            for number, rule in enumerate(self.rules):
                _check(rule)
                argv = ("--glob-pathspecs", "ls-files", "-u", "-z", "--", *rule.paths)
                listing = self.git.run(*argv, environment=index).split(b"\0")
                matched = left & {line.partition(b"\t")[2] for line in listing}
                numbers.update(dict.fromkeys(matched, number))
                left -= matched
        return numbers


def live_names(path: ConflictPath) -> set[bytes]:
    """Return the names that a side has; for a file that neither has, the name that people see."""
    return {*path.downstream, *path.upstream} or {path.path}


def _common(numbers: Mapping[bytes, int], path: ConflictPath) -> int | None:
    found = {numbers.get(name) for name in live_names(path)}
    return found.pop() if len(found) == 1 else None


def _is_text_base(path: ConflictPath) -> bool:
    return path.ancestor is None or path.ancestor.is_file


def _check(rule: ConflictRule) -> None:
    for path in rule.paths:
        if "\n" in path or "\0" in path:
            sentence = f"`config.conflicts`: {path!r} may not hold a line end."
            raise Stalled(INVALID_PATH, sentence)
