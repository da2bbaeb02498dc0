"""The program behind the command `sync`: reads Plans, works them off branch by branch, and reports."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from resync_argo.api.plan import Plan
from resync_argo.errors import ResyncError
from resync_argo.local.console import say
from resync_argo.local.plan_file import load_plan
from resync_argo.local.run.steps import Where
from resync_argo.local.sync.look import Seen, Wish, look
from resync_argo.local.sync.report import PlanReport, SyncReport
from resync_argo.local.sync.work import Branch, reports


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options for all Plans of a call.

    Attributes:
        steps_in: where steps run.
        forge: a folder that stands for the forge; None: real ones.
        environ: this machine's variables.
    """

    steps_in: Where
    forge: Path | None
    environ: Mapping[str, str]


@dataclass(kw_only=True)
class _One:
    """The progress of one Plan in a call."""

    file: Path
    plan: Plan | None = None
    seen: Seen | None = None
    branch: Branch | None = None
    error: str = ""

    def report(self) -> PlanReport:
        plan = self.plan
        downstream = plan.spec.config.downstream if plan else None
        return PlanReport(
            plan=plan.metadata.name if plan else str(self.file),
            file=str(self.file),
            into=f"{downstream.name} {downstream.branch}" if downstream else "",
            releases=reports(self.seen, self.branch) if self.seen and self.branch else (),
            error=self.error,
            notes=tuple(self.seen.notes) if self.seen else (),
        )


@dataclass(kw_only=True)
class SyncAll:
    """All Plans of one call; `report` returns the progress at any time."""

    files: Sequence[Path]
    options: Options
    ones: list[_One] = field(default_factory=list)

    def carry_out(self) -> None:
        """Do what is due for each Plan; one Plan's failure does not affect the others."""
        self.ones = [self._read(file) for file in self.files]
        _refuse_clashes(self.ones)
        for group in _by_branch(self.ones):
            for one in group:
                self._look(one)
            branch = Branch(plans=[it.seen for it in group if it.seen is not None])
            for one in group:
                one.branch = branch
            branch.work_off()

    def report(self) -> SyncReport:
        """Return the finished work so far, and what waits."""
        return SyncReport(plans=tuple(one.report() for one in self.ones))

    def _read(self, file: Path) -> _One:
        try:
            return _One(file=file, plan=load_plan(file))
        except ResyncError as error:
            return _failed(_One(file=file), error)

    def _look(self, one: _One) -> None:
        if one.plan is None or one.error:
            return
        options = self.options
        wish = Wish(
            plan=one.plan,
            file=one.file,
            steps_in=options.steps_in,
            forge=options.forge,
            environ=options.environ,
        )
        try:
            one.seen = look(wish)
        except ResyncError as error:
            _failed(one, error)
        except Exception as error:  # likewise
            _failed(one, ResyncError(f"{type(error).__name__}: {error} (unexpected)"))


def _failed(one: _One, error: ResyncError) -> _One:
    one.error = str(error)
    say(f"{one.plan.metadata.name if one.plan else one.file}: {error}", "red")
    return one


def _refuse_clashes(ones: Sequence[_One]) -> None:
    """Refuse a Plan whose branches another Plan of the call would take for its own."""
    names: dict[tuple[str, str], Path] = {}
    for one in ones:
        if one.plan is None:
            continue
        downstream = one.plan.spec.config.downstream
        key = (downstream.fork or downstream.name, one.plan.metadata.name)
        first = names.setdefault(key, one.file)
        if first is not one.file:
            _failed(one, ResyncError(f"{first} has a Plan of the same name for the same fork."))


def _by_branch(ones: Sequence[_One]) -> Iterator[list[_One]]:
    groups: dict[tuple[str, str], list[_One]] = {}
    for one in ones:
        if one.plan is not None:
            downstream = one.plan.spec.config.downstream
            groups.setdefault((downstream.name, downstream.branch), []).append(one)
    yield from groups.values()
