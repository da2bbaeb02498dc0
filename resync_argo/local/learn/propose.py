"""Finds rules that would have decided as people always did. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from resync_argo.api.plan import ConflictRule
from resync_argo.attempt.merge.untouched import ALWAYS_ASKED
from resync_argo.local.learn.replay import File, Replayed
from resync_argo.local.learn.scopes import Scope, is_always_asked, scopes_of
from resync_argo.local.learn.ways import WAYS, Way, rule

ENOUGH = 2
"""Bumps in which files must have ended the same way."""

MOST_RULES = 30

_GUARD = ConflictRule(paths=tuple(f"**/{it.decode()}" for it in sorted(ALWAYS_ASKED)))
_BRINGING: frozenset[Way] = frozenset(["Upstream", "UpstreamHunks", "Delete"])
"""Ways that would decide a file that says who may approve."""

_Met = tuple[int, File]
"""A file, and the number of the bump."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A rule, and the evidence for it.

    Attributes:
        scope: the files that it is about.
        way: how it decides.
        files: how many files people decided that way; `bumps` in how many bumps.
    """

    scope: Scope
    way: Way
    files: int
    bumps: int

    @property
    def rule(self) -> ConflictRule:
        """Return the rule for a Plan."""
        return rule(self.way, self.scope.pathspec)


def propose(replayed: Sequence[Replayed]) -> list[Proposal]:
    """Return rules for files that people always decided the same way, the narrowest first."""
    groups: dict[Scope, list[_Met]] = defaultdict(list)
    for number, it in enumerate(replayed):
        for file in it.files:
            if file.by in ("people", "untouched") and not file.named and file.remade is None:
                for scope in _scopes(file):
                    groups[scope].append((number, file))
    fitting = {
        (scope, way): [it for it in met if it[1].is_asked and way in it[1].fitting]
        for scope, met in groups.items()
        for way in WAYS
        if _is_right(way, scope, met)
    }
    chosen = list(_cover({key: met for key, met in fitting.items() if _is_enough(met)}))
    return sorted(chosen, key=lambda it: it.scope)


def with_guard(proposals: Iterable[Proposal]) -> list[Proposal | ConflictRule]:
    """Return the rules in the Plan's order; files that name approvers are asked about before a folder's rule."""
    ordered: list[Proposal | ConflictRule] = []
    for it in sorted(proposals, key=lambda it: (not _is_about_owners(it), it.scope)):
        is_wide = it.scope.is_folder and it.way in _BRINGING
        if is_wide and _GUARD not in ordered:
            ordered.append(_GUARD)
        ordered.append(it)
    return ordered


def _is_about_owners(it: Proposal) -> bool:
    return is_always_asked(it.scope.pathspec.encode())


def _scopes(file: File) -> Iterator[Scope]:
    # For a renamed file one rule would have to match several names; leave that to people.
    if len(file.names) == 1:
        (name,) = file.names
        yield from scopes_of(name)


def _is_right(way: Way, scope: Scope, met: Collection[_Met]) -> bool:
    if way in _BRINGING and is_always_asked(scope.pathspec.encode()):
        return False
    # A rule that leaves files to people asks even where nobody was needed before.
    said = [it for _, it in met if way in it.settling or not it.is_asked]
    return all(way in it.fitting for it in said)


def _is_enough(met: Collection[_Met]) -> bool:
    return len({number for number, _ in met}) >= ENOUGH


def _cover(fitting: dict[tuple[Scope, Way], list[_Met]]) -> Iterator[Proposal]:
    """Yield, one after another, the one that settles most unsettled files; among equals the narrower one."""
    # Files are compared by identity: each is the same object in every list.
    left = {id(file) for met in fitting.values() for _, file in met}
    for _ in range(MOST_RULES):
        new = {key: [it for it in met if id(it[1]) in left] for key, met in fitting.items()}
        new = {key: met for key, met in new.items() if _is_enough(met)}
        if not new:
            return
        best = min(new, key=lambda key: (-len(new[key]), key[0], WAYS.index(key[1])))
        met = fitting[best]
        left -= {id(file) for _, file in met}
        bumps = len({number for number, _ in met})
        yield Proposal(scope=best[0], way=best[1], files=len(met), bumps=bumps)
