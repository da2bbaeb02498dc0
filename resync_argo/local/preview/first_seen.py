"""Remembers beside the clone when this machine first saw each release, like a Tag's age on a cluster.

Upstream chooses the dates of commits and annotated tags, so a malicious release can carry any date.
As on a cluster, a release's age therefore counts from when we first saw it.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from resync_argo.api.meta import Model
from resync_argo.upstream.git_tags import GitTag

FILE = "first-seen.json"


class Seen(Model):
    """A git tag when it was first seen."""

    commit: str
    time: datetime


_MEMORY = TypeAdapter(dict[str, Seen])


def first_seen(folder: Path, tags: Iterable[GitTag], now: datetime) -> dict[str, datetime]:
    """Return when each tag was first seen at its commit, and remember new ones.

    Args:
        folder: where the file lies; an unreadable file is begun afresh.
        tags: the present ones; a tag that moved counts as new.
        now: the time, with its time zone.
    """
    before = _read(folder / FILE)
    memory = {tag.name: _seen(tag, before.get(tag.name), now) for tag in tags}
    kept = _MEMORY.dump_python(before | memory, mode="json", by_alias=True)
    unfinished = folder / f"{FILE}.new"
    unfinished.write_text(json.dumps(kept))
    unfinished.rename(folder / FILE)
    return {name: seen.time for name, seen in memory.items()}


def _seen(tag: GitTag, before: Seen | None, now: datetime) -> Seen:
    if before is not None and before.commit == tag.commit:
        return before
    return Seen(commit=tag.commit, time=now)


def _read(file: Path) -> dict[str, Seen]:
    try:
        return _MEMORY.validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}
