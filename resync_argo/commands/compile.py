"""The command `compile`: prints the WorkflowTemplate of a Plan."""

import os
import sys
from pathlib import Path

import click

from resync_argo.commands import options
from resync_argo.commands.examples import examples


@click.command("compile")
@click.argument("plan", type=options.PLAN)
@click.option(
    "-n", "--namespace", default="default", show_default=True, help="The Plan's namespace."
)
@click.option("--diff", is_flag=True, help="Show what applying the Plan would change in a cluster.")
@click.option(
    "--kubeconfig",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The cluster's kubeconfig file; KUBECONFIG by default.",
)
@examples(
    "resync-argo compile plan.yaml",
    "resync-argo compile plan.yaml --diff -n resync",
)
def compile_(*, plan: Path, namespace: str, diff: bool, kubeconfig: Path | None) -> None:
    """Print the WorkflowTemplate that a Plan compiles to.

    Settings come from RESYNC_* variables, like those of the controller. With --diff, the
    exit code is 0 if nothing would change, and 1 otherwise.
    """
    from resync_argo.environment import read_settings
    from resync_argo.local.compilation import compile_file, difference, to_yaml

    settings = read_settings(os.environ)
    if not diff:
        click.echo(to_yaml(compile_file(plan, namespace, settings)), nl=False)
        return
    from resync_argo.controller.kube.api import Kube

    text = difference(Kube.connect(connections=1, kubeconfig=kubeconfig), plan, namespace, settings)
    if text:
        click.echo(text, nl=False)
        sys.exit(1)
