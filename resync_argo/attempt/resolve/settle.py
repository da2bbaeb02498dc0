"""Decides about a stop, as far as rules and people's answers go."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from resync_argo.attempt.conflict.decisions import Decision, rule_name
from resync_argo.attempt.conflict.stop import Stop
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.logical import Logical
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.three_way import write_tree
from resync_argo.attempt.merge.untouched import Origins, find_untouched
from resync_argo.attempt.proposals.ask import ask
from resync_argo.attempt.resolve.found import find_conflicts
from resync_argo.attempt.resolve.operation import Operation, find_operation, find_origins
from resync_argo.attempt.resolve.people import People
from resync_argo.attempt.resolve.proceed import Proceed, proceed
from resync_argo.attempt.resolve.regenerate.remake import Remaking, remake
from resync_argo.attempt.resolve.request import Request
from resync_argo.attempt.resolve.rules import Ruled, Rules
from resync_argo.attempt.resolve.work import Work
from resync_argo.conflicts.record import Conflict, ConflictPath
from resync_argo.contract import Contract
from resync_argo.errors import Stalled
from resync_argo.git import Git
from resync_argo.reasons.attempt import STEP_FAILED

MAX_LOGGED = 100


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What comes of a stop.

    Attributes:
        decisions: what was decided.
        log: lines for the step's log.
        stop: what is left to people; None where nothing is.
        proceed: how the step goes on; None where it stops.
    """

    decisions: tuple[Decision, ...]
    log: tuple[str, ...]
    stop: Stop | None = None
    proceed: Proceed | None = None


def settle(attempt: Attempt, request: Request, people: People) -> Settled:
    """Decide about a stop.

    Raises:
        Untrustworthy: what the step says does not fit together.
        Stalled: a rule cannot be used.
        GitError: an object is missing.
    """
    git = attempt.repository
    operation = find_operation(attempt, request)
    tree = git.text("rev-parse", "--verify", f"{request.commit}:merged")
    found = find_conflicts(git, operation, request, tree)
    work = Work(
        git=git,
        tree=tree,
        options=operation.options,
        where=operation.where,
        step=request.step,
        unmerged={it.path.path: it for it in found.conflicts},
        wanted=dict(found.clean),
        origins=find_origins(attempt, operation, request),
    )
    stop = decide(attempt, work, people)
    if stop is None:
        _check_goes_on(request, operation)
        settled = write_tree(git, tree, work.wanted)
        credit = people.authors_of(work.decisions)
        then = proceed(attempt, request, operation, tree=settled, aside=found.aside, credit=credit)
        return Settled(decisions=tuple(work.decisions), log=tuple(work.log), proceed=then)
    stop = replace(stop, picked=operation.picked, progress=operation.progress)
    return Settled(decisions=tuple(work.decisions), log=left_over(work), stop=stop)


def decide(attempt: Attempt, work: Work, people: People) -> Stop | None:
    """Decide what rules and people's answers decide; return what is left to people, None where nothing is.

    Raises:
        Stalled: a rule cannot be used.
        GitError: an object is missing.
    """
    apply_rules(attempt, work, people)
    people.decide(work)
    return stop_at(work) if work.unmerged else None


def _check_goes_on(request: Request, operation: Operation) -> None:
    """Refuse to settle for a script that has ended, and does not do the rest when it is run again.

    Raises:
        Stalled: reason `StepFailed`.
    """
    code = request.call.words[0] if request.call.command == "resync-unmerged" else "0"
    if code != "0" and operation.name not in ("merge", "rebase"):
        raise Stalled(
            STEP_FAILED,
            f"The step {request.step} ended with exit code {code} at a conflict. That conflict is settled now,"
            " but the rest of the script did not run: call `git` by its name and in"
            " the step's PATH, or let the script go on there (`|| true`).",
        )


@dataclass(frozen=True, kw_only=True)
class Alone:
    """What is decided about conflicts without people.

    Attributes:
        ruled: by rules of the Plan.
        untouched: what downstream never changed, so that upstream's side is taken.
        remaking: what steps make again.
    """

    ruled: tuple[Ruled, ...]
    untouched: tuple[ConflictPath, ...]
    remaking: Remaking


def decide_alone(
    git: Git,
    contract: Contract,
    conflicts: Sequence[Logical],
    options: MergeOptions,
    *,
    tree: str,
    origins: Origins | None,
) -> Alone:
    """Return what can be decided without people: the same in a run and in a forecast.

    Args:
        git: the trusted clone.
        contract: the Plan's rules and steps.
        conflicts: what is in conflict.
        options: how is merged.
        tree: what git could merge by itself, without the unmerged paths.
        origins: where the sides come from; None where that is not certain.

    Raises:
        Stalled: a rule cannot be used.
        GitError: an object is missing.
    """
    config = contract.config
    rules = Rules(git=git, rules=config.conflicts, options=options, tree=tree)
    verdict = rules.decide(conflicts)
    silent = {it.path.path for it in verdict.silent}
    named = {it.path.path for it in conflicts} - silent
    remaking = remake(git, contract.steps, tree, conflicts, named)
    made = {it.conflict.path.path for it in remaking.settled}
    found: list[Logical] = []
    # A step that prefers a side has said what it wants of what collides.
    prefers = not {"ours", "theirs"}.isdisjoint(options.options)
    if origins is not None and config.untouched == "Upstream" and not prefers:
        left = [it for it in verdict.silent if it.path.path not in made]
        found = find_untouched(git, left, origins, tree=tree)
    taken = {it.path.path for it in found}
    notes = {name: it for name, it in remaking.notes.items() if name not in taken}
    return Alone(
        ruled=verdict.ruled,
        untouched=tuple(it.path for it in found),
        remaking=replace(remaking, notes=notes),
    )


def apply_rules(attempt: Attempt, work: Work, people: People | None = None) -> None:
    """Decide what needs nobody: by rules, by what downstream never changed, and for steps that make files again.

    Args:
        attempt: whose Plan.
        work: the stop.
        people: who answered before; an answer counts more than that a file was never changed.

    Raises:
        Stalled: a rule cannot be used.
    """
    alone = decide_alone(
        work.git,
        attempt.contract,
        list(work.unmerged.values()),
        work.options,
        tree=work.tree,
        origins=work.origins,
    )
    for it in alone.ruled:
        work.take("rule", str(it.number), it.conflict.path, it.result)
        name = rule_name(it.rule, it.conflict.path)
        sentence = f"decided by rule {it.number} of the Plan ({name})"
        work.say(it.conflict.path.path, sentence)
    answered = people.answered_at(work.where) if people is not None else set()
    for path in alone.untouched:
        if path.key not in answered:
            work.take("untouched", "-", path, path.side(path.upstream))
            work.say(path.path, "downstream never changed it, so upstream's version is taken")
    work.notes |= alone.remaking.notes
    for one in alone.remaking.settled:
        work.take("step", one.step, one.conflict.path, one.result)
        work.say(one.conflict.path.path, "settled: a later step regenerates it")


def with_proposals(attempt: Attempt, settled: Settled) -> Settled:
    """Return the same with what tools of the Plan are asked about what is left to people.

    Raises:
        Stalled: a rule cannot be used.
        GitError: a side is missing.
        Untrustworthy: a step keeps a file from being written.
    """
    stop = settled.stop
    if stop is None:
        return settled
    rules = Rules(
        git=attempt.repository,
        rules=attempt.contract.config.conflicts,
        options=MergeOptions(),
        tree=stop.merged,
    )
    shown = [it for it in stop.conflict.paths if it.path in stop.marked]
    asked = ask(attempt, shown, rules.proposing(shown))
    return replace(settled, stop=replace(stop, proposals=asked))


def left_over(work: Work) -> tuple[str, ...]:
    """Return lines for the log about what is left to people."""
    operation = work.where.split(" ")[0]
    head = f"{operation} stopped at a conflict that needs a person; a pull request will ask for it:"
    return (*work.log, head, *(name.decode(errors="replace") for name in sorted(work.unmerged)))


def stop_at(work: Work) -> Stop:
    """Return what is left to people."""
    operation, stop = work.where.split(" ")
    paths = [work.unmerged[path] for path in sorted(work.unmerged)]
    gone = {name: None for it in paths for name in it.path.names if name not in work.wanted}
    conflict = Conflict(
        operation=operation, stop=stop, step=work.step, paths=tuple(it.path for it in paths)
    )
    return Stop(
        conflict=conflict,
        merged=write_tree(work.git, work.tree, {**work.wanted, **gone}),
        marked={it.path.path: it.marked for it in paths if it.marked is not None},
        picked=None,
        notes=tuple(work.notes[it.path] for it in conflict.paths if it.path in work.notes),
    )
