"""The command `preview`: shows what a Plan would do next."""

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
    type=click.Choice(["text", "json", "mermaid"]),
    default="text",
    show_default=True,
)
@examples(
    "resync-argo preview plan.yaml",
    "resync-argo preview plan.yaml --format json | jq '.releases[] | .forecast.conflicts'",
)
def preview(*, plan: Path, form: str) -> None:
    """Show which releases a Plan would sync, and their conflicts.

    Forecasts `git merge` of the tag into the branch as it is now, or `git carry` if the
    steps use it. Runs nothing, and writes only a partial clone in the cache
    (XDG_CACHE_HOME). Needs git 2.38 or later.
    """
    from resync_argo.local.plan_file import load_plan
    from resync_argo.local.preview.program import preview as look
    from resync_argo.local.preview.texts import render

    end_like_ctrl_c()
    with json_errors(form):
        report = look(load_plan(plan), os.environ)
    click.echo(render(report, form))  # type: ignore[arg-type]  # click has checked it
