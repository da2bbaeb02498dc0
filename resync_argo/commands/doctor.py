"""The command `doctor`: finds releases that git no longer sees in a fork, and repairs that."""

import os
from pathlib import Path

import click

from resync_argo.commands import options
from resync_argo.commands.examples import examples
from resync_argo.commands.json_errors import json_errors
from resync_argo.commands.signals import end_like_ctrl_c


@click.command()
@click.argument("plan", type=options.PLAN)
@click.option("--write", is_flag=True, help="Write missing records to the repository.")
@options.as_text_or_json
@examples(
    "resync-argo doctor plan.yaml",
    "resync-argo doctor plan.yaml --write",
)
def doctor(*, plan: Path, write: bool, form: str) -> None:
    """Find releases whose history a fork lost, and what that costs.

    If a pull request was squashed or rebased, the branch lacks upstream's history, and
    git meets the same conflicts again. With a record, which is a ref beside the branch,
    syncs, preview and run count the release. Without --write, only the clone in the
    cache is written.
    """
    from resync_argo.local.doctor.program import examine
    from resync_argo.local.plan_file import load_plan

    end_like_ctrl_c()
    with json_errors(form):
        found = examine(load_plan(plan), os.environ, write=write)
    click.echo(found.to_json() if form == "json" else found.describe())
