"""The file of one pull request of a directory forge: YAML front matter, then the body in Markdown.

A person may read and edit it: set `state: merged` or `closed`, change the title, add a comment to the list.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from resync_argo.forge.interface import PullRequestState, RequestRefused
from resync_argo.reasons.forge import REQUEST_REFUSED

FENCE = "---\n"
FENCE_LINE = re.compile(r"^---\n", re.MULTILINE)


class _Written(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class WrittenComment(_Written):
    """A comment in the file."""

    id: int
    author: str
    created_at: datetime
    body: str


class WrittenPullRequest(_Written):
    """The front matter, and the body below it."""

    number: int
    state: PullRequestState
    title: str
    head: str
    base: str
    head_commit: str
    author: str
    created_at: datetime
    labels: list[str] = Field(default_factory=list)
    reviewers: list[str] = Field(default_factory=list)
    team_reviewers: list[str] = Field(default_factory=list)
    comments: list[WrittenComment] = Field(default_factory=list)
    body: str = Field("", exclude=True)


def read(file: Path) -> WrittenPullRequest:
    """Read a pull request's file.

    Raises:
        RequestRefused: it cannot be parsed; the message names the file.
    """
    try:
        _, matter, body = FENCE_LINE.split(file.read_text(), maxsplit=2)
        values = yaml.safe_load(matter)
        return WrittenPullRequest.model_validate({**values, "body": body.strip("\n")})
    except ValidationError as error:
        raise _refused(f"{file}: {_first_of(error)}; correct it.") from error
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise _refused(
            f"{file} is not a pull request's file (YAML between two lines of ---, then the body): "
            "correct it or delete it."
        ) from error


def _first_of(error: ValidationError) -> str:
    """Return what is wrong with the first invalid field, and its possible values."""
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"]))
    if first["loc"] == ("state",):
        allowed = ", ".join(f"`{state}`" for state in PullRequestState)
        return f"`state` must be one of {allowed}, and it is `{first['input']}`"
    return f"`{field}`: {first['msg']}"


def _refused(sentence: str) -> RequestRefused:
    return RequestRefused(REQUEST_REFUSED, sentence)


def add_status(file: Path, commit: str, status: Mapping[str, object]) -> None:
    """Add a commit's status to those in a JSON file.

    Raises:
        RequestRefused: the file cannot be parsed; the message names it.
    """
    try:
        held = json.loads(file.read_text()) if file.exists() else {}
        held.setdefault(commit, {}).update(status)
    except (ValueError, AttributeError) as error:
        raise _refused(
            f"{file} does not hold the statuses of commits as JSON: delete it, and the next run writes it again."
        ) from error
    file.write_text(json.dumps(held, indent=2) + "\n")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from opening a pull request at the same time, as a forge would."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def write(file: Path, pull: WrittenPullRequest) -> None:
    """Write a pull request's file atomically: a reader sees the old or the new one."""
    matter = yaml.safe_dump(
        pull.model_dump(mode="json", by_alias=True), sort_keys=False, allow_unicode=True, width=100
    )
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(f"{FENCE}{matter}{FENCE}\n{pull.body}\n")
    os.replace(unfinished, file)


def updated_at(file: Path) -> datetime:
    """Return when the file last changed."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
