"""Repeats a past bump's merge with the code of forecasts and runs, and compares it with people's result."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from resync_argo.api.plan import Regenerate
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.repository.needed import fetch_for_forecast
from resync_argo.attempt.resolve.regenerate.remake import MADE_BY, remake
from resync_argo.attempt.resolve.rules import Rules, live_names
from resync_argo.attempt.resolve.settle import Alone
from resync_argo.conflicts.record import Entries
from resync_argo.contract import Contract, StepContract
from resync_argo.git import Git
from resync_argo.local.history.bumps import Bump
from resync_argo.local.learn.ways import Ended, Way, results
from resync_argo.local.preview.forecast import Meeting, meet

By = Literal["people", "rule", "untouched", "step"]


@dataclass(frozen=True, kw_only=True)
class File:
    """A conflict of the past.

    Attributes:
        path: the one that people see.
        names: the paths that a rule must match.
        by: what would decide it under the present Plan: people, a rule, the default for files that
            downstream never changed, or a step.
        right: whether people decided the same; None if people or a step would decide.
        named: a rule of the Plan matches it and leaves it to people.
        remade: the tool with which a step that the Plan lacks would regenerate it.
        settling: the ways that would settle it.
        fitting: those of them whose result is what people decided.
    """

    path: bytes
    names: frozenset[bytes]
    by: By
    right: bool | None = None
    named: bool = False
    remade: Regenerate | None = None
    settling: frozenset[Way] = frozenset()
    fitting: frozenset[Way] = frozenset()

    @property
    def is_asked(self) -> bool:
        """Return whether people would be asked."""
        return self.by == "people"


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """A past bump, merged again.

    Attributes:
        bump: the past bump.
        met: the merge.
        ended: people's result.
        files: the files in conflict.
        beside: what people regenerated beside the conflicts, by tool.
    """

    bump: Bump
    met: Meeting
    ended: Ended
    files: tuple[File, ...]
    beside: frozenset[Regenerate] = frozenset()

    @property
    def asked(self) -> tuple[File, ...]:
        """Return the files that people would be asked about."""
        return tuple(it for it in self.files if it.is_asked)

    def decide(self, git: Git, contract: Contract, options: MergeOptions) -> Alone:
        """Return what a Plan decides without people."""
        return self.met.decide(git, contract, options)


@dataclass(frozen=True, kw_only=True)
class Contained:
    """The commits of the releases that the branch contained; `newest` is None if there was none."""

    newest: str | None
    commits: tuple[str, ...]


def replay(attempt: Attempt, bump: Bump, options: MergeOptions, contained: Contained) -> Replayed:
    """Merge a bump again.

    Args:
        attempt: its clone has the commits.
        bump: the past bump.
        options: how the Plan merges.
        contained: the releases that the branch contained.

    Raises:
        ResyncError: it cannot be merged; says why.
    """
    git, contract = attempt.repository, attempt.contract
    fetch_for_forecast(attempt, bump.parent, [bump.tag_commit])
    met = meet(
        attempt,
        bump.parent,
        bump.tag_commit,
        options,
        released=contained.newest,
        contained=contained.commits,
    )
    ended = Ended.of(git, bump, met.merged.conflicts)
    decided = met.decide(git, contract, options)
    files = tuple(_files(git, contract, options, met, ended, decided))
    return Replayed(bump=bump, met=met, ended=ended, files=files, beside=_beside(git, bump, met))


def _files(
    git: Git,
    contract: Contract,
    options: MergeOptions,
    met: Meeting,
    ended: Ended,
    decided: Alone,
) -> Iterator[File]:
    by = _decided(decided)
    conflicts = met.merged.conflicts
    rules = Rules(git=git, rules=contract.config.conflicts, options=options, tree=met.tree)
    named = rules.named(conflicts)
    open_ = [it for it in conflicts if by.get(it.path.path, ("people",))[0] != "rule"]
    tried = results(git, open_, options, met.tree)
    remade = _remade(git, contract, met, by.keys() | named)
    for it in conflicts:
        path = it.path.path
        who, result = by.get(path, ("people", None))
        settling = frozenset(way for way, each in tried.items() if path in each)
        yield File(
            path=path,
            names=frozenset(live_names(it.path)),
            by=who,
            right=ended.has(result) if result is not None else None,
            named=path in named,
            remade=remade.get(path),
            settling=settling,
            fitting=frozenset(way for way in settling if ended.has(tried[way][path])),
        )


def _decided(decided: Alone) -> dict[bytes, tuple[By, Entries | None]]:
    """Return who decides each path, and how; what a step regenerates is only known later."""
    found: dict[bytes, tuple[By, Entries | None]] = {}
    found |= {it.conflict.path.path: ("rule", it.result) for it in decided.ruled}
    found |= {it.path: ("untouched", it.side(it.upstream)) for it in decided.untouched}
    found |= {it.conflict.path.path: ("step", None) for it in decided.remaking.settled}
    return found


def _remade(
    git: Git, contract: Contract, met: Meeting, known: set[bytes]
) -> Mapping[bytes, Regenerate]:
    """Return what steps that the Plan does not have would settle."""
    present = {it.regenerate for it in contract.steps}
    lacking: dict[str, Regenerate] = {it: it for it in get_args(Regenerate) if it not in present}
    steps = [StepContract(container=it, title=it, regenerate=it) for it in lacking.values()]
    settled = remake(git, steps, met.tree, met.merged.conflicts, known).settled
    return {it.conflict.path.path: lacking[it.step] for it in settled}


def _beside(git: Git, bump: Bump, met: Meeting) -> frozenset[Regenerate]:
    """Return what people regenerated beside the conflicts, until the end of their pull request."""
    argv = ("diff-tree", "-r", "--no-renames", "--name-only", "-z")
    changed = git.run(*argv, met.merged.raw.tree, bump.end).split(b"\0")[:-1]
    conflicted = {name for it in met.merged.conflicts for name in it.path.names}
    kinds = (MADE_BY.get(it.rpartition(b"/")[2]) for it in changed if it not in conflicted)
    return frozenset(it for it in kinds if it is not None)
