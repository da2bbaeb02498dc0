"""The command `run`: runs a Plan on this machine."""

import os
import sys
from pathlib import Path

import click

from resync_argo.commands import options
from resync_argo.commands.examples import examples
from resync_argo.commands.signals import end_like_ctrl_c


@click.command()
@click.argument("plan", type=options.PLAN)
@click.option(
    "--tag",
    metavar="VERSION",
    help="The upstream version to sync; by default the one whose turn it is.",
)
@click.option(
    "--set",
    "values",
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a parameter of the Plan. Repeat the option for each parameter.",
)
@options.steps_in
@click.option("--until", metavar="STEP", help="Stop after this step, and make no external changes.")
@click.option("--keep", is_flag=True, help="Keep the clone in which the steps ran.")
@click.option(
    "--dry-run", is_flag=True, help="Make no external changes: show what would be written."
)
@options.forge
@click.option(
    "--retry",
    is_flag=True,
    help="Retry a release whose pull request was closed without a merge.",
)
@options.as_text_or_json
@examples(
    "resync-argo run plan.yaml --dry-run",
    "resync-argo run plan.yaml --tag 1.21.2 --forge ./pull-requests",
    "resync-argo run plan.yaml --tag 1.21.2 --until 'Git merge' --keep",
    "resync-argo run plan.yaml --tag 1.21.2 --steps-in podman --format json",
    "resync-argo run plan.yaml --tag 1.21.2 --set JIRA=OCPBUGS-1",
    "resync-argo run follows-a-branch.yaml --dry-run",
)
def run(  # noqa: PLR0913 - one parameter per option
    *,
    plan: Path,
    tag: str | None,
    values: tuple[str, ...],
    steps_in: str,
    until: str | None,
    keep: bool,
    dry_run: bool,
    forge: Path | None,
    retry: bool,
    form: str,
) -> None:
    """Run a Plan on this machine, with the code of a cluster's pods.

    The GitHub token comes from GITHUB_TOKEN or GH_TOKEN, or from git's credential
    helper. For a host other than github.com, the variables count if GH_HOST names it.
    Slack's token comes from SLACK_TOKEN or SLACK_WEBHOOK.

    To use local repositories, set `git config url.<base>.insteadOf`.

    At a conflict it prints the next commands. After you resolve it, run the same command again.

    Exit codes: 0 done or nothing to do, 1 failed, 2 usage or invalid Plan, 3 waiting for a resolution.
    """
    from resync_argo.local.assignments import given
    from resync_argo.local.program import Output, reporting, run_program
    from resync_argo.local.run.local_attempt import Request
    from resync_argo.local.run.version import read_version

    end_like_ctrl_c()
    with reporting(form):
        loaded, version, tip = read_version(plan, tag, os.environ)
        request = Request(
            plan=loaded,
            file=plan,
            version=version,
            tip=tip,
            values=given(loaded.spec.config.parameters, values),
            steps_in=steps_in,  # type: ignore[arg-type]  # click has checked it
            until=until,
            keep=keep,
            # With --until, people only want to look: even a conflict on the way is not published.
            dry_run=dry_run or until is not None,
            forge=forge,
            retry=retry,
            environ=os.environ,
        )
        output = run_program(request, Output(form))
    click.echo(output.text)
    sys.exit(output.exit)
