"""Writes the error of a command with `--format json` as JSON, so that standard output is never empty."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from resync_argo.errors import ResyncError


@contextmanager
def json_errors(form: str) -> Iterator[None]:
    """If the format is JSON, write one of our errors as `{"error": "…"}`; raise it in any case."""
    try:
        yield
    except ResyncError as error:
        if form == "json":
            click.echo(json.dumps({"error": str(error)}, indent=2))
        raise
