"""What steps say for the pull request and for Slack: Markdown that they write into `$RESYNC_SUMMARY`.

It is a stranger's text: read with bounds, and quoted, so that nobody is mentioned, nothing is closed and no mark of
ours can be in it.
"""

import re

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.markdown import CLOSING, INVISIBLE
from resync_argo.attempt.steps.control import Control, read

MAX_BYTES = 60_000
MAX_CHARACTERS = 8_000
MAX_LINES = 300

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_MENTION = re.compile(r"(?<![\w`])@(?=\w)")
_REFERENCE = re.compile(r"(?<![\w&`])(#|GH-)(?=\d)", re.IGNORECASE)


def read_summary(attempt: Attempt) -> str:
    """Return the steps' summaries, in order and bounded; "" without any.

    Raises:
        Untrustworthy: a step replaced such a file by a link or a folder.
    """
    control = Control(directory=attempt.layout.control)
    files = (control.summary(step.container) for step in attempt.contract.steps)
    parts = (read(file, limit=MAX_BYTES) or b"" for file in files)
    texts = (part.decode(errors="replace").replace("\r\n", "\n") for part in parts)
    whole = "\n\n".join(_CONTROL.sub("", text).strip() for text in texts if text.strip())
    lines = whole.split("\n")
    if len(whole) <= MAX_CHARACTERS and len(lines) <= MAX_LINES:
        return whole
    return "\n".join(lines[:MAX_LINES])[:MAX_CHARACTERS] + "\n… (cut)"


def quote(summary: str) -> str:
    """Return it as a Markdown block quote; "" without any."""
    if not summary:
        return ""
    text = summary.replace("<!--", "&lt;!--")
    text = _MENTION.sub(f"@{INVISIBLE}", text)
    text = _REFERENCE.sub(rf"\1{INVISIBLE}", text)
    text = CLOSING.sub(rf"\1{INVISIBLE}", text)
    lines = (f"> {line}".rstrip() for line in text.split("\n"))
    return "\n".join(["The steps say:", "", *lines])
