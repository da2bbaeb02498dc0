"""Arguments and options of several commands."""

from pathlib import Path

import click

PLAN = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
"""A Plan's file; `-` is standard input."""

steps_in = click.option(
    "--steps-in",
    type=click.Choice(["host", "podman", "docker"]),
    default="host",
    show_default=True,
    help="Where the Plan's steps run. On the host they have your permissions.",
)

forge = click.option(
    "--forge",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep pull requests as files in this folder, not on GitHub.",
)

as_text_or_json = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
