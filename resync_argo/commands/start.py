"""The commands to begin a Plan with: `init` and `schema`."""

import os
import shlex
from pathlib import Path

import click

from resync_argo.commands.examples import examples
from resync_argo.commands.signals import end_like_ctrl_c


@click.command(name="init")
@click.argument("upstream")
@click.argument("downstream")
@click.option(
    "--branch",
    metavar="B",
    help="The downstream branch; by default the repository's default branch.",
)
@click.option("--fork", metavar="NAME", help="Push branches to this repository.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default="plan.yaml",
    show_default=True,
    help="The file to write; `-` is standard output.",
)
@examples(
    "resync-argo init prometheus/node_exporter openshift/node_exporter",
    "resync-argo init github.com/kubernetes/kubernetes openshift/kubernetes --branch release-4.8",
)
def init(
    *, upstream: str, downstream: str, branch: str | None, fork: str | None, output: Path
) -> None:
    """Write a first Plan for a fork.

    It looks at both repositories, and proposes values and comments.

    A repository is `host/owner/name`, an address, or `owner/name` on github.com.
    """
    from resync_argo.errors import UsageError
    from resync_argo.local.start.first_plan import SCHEMA_FILE, first_plan
    from resync_argo.local.start.survey import repository_name, survey

    end_like_ctrl_c()
    is_shown = str(output) == "-"
    if not is_shown and output.exists():
        raise UsageError(f"{output} exists already: choose another name with --output.")
    in_fork = repository_name(fork) if fork else None
    surveyed = survey(repository_name(upstream), repository_name(downstream), branch, os.environ)
    text = first_plan(surveyed, fork=in_fork)
    if is_shown:
        click.echo(text, nl=False)
        return
    # "x": somebody may have written it meanwhile.
    with output.open("x") as file:
        file.write(text)
    plan = shlex.quote(str(output))
    click.echo(
        f"Wrote {output}. Read its comments, then run:\n  resync-argo preview {plan}\n  resync-argo run {plan} --dry-run\n"
        f"For checks in your editor, also run:\n  resync-argo schema > {SCHEMA_FILE}"
    )


@click.command()
@examples("resync-argo schema > plan.schema.json")
def schema() -> None:
    """Print the JSON schema of a Plan, for editors and checks.

    An editor with yaml-language-server uses it if a Plan's first line is
    `# yaml-language-server: $schema=plan.schema.json`.
    """
    from resync_argo.local.start.schema import plan_schema

    click.echo(plan_schema())
