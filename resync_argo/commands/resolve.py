"""The command `resolve`: an open conflict in one's own editor or merge tool, and on with the run."""

import os
import sys
from pathlib import Path

import click

from resync_argo.commands import options
from resync_argo.commands.examples import examples
from resync_argo.commands.signals import end_like_ctrl_c


@click.command()
@click.argument("plan", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--tag", metavar="VERSION", help="The release, if several are in conflict.")
@click.option(
    "--take",
    type=click.Choice(["upstream", "downstream"]),
    help="Take this side of the PATHs as a whole; without a PATH, of all files.",
)
@click.option(
    "--no-edit", "mode", flag_value="no-edit", help="Create the work tree, and open no editor."
)
@click.option("--continue", "mode", flag_value="continue", help="Use what is in the work tree now.")
@click.option("--abort", "mode", flag_value="abort", help="Remove the work tree.")
@click.option(
    "--set",
    "values",
    metavar="NAME=VALUE",
    multiple=True,
    help="The value of a Plan's parameter, for the run that resumes.",
)
@options.steps_in
@options.forge
@examples(
    "resync-argo resolve plan.yaml",
    "resync-argo resolve plan.yaml go.sum --take upstream",
    "resync-argo resolve plan.yaml --no-edit",
    "resync-argo resolve plan.yaml --continue",
)
def resolve(  # noqa: PLR0913 - one parameter per option
    *,
    plan: Path,
    paths: tuple[str, ...],
    tag: str | None,
    take: str | None,
    mode: str | None,
    values: tuple[str, ...],
    steps_in: str,
    forge: Path | None,
) -> None:
    """Resolve a Plan's open conflict, merge it, and go on.

    The conflict is opened in a work tree of its own: with your merge tool where git's merge.tool is
    set, else with the editor that git uses. When you are done, it is checked for what is left, pushed to
    its pull request, and merged. Your own clones are not touched. If a cluster or a job asked, it goes on
    with the release; otherwise the run goes on here.

    Exit codes: 0 done, 1 failed, 2 usage or invalid Plan, 3 something is left to resolve.
    """
    from dataclasses import replace

    from resync_argo.local.assignments import given
    from resync_argo.local.plan_file import load_plan
    from resync_argo.local.program import Output, run_program
    from resync_argo.local.resolve.program import Unresolved, Wanted, resolve_open
    from resync_argo.local.run.local_attempt import Request
    from resync_argo.local.run.version import read_tip

    end_like_ctrl_c()
    if paths and take is None:
        raise click.UsageError("PATHs need --take: choose which side of them you want.")
    loaded = load_plan(plan)
    request = Request(
        plan=loaded,
        file=plan,
        version=(tag or "").removeprefix("v"),
        values=given(loaded.spec.config.parameters, values),
        steps_in=steps_in,  # type: ignore[arg-type]  # click has checked it
        forge=forge,
        environ=os.environ,
    )
    wanted = Wanted(request=request, mode=mode or "edit", side=take, paths=paths)  # type: ignore[arg-type]  # likewise
    try:
        version = resolve_open(wanted)
    except Unresolved as error:
        click.echo(str(error))
        sys.exit(3)
    if version is None:
        return
    tip = read_tip(loaded, os.environ) if loaded.spec.config.upstream.branch else None
    again = replace(request, version=str(tip.version) if tip else version, tip=tip)
    output = run_program(again, Output.TEXT)
    click.echo(output.text)
    sys.exit(output.exit)
