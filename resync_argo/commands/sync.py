"""The command `sync`: syncs what is due, for many Plans, without a cluster."""

import os
import sys
from pathlib import Path

import click

from resync_argo.commands import options
from resync_argo.commands.examples import examples
from resync_argo.commands.signals import end_like_ctrl_c


@click.command()
@click.argument("plans", type=options.PLAN, nargs=-1, required=True, metavar="PLAN...")
@options.steps_in
@options.forge
@options.as_text_or_json
@examples(
    "resync-argo sync plans/*.yaml",
    "resync-argo sync plan.yaml --forge ./pull-requests",
    "resync-argo sync plan.yaml --format json | jq '.plans[].state'",
)
def sync(*, plans: tuple[Path, ...], steps_in: str, forge: Path | None, form: str) -> None:
    """Sync what is due for Plans, in order, without a cluster.

    Releases come in the same order as in a cluster. What waits for people keeps
    waiting; a conflict whose pull request was merged resumes. Tokens come from the same
    places as for `run`. If one Plan fails, the others go on.

    The summary is also added to the file GITHUB_STEP_SUMMARY and written into the
    folder ARTIFACT_DIR, if these are set.

    Exit codes: 0 nothing is left to do, 1 a Plan failed, 2 usage, 3 something waits for people: a
    conflict, or a pull request that is open for review.
    """
    from resync_argo.local.console import say
    from resync_argo.local.sync.program import Options, SyncAll
    from resync_argo.local.sync.report import as_text
    from resync_argo.local.sync.summary import write_summary

    end_like_ctrl_c()
    options = Options(
        steps_in=steps_in,  # type: ignore[arg-type]  # click has checked it
        forge=forge,
        environ=os.environ,
    )
    if steps_in == "host":
        say("Steps run on this machine, with your permissions.", "yellow")
    call = SyncAll(files=plans, options=options)
    try:
        call.carry_out()
    finally:
        # Whoever interrupts it still learns what was done.
        report = call.report()
        write_summary(report, os.environ)
    click.echo(report.to_json() if form == "json" else as_text(report))
    sys.exit(report.exit)
