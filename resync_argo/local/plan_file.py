"""Reads one Plan from a file, for the commands that work on one."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from resync_argo.api.plan import Plan
from resync_argo.errors import UsageError


def load_plan(file: Path) -> Plan:
    """Return the Plan in a file.

    Raises:
        UsageError: there is none, or it is not sound; says what is wrong and where.
    """
    try:
        return Plan.parse(yaml.safe_load(file.read_text()))
    except (yaml.YAMLError, ValidationError) as error:
        raise UsageError(f"{file}: {error}") from error
