"""The command `learn`: proposes rules from the conflicts in a fork's history."""

import os
from pathlib import Path

import click

from resync_argo.commands import options
from resync_argo.commands.examples import examples
from resync_argo.commands.json_errors import json_errors
from resync_argo.commands.signals import end_like_ctrl_c


@click.command()
@click.argument("plan", type=options.PLAN)
@options.as_text_or_json
@examples(
    "resync-argo learn plan.yaml",
    "resync-argo learn plan.yaml --format json | jq '.rules[] | select(.recommended)'",
)
def learn(*, plan: Path, form: str) -> None:
    """Propose rules and steps from how people resolved conflicts.

    Repeats every merge of an upstream release in the branch, learns rules from the older
    merges, and counts how often they are right in the newer ones. Applies nothing, and
    writes only a partial clone in the cache (XDG_CACHE_HOME). Needs git 2.38 or later.
    """
    from resync_argo.local.learn.program import learn as look
    from resync_argo.local.learn.texts import render
    from resync_argo.local.plan_file import load_plan

    end_like_ctrl_c()
    with json_errors(form):
        lesson = look(load_plan(plan), os.environ)
    click.echo(render(lesson, form))  # type: ignore[arg-type]  # click has checked it
