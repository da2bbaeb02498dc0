"""Decides a stop, as far as rules and people's answers go."""

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
    """The result of a stop.

    Attributes:
        decisions: those made.
        log: lines for the step's log.
        stop: the conflict left to people; None without one.
        proceed: how the step continues; None if it stops.
    """

    decisions: tuple[Decision, ...]
    log: tuple[str, ...]
    stop: Stop | None = None
    proceed: Proceed | None = None


def settle(attempt: Attempt, request: Request, people: People) -> Settled:
    """Decide a stop.

    Raises:
        Untrustworthy: the step's claims are inconsistent.
        Stalled: a rule is invalid.
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
    """Apply rules and people's answers; return the conflict left to people, None without one.

    Raises:
        Stalled: a rule is invalid.
        GitError: an object is missing.
    """
    apply_rules(attempt, work, people)
    people.decide(work)
    return stop_at(work) if work.unmerged else None


def _check_goes_on(request: Request, operation: Operation) -> None:
    """Refuse to settle for a script that has ended, since a rerun would not finish its work.

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
    """Decisions about conflicts without people.

    Attributes:
        ruled: by rules of the Plan.
        untouched: files that downstream never changed, so upstream's side is taken.
        remaking: files that steps regenerate.
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
    """Return the decisions that need no people: the same in a run and in a forecast.

    Args:
        git: the trusted clone.
        contract: the Plan's rules and steps.
        conflicts: those to decide.
        options: how to merge.
        tree: everything that git could merge, without the unmerged paths.
        origins: the sides' origins; None if uncertain.

    Raises:
        Stalled: a rule is invalid.
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
    # A step that prefers a side has already decided its collisions.
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
    """Decide what needs nobody: by rules, for files that downstream never changed, and for steps that regenerate.

    Args:
        attempt: with the Plan.
        work: the stop.
        people: earlier answers; an answer overrides that a file was never changed.

    Raises:
        Stalled: a rule is invalid.
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
    """Return the same, with requests to the Plan's tools about the remaining conflicts.

    Raises:
        Stalled: a rule is invalid.
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
    """Return log lines about the conflicts left to people."""
    operation = work.where.split(" ")[0]
    head = f"{operation} stopped at a conflict that needs a person; a pull request will ask for it:"
    return (*work.log, head, *(name.decode(errors="replace") for name in sorted(work.unmerged)))


def stop_at(work: Work) -> Stop:
    """Return the conflict left to people."""
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
