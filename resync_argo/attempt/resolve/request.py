"""Parses a request of our `git` after a command left unmerged paths: a step's claim, so everything is checked.

The file `request` has lines `step CONTAINER`, `commit ID`, `head ID`, `committer NAME <EMAIL>
DATE`, any number of `named ID`, and `end`; beside it lie `arguments` (the command, quoted as `git
rev-parse --sq-quote` does), `config` and `unmerged`. The commit's tree holds `merged`, everything
that git could merge, and each unmerged file under a number, so that otherwise unreferenced objects
are included.
"""

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.options import Call, parse_call
from resync_argo.attempt.merge.raw import Stages
from resync_argo.attempt.steps.control import Control, Untrustworthy, read
from resync_argo.conflicts.quoting import unquote
from resync_argo.conflicts.record import Entry

MAX_PATHS = 50_000
_MAX_UNMERGED = 64 << 20

_OID = r"(?:[0-9a-f]{40}|[0-9a-f]{64})"
_REQUEST = re.compile(
    r"step (?P<step>[a-z0-9-]{1,63})\n"
    rf"commit (?P<commit>{_OID})\n"
    rf"head (?P<head>{_OID})\n"
    r"committer (?P<committer>[^\n\0]{0,1000}<[^\n\0]{0,1000}>)[^\n]*\n"
    rf"(?P<named>(?:named {_OID}\n)*)"
    r"end\n"
)
CARRY = "carry"
TIDIED = "resync-tidied"
ASKS = (CARRY, TIDIED)
"""Commands that git does not have; trusted code executes them."""

_STAGES = {"1": 1, "2": 2, "3": 3}
_ALIAS = re.compile(r"alias\.([A-Za-z0-9-]+)\Z")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A step's description of its state.

    Attributes:
        step: its container.
        commit: holds the objects.
        head: the clone's HEAD.
        committer: who commits, `Name <email>`.
        named: commits that the command's arguments name, in order.
        call: the command; an alias is expanded.
        settings: the clone's settings, by name.
        stages: the unmerged paths.
    """

    step: str
    commit: str
    head: str
    committer: str
    named: tuple[str, ...]
    call: Call
    settings: Mapping[str, str]
    stages: Stages


def take_request(attempt: Attempt) -> Request | None:
    """Return the request and delete it; None if there is none, or it is incomplete.

    Raises:
        Untrustworthy: it is invalid.
    """
    control = Control(directory=attempt.layout.control)
    text = read(control.request)
    if text is None or not text.endswith(b"end\n"):
        return None
    with suppress(OSError):
        os.unlink(control.request)
    found = _REQUEST.fullmatch(text.decode(errors="replace"))
    if found is None:
        raise Untrustworthy("The step's request at a conflict is malformed.")
    settings = _settings(read(control.config) or b"")
    call = _call(read(control.arguments) or b"", settings)
    return Request(
        step=found["step"],
        commit=found["commit"],
        head=found["head"],
        committer=found["committer"],
        named=tuple(line.split(" ")[1] for line in found["named"].splitlines()),
        call=call,
        settings=settings,
        stages=_checked(call, _stages(read(control.unmerged, limit=_MAX_UNMERGED) or b"")),
    )


def _checked(call: Call, stages: Stages) -> Stages:
    """Refuse what no merge leaves: no unmerged path, or too many."""
    if len(stages) > MAX_PATHS or (not stages and call.command not in ASKS):
        raise Untrustworthy(f"The step left {len(stages)} unmerged paths.")
    return stages


def _settings(listing: bytes) -> dict[str, str]:
    pairs = (it.decode(errors="replace").partition("\n") for it in listing.split(b"\0") if it)
    return {name: value if newline else "true" for name, newline, value in pairs}


def _call(arguments: bytes, settings: Mapping[str, str]) -> Call:
    call = parse_call(_words(arguments.decode(errors="surrogateescape")))
    if call.command in ASKS:
        return call
    aliases = {
        found[1]: value
        for name, value in (*settings.items(), *call.settings)
        if (found := _ALIAS.match(name))
    }
    expanded = aliases.get(call.command, "!")
    if expanded.startswith("!"):
        return call
    inner = parse_call(_words(expanded))
    return Call(
        command=inner.command,
        words=(*inner.words, *call.words),
        settings=(*call.settings, *inner.settings),
    )


def _words(text: str) -> Sequence[str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise Untrustworthy("The arguments of the step's command are malformed.") from error
    if "\0" in text:  # No command is ever called with it.
        raise Untrustworthy("The arguments of the step's command are malformed.")
    return words


def _stages(listing: bytes) -> Stages:
    stages: dict[bytes, dict[int, Entry]] = {}
    try:
        for line in listing.decode("ascii").splitlines():
            meta, _, name = line.partition("\t")
            mode, oid, stage = meta.split(" ")
            entries = stages.setdefault(unquote(name), {})
            entry = Entry.parse(f"{mode}:{oid}")
            if entry is not None:
                entries[_STAGES[stage]] = entry
    except (KeyError, ValueError) as error:
        raise Untrustworthy("The list of unmerged paths is malformed.") from error
    return stages
