"""The command `lint`: checks Plans before a cluster does."""

import sys
from pathlib import Path

import click

from resync_argo.commands import options
from resync_argo.commands.examples import examples
from resync_argo.commands.signals import end_like_ctrl_c


@click.command()
@click.argument("plans", type=options.PLAN, nargs=-1, required=True, metavar="PLAN...")
@click.option("--online", is_flag=True, help="Ask upstreams whether a tag matches each range.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="github: annotations in GitHub Actions.",
)
@examples(
    "resync-argo lint plans/*.yaml",
    "resync-argo lint --online --format github plan.yaml",
)
def lint(*, plans: tuple[Path, ...], online: bool, form: str) -> None:
    """Check Plans for errors and likely mistakes.

    A cluster would refuse an error. A warning is probably a mistake.

    Exit codes: 0 nothing found, 1 something found, 2 usage.
    """
    from resync_argo.attempt.markdown import count
    from resync_argo.local.lint.findings import render
    from resync_argo.local.lint.program import lint as find

    end_like_ctrl_c()
    if online:
        from resync_argo.local.lint.online import find_unmatched

        found = find(plans, more=find_unmatched)
    else:
        found = find(plans)
    text = render(found, form)  # type: ignore[arg-type]  # click has checked it
    if text:
        click.echo(text)
    if not found and form == "text" and sys.stderr.isatty():
        checked = count(len(plans), "file")
        click.echo(f"{checked} checked, nothing found.", err=True)
    sys.exit(1 if found else 0)
