"""The command `delta`: lists a fork's own commits."""

import os
from pathlib import Path

import click

from resync_argo.commands import options
from resync_argo.commands.examples import examples
from resync_argo.commands.json_errors import json_errors
from resync_argo.commands.signals import end_like_ctrl_c


@click.command()
@click.argument("plan", type=options.PLAN)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
)
@examples(
    "resync-argo delta plan.yaml",
    "resync-argo delta plan.yaml --format markdown >ledger.md",
    "resync-argo delta plan.yaml --format json | jq '.commits[] | select(.ageDays > 365)'",
)
def delta(*, plan: Path, form: str) -> None:
    """List a fork's own commits, and which of them upstream has.

    Shows author, age, files and lines of each commit, and what `git carry` would do with
    it, if the Plan's steps use that. Runs nothing, and writes only a partial clone in the
    cache (XDG_CACHE_HOME). Needs git 2.38 or later.
    """
    from resync_argo.local.delta.program import look_at_fork
    from resync_argo.local.delta.texts import render
    from resync_argo.local.plan_file import load_plan

    end_like_ctrl_c()
    with json_errors(form):
        found = look_at_fork(load_plan(plan), os.environ)
    click.echo(render(found, form))  # type: ignore[arg-type]  # click has checked it
