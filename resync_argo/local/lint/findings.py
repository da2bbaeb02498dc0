"""A finding, and its formats: text, JSON, and annotations that GitHub shows on a change."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Severity(StrEnum):
    """An error would be refused or fail; a warning is probably a mistake."""

    ERROR = "error"
    WARNING = "warning"


Format = Literal["text", "json", "github"]


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """An error or a warning; line and column count from 1."""

    file: str
    line: int
    column: int
    severity: Severity
    message: str


def render(findings: Sequence[Finding], form: Format) -> str:
    """Return findings in a format; as text or for GitHub, "" if there are none."""
    match form:
        case "json":
            return json.dumps([vars(finding) for finding in findings], indent=2)
        case "github":
            return "\n".join(_command(finding) for finding in findings)
        case _:
            return "\n".join(_line(finding) for finding in findings)


def _line(it: Finding) -> str:
    return f"{it.file}:{it.line}:{it.column}: {it.severity}: {it.message}"


def _command(it: Finding) -> str:
    """Return a workflow command (GitHub, "Workflow commands for GitHub Actions")."""
    message = it.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    file = it.file.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    return f"::{it.severity} file={file},line={it.line},col={it.column}::{message}"
