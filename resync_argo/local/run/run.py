"""Runs a Plan on this machine: the pod's containers, one after the other.

It calls the functions of the cluster in order: `checkout`, each step, `main`. So nothing has to
wait for the container before it. Results and exit codes are left in the same places as in a pod.
The command `run` calls `run_plan`.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from resync_argo.api.plan import Step
from resync_argo.api.regenerate import script_of
from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.attempt.conflict.stop import read_conflict
from resync_argo.attempt.connections import with_token
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.markdown import count
from resync_argo.attempt.outcome import conclude
from resync_argo.attempt.publish.actions import run_action
from resync_argo.attempt.repository.step_objects import take_commits
from resync_argo.attempt.resolve.resolver import Resolver
from resync_argo.attempt.results import Result, failure, save_result
from resync_argo.attempt.steps.control import Control, read_commit
from resync_argo.conflicts.quoting import quote
from resync_argo.contract import CHECKOUT, MAIN, Outcome, StepContract
from resync_argo.errors import ResyncError, UsageError
from resync_argo.forge.interface import PullRequest
from resync_argo.local.console import progress, say
from resync_argo.local.run.closed import find_closed, take_up_again
from resync_argo.local.run.dry_run import redirect
from resync_argo.local.run.local_attempt import Request
from resync_argo.local.run.outcome import ConflictOutcome, RunOutcome, StepOutcome
from resync_argo.local.run.steps import StepRunner
from resync_argo.local.run.tidy import delete_settled_conflicts
from resync_argo.local.run.turn import out_of_turn
from resync_argo.names import conflict_branches
from resync_argo.reasons.turn import ALREADY_SYNCED

OUTCOMES = {
    Outcome.SYNCED: "Synced",
    Outcome.ALREADY_SYNCED: "AlreadySynced",
    Outcome.CONFLICT: "Conflict",
    Outcome.FOREIGN_COMMIT: "ForeignCommit",
}
WORTH_TELLING = 1.0
"""Seconds of a step."""
STOPPED = "Stopped"
SKIPPED_RELEASE = "Skipped"


def run_plan(request: Request, attempt: Attempt) -> RunOutcome:
    """Run an attempt to its end, or to the requested step.

    Raises:
        UsageError: the Plan has no such step, or the container engine is missing.
    """
    last = _last_step(request, attempt)
    return _Run(request=request, attempt=attempt, last=last).carry_out()


def _last_step(request: Request, attempt: Attempt) -> str | None:
    if request.until is None:
        return None
    for step in attempt.contract.steps:
        if request.until in (step.title, step.container):
            return step.container
    titles = ", ".join(f"`{step.title}`" for step in attempt.contract.steps)
    raise UsageError(f"The Plan has no step `{request.until}`; it has {titles}.")


@dataclass(kw_only=True)
class _Run:
    """A run under way."""

    request: Request
    attempt: Attempt
    last: str | None
    steps: list[StepOutcome] = field(default_factory=list)
    resolver: Resolver | None = None
    closed: PullRequest | None = None

    def carry_out(self) -> RunOutcome:
        try:
            return self._carry_out()
        finally:
            if self.resolver is not None:
                self.resolver.close()

    def _carry_out(self) -> RunOutcome:
        version, config = self.attempt.version, self.attempt.contract.config
        say(f"{config.upstream.name} {version} into {config.downstream.branch}", bold=True)
        with progress("Fetching both repositories"):
            begun = _guarded(self._checkout)
        save_result(self.attempt, CHECKOUT, begun)
        if self.attempt.folder_forge is not None and not self.request.dry_run:
            is_contained = begun.outcome is Outcome.ALREADY_SYNCED
            delete_settled_conflicts(self.attempt, is_contained=is_contained)
        if begun.outcome is not Outcome.SYNCED:
            return self._concluded()
        with suppress(ResyncError):  # a mere hint must not fail the run
            odd = out_of_turn(self.attempt)
            if odd is not None:
                say(odd, "yellow")
        if self.closed is not None:
            return self._outcome(SKIPPED_RELEASE, self._skipped(self.closed), self.closed.url)
        if self.attempt.replay_input().asks_at_once:
            say(f"Step: {self.attempt.contract.steps[0].title}", "cyan")
            say(f"  {self.attempt.replay_input().skip}")
            return self._concluded()
        code = 0
        for step, known in zip(
            self.request.plan.spec.steps, self.attempt.contract.steps, strict=True
        ):
            code = self._step(step, known, code)
            if known.container == self.last and code == 0:
                return self._outcome(STOPPED, f"after the step `{known.title}`, as asked")
        return self._concluded()

    def _checkout(self) -> Result:
        self.attempt = with_token(self.attempt, CHECKOUT)
        replay = checkout(self.attempt)
        if replay.already_synced is not None:
            message = replay.already_synced
            return Result(outcome=Outcome.ALREADY_SYNCED, reason=ALREADY_SYNCED, message=message)
        if self.request.retry:
            take_up_again(self.attempt)
        else:
            self.closed = find_closed(self.attempt)
        if self.request.dry_run:
            self.attempt = redirect(self.attempt)
        return Result()

    def _step(self, step: Step, known: StepContract, code_before: int) -> int:
        """Run one step, unless an earlier one failed; return its exit code."""
        script = script_of(self.request.plan.spec, step)
        if script is None:
            return self._action(known, code_before)
        code = 0 if code_before else self._run(known, script)
        file = self.attempt.layout.exit_code(known.container)
        file.parent.mkdir(parents=True)
        file.write_text(str(code))
        return code or code_before

    def _run(self, known: StepContract, script: str) -> int:
        say(f"Step: {known.title}", "cyan")
        if self.resolver is None:
            self.resolver = Resolver(attempt=self.attempt)
        runner = StepRunner(
            attempt=self.attempt,
            where=self.request.steps_in,
            environ=self.request.environ,
            meanwhile=self.resolver.look,
        )
        return self._timed(known, lambda: runner.run(known, script))

    def _action(self, known: StepContract, code_before: int) -> int:
        def act() -> Result:
            attempt = with_token(self.attempt, known.container)
            return run_action(attempt, known.container, code_before=code_before)

        def acted() -> int:
            result = _guarded(act)
            save_result(self.attempt, known.container, result)
            return result.exit_code

        if code_before:
            acted()
            return code_before
        say(f"Step: {known.title}", "cyan")
        with progress(known.title):
            return self._timed(known, acted)

    def _timed(self, known: StepContract, do: Callable[[], int]) -> int:
        started = time.monotonic()
        code = do()
        seconds = round(time.monotonic() - started, 2)
        if seconds >= WORTH_TELLING:
            say(f"  took {seconds:.0f} s")
        self.steps.append(StepOutcome(name=known.title, seconds=seconds, exit=code))
        return code

    def _concluded(self) -> RunOutcome:
        with progress("Publishing"):
            result = conclude(with_token(self.attempt, MAIN))
        outcome = OUTCOMES.get(result.outcome, "Failed")
        conflict = self._conflict(result) if result.outcome is Outcome.CONFLICT else None
        message = "" if result.outcome is Outcome.SYNCED else result.message
        if conflict is not None:
            message = f"{count(len(conflict.files), 'file')} in conflict"
        return self._outcome(outcome, message, result.pull_request, conflict)

    def _conflict(self, result: Result) -> ConflictOutcome:
        key = result.message.split(" ", 1)[0]
        base, head = conflict_branches(self.attempt.plan, self.attempt.line, key)
        stop = read_conflict(self.attempt)
        paths = stop.conflict.paths if stop is not None else ()
        files = tuple(quote(path.path) for path in paths)
        return ConflictOutcome(key=key, branch=head, base=base, files=files)

    def _outcome(
        self,
        outcome: str,
        message: str,
        pull_request: str | None = None,
        conflict: ConflictOutcome | None = None,
    ) -> RunOutcome:
        published = None if self.request.dry_run else pull_request
        return RunOutcome(
            outcome=outcome,
            message=message,
            branch=self.attempt.sync_branch if published and outcome == "Synced" else None,
            commit=None if conflict else self._commit(),
            pull_request=published,
            conflict=conflict,
            steps=tuple(self.steps),
            kept=str(self.attempt.layout.work_tree) if self.request.keep else None,
        )

    def _commit(self) -> str | None:
        """Return the commit that the steps made; None if they made none."""
        commit = read_commit(Control(directory=self.attempt.layout.control).head)
        return None if commit is None or commit == self.attempt.replay_input().head else commit

    def _skipped(self, closed: PullRequest) -> str:
        how = "set `state: open` in it" if self.attempt.folder_forge else "reopen it"
        return (
            f"{closed.url} was closed without a merge, which skips {self.attempt.version}. To take the release"
            f" up again, {how} or add --retry to this command."
        )


def diffstat(attempt: Attempt, commit: str | None) -> str:
    """Return, file by file, what the steps' commit changes compared with the downstream branch."""
    if commit is None:
        return ""
    take_commits(attempt, [commit])
    return attempt.repository.text("diff", "--stat=100", attempt.replay_input().head, commit, "--")


def _guarded(do: Callable[[], Result]) -> Result:
    try:
        return do()
    except UsageError:
        raise
    except ResyncError as error:
        return failure(error)
