"""Reads what tools printed: it comes from the step's container, so it is untrusted and checked."""

import re
from collections.abc import Sequence

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.proposals.ask import seconds_for
from resync_argo.attempt.proposals.proposal import Proposal, Taken
from resync_argo.attempt.steps.control import Control, Untrustworthy, read
from resync_argo.conflicts.markers import shown_conflicts

MAX_BYTES = 1 << 20
"""Bytes of a proposal: people cannot check a larger one, and the controller does not see its first line."""

_MARKER = re.compile(rb"^(?:<{7,}|>{7,}|\|{7,})(?: |\r?$)", re.M)
_KILLED = 137
_TOO_LARGE = 153
"""128 plus the signal for a file that grew beyond the limit (setrlimit(2), RLIMIT_FSIZE)."""


class _Refused(Exception):
    """There is no proposal; the message says why."""


def take(attempt: Attempt, asked: Sequence[Proposal]) -> Taken:
    """Return the tools' proposals."""
    contents: dict[bytes, bytes] = {}
    refused: dict[bytes, str] = {}
    for it in asked:
        try:
            contents[it.path] = _content(attempt, it, seconds_for(asked))
        except _Refused as error:
            refused[it.path] = str(error)
    return Taken(contents=contents, refused=refused)


def _content(attempt: Attempt, it: Proposal, seconds: int) -> bytes:
    control = Control(directory=attempt.layout.control)
    try:
        code = read(control.proposal(it.number, "code"), limit=4)
        content = read(control.proposal(it.number, "out"), limit=MAX_BYTES + 1)
    except Untrustworthy as error:
        raise _Refused("what it left is not a file") from error
    if code is None or content is None:
        raise _Refused("it did not finish")
    if code.strip() != b"0":
        raise _Refused(_ended(code.strip(), seconds))
    _check(content)
    return content


def _ended(code: bytes, seconds: int) -> str:
    if not code.isdigit():
        return "it did not finish"
    if int(code) == _KILLED:
        return f"it was stopped after {seconds} s"
    if int(code) == _TOO_LARGE:
        return "what it printed is too large"
    return f"it ended with exit code {int(code)}"


def _check(content: bytes) -> None:
    if not content:
        raise _Refused("it printed nothing")
    if len(content) > MAX_BYTES:
        raise _Refused("what it printed is too large")
    if b"\0" in content:
        raise _Refused("what it printed is not text")
    if _MARKER.search(content) or any(shown_conflicts(content)):
        raise _Refused("it left conflict markers")
