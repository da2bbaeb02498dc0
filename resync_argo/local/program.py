"""The program behind the command `run`: creates the folders, runs the Plan, and writes the result."""

import enum
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.recipe import Recipe
from resync_argo.errors import ResyncError
from resync_argo.local.console import say
from resync_argo.local.place import place
from resync_argo.local.run.advice import resolve
from resync_argo.local.run.local_attempt import Request, build_attempt
from resync_argo.local.run.outcome import Advice, Exit, RunOutcome, describe
from resync_argo.local.run.run import diffstat, run_plan
from resync_argo.local.run.version import NothingDue


class Output(enum.StrEnum):
    """The format in which the end of a run is written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The text for standard output, and the exit code."""

    text: str
    exit: Exit


@contextmanager
def reporting(form: str) -> Iterator[None]:
    """Report that a run cannot begin like its end: that nothing is due or, in JSON, an error."""
    try:
        yield
    except NothingDue as error:
        outcome = RunOutcome(outcome="NothingDue", message=str(error))
        text = outcome.to_json() if form == Output.JSON else f"Nothing is due: {error}"
        click.echo(text)
        raise click.exceptions.Exit(Exit.DONE) from error
    except ResyncError as error:
        if form == Output.JSON:
            click.echo(RunOutcome(outcome="Failed", message=str(error)).to_json())
        raise


def run_program(request: Request, output: Output) -> Ended:
    """Run a Plan, then remove everything that was made for it.

    Raises:
        UsageError: it cannot be run as asked.
        Stalled: the Plan cannot be run.
    """
    with place(keep=request.keep) as layout:
        attempt = build_attempt(request, layout)
        if request.steps_in == "host":
            say("Steps run on this machine, with your permissions.", "yellow")
        outcome = run_plan(request, attempt)
        if output is Output.JSON:
            return Ended(text=outcome.to_json(), exit=outcome.exit)
        # After a failure, the diffstat would only make the failure scroll away.
        is_shown = request.dry_run and outcome.exit is Exit.DONE
        changes = diffstat(attempt, outcome.commit) if is_shown else ""
        advice = _advice(request, attempt, outcome)
        text = describe(outcome, diffstat=changes, advice=advice)
        return Ended(text=text, exit=outcome.exit)


def _advice(request: Request, attempt: Attempt, outcome: RunOutcome) -> Advice | None:
    conflict = outcome.conflict
    if conflict is None or request.dry_run:
        return None
    recipe = Recipe.of(
        plan=attempt.plan,
        line=attempt.line,
        key=conflict.key,
        url=attempt.push.url,
        folder=attempt.folder_forge,
    )
    tree = Path(recipe.work_tree)
    is_by_hand = recipe.folder is not None and (tree / ".git").is_file()
    command = None if str(request.file) == "-" else _command(request, "resolve")
    if command is not None and recipe.folder is not None and (tree / ".git").is_dir():
        command += " --continue"
    return resolve(recipe, begun=is_by_hand, command=command, again=_command(request, "run"))


def _command(request: Request, name: str) -> str:
    words = ["resync-argo", name, str(request.file)]
    if request.tip is None:
        words += ["--tag", request.version]
    if request.steps_in != "host":
        words += ["--steps-in", request.steps_in]
    if request.forge is not None:
        words += ["--forge", str(request.forge)]
    return shlex.join(words)
