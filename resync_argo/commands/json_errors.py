"""An error of a command that was asked for JSON is JSON on standard output, too: never nothing at all."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from resync_argo.errors import ResyncError


@contextmanager
def json_errors(form: str) -> Iterator[None]:
    """Write one of our errors as `{"error": "…"}` where the format is JSON, and let it go on."""
    try:
        yield
    except ResyncError as error:
        if form == "json":
            click.echo(json.dumps({"error": str(error)}, indent=2))
        raise
