"""Remembers in the fork when a release was first seen: a job may have no storage of its own.

A ref for each Plan points to an empty commit whose message has a line for each release. If two jobs
write it at once, the first wins, and the other job records its releases at its next look.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.clone import PUSH, fetch
from resync_argo.errors import Stalled
from resync_argo.git import GitError
from resync_argo.hosts.empty_commit import empty_commit
from resync_argo.hosts.refs import list_refs
from resync_argo.hosts.refusals import explained
from resync_argo.names import seen_ref
from resync_argo.upstream.git_tags import GitTag

_TITLE = "When releases were first seen"
_WORDS = 3


def first_looks(
    attempt: Attempt, tags: Iterable[GitTag], here: Mapping[str, datetime]
) -> dict[str, datetime]:
    """Return when each tag was first seen at its commit, by anybody who syncs this Plan; remember new ones.

    Args:
        attempt: with a clone.
        tags: those whose age matters.
        here: when this machine first saw each.

    Raises:
        Stalled: the fork refuses the push, or cannot be read.
        Transient: its host does not answer.
    """
    ref = seen_ref(attempt.plan)
    old = list_refs(attempt.git_in(attempt.layout.trusted), attempt.push, ref).get(ref, "")
    before = _read(attempt, old)
    now = {tag.name: min(here[tag.name], before.get(_key(tag), here[tag.name])) for tag in tags}
    lines = sorted(f"{tag.commit} {_stamp(now[tag.name])} {tag.name}" for tag in tags)
    made = empty_commit(attempt.repository, "\n".join((_TITLE, "", *lines, "")), write=True)
    if lines and made != old:
        _push(attempt, ref, old, made)
    return now


def _push(attempt: Attempt, ref: str, old: str, made: str) -> None:
    argv = ("push", "--quiet", f"--force-with-lease={ref}:{old}", "--", PUSH, f"{made}:{ref}")
    with explained(attempt.push, ref):
        try:
            attempt.published.run(*argv, remote=attempt.push)
        except GitError as error:
            # Another job was quicker, and what it wrote is as good.
            if "rejected]" not in error.stderr:
                raise


def _read(attempt: Attempt, commit: str) -> dict[str, datetime]:
    if not commit:
        return {}
    try:
        fetch(attempt, PUSH, [commit])
    except Stalled:
        return {}
    found = {}
    text = attempt.repository.run("log", "-1", "--format=%b", commit, "--").decode(errors="replace")
    for line in text.splitlines():
        words = line.split(" ", _WORDS - 1)
        with suppress(ValueError):
            tagged, time, name = words
            found[f"{tagged} {name}"] = datetime.fromisoformat(time).astimezone(UTC)
    return found


def _key(tag: GitTag) -> str:
    return f"{tag.commit} {tag.name}"


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")
