"""The texts for Slack: what happened, where, and what people should do. Pure.

In: a `Sync` and the present facts. Out: a `Message` in Slack's mrkdwn, within Slack's limits
("Block Kit: section", "Formatting text for app surfaces"), with all untrusted text escaped: names
of files, tags and branches, and lines of logs. The controller posts them; the attempt posts the
messages of a Plan's own steps.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from resync_argo.notify.interface import Message

MAX_SECTION = 3_000
MAX_SECTIONS = 50
MAX_FILES = 20
MAX_NAME = 200
MAX_LOG_LINES = 15
MAX_LOG = 2_500
MAX_REASON = 1_000


@dataclass(frozen=True, kw_only=True)
class Sync:
    """The sync that a message is about.

    Attributes:
        plan: the Plan's name.
        upstream: `host/owner/name`.
        version: the upstream release's version.
        downstream: `host/owner/name`.
        branch: the downstream branch.
        run_url: address of the run in the Argo UI, if known.
    """

    plan: str
    upstream: str
    version: str
    downstream: str
    branch: str
    run_url: str | None = None


def started(sync: Sync) -> Message:
    """Announce that a sync began."""
    return _message(f":arrows_counterclockwise: Syncing {_what(sync)}", [_run(sync)])


def asked(sync: Sync, *, message: str) -> Message:
    """Ask for a value that a person must set before the sync begins."""
    return _message(f":raised_hand: {_what(sync)} waits: {escape(_line(message, MAX_REASON))}")


def conflict(
    sync: Sync, *, files: Sequence[str], pull_request: str, again: bool = False
) -> Message:
    """Name the conflicting files and where to resolve them.

    Args:
        sync: the sync.
        files: paths of the conflicted files.
        pull_request: the conflict pull request's address.
        again: whether a conflict of this sync was resolved before.
    """
    count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
    more = "More conflicts" if again else "Conflicts"
    ask = (
        f"{link(pull_request, 'Resolve them in this pull request')} and merge it: "
        "the sync then goes on by itself."
    )
    head = f":warning: {more} in {count}: {_what(sync)} waits for you"
    return _message(head, [_file_list(files), ask, _run(sync)])


def resolved(sync: Sync, *, pull_request: str) -> Message:
    """Announce that the conflict pull request was merged and the sync continues."""
    where = link(pull_request, "the resolution")
    return _message(f":handshake: Resolved: {_what(sync)} goes on with {where}", [_run(sync)])


def pull_request_opened(sync: Sync, *, pull_request: str, title: str) -> Message:
    """Announce that the result is ready for review."""
    head = f":rocket: Ready for review: {link(pull_request, title)}"
    return _message(head, [f"{_what(sync)}.", _run(sync)])


def merged(sync: Sync, *, pull_request: str) -> Message:
    """Announce that the result was merged."""
    return _message(
        f":white_check_mark: Merged: {_what(sync)} ({link(pull_request, 'pull request')})"
    )


def failed(sync: Sync, *, reason: str, last_lines: Sequence[str] = ()) -> Message:
    """Report what failed and why, with the end of its log.

    Args:
        sync: the sync.
        reason: a sentence, for example "step `Tidy` ended with exit code 2".
        last_lines: the end of the step's log; only the last few are shown.
    """
    # The reason ends with the log's last line, which the log below shows anyway.
    said = reason.removesuffix(f": {last_lines[-1]}") if last_lines else reason
    head = f":x: Failed: {_what(sync)}: {escape(_line(said, MAX_REASON))}"
    return _message(head, [_log(last_lines), _run(sync)])


def ended(sync: Sync, *, reason: str) -> Message:
    """Report that the sync is over, and why: it was skipped, closed, or there was nothing to do."""
    return _message(f":heavy_minus_sign: {_what(sync)}: {escape(_line(reason, MAX_REASON))}")


def notification(text: str) -> Message:
    """Return the message of a Plan's `slack-notification`; its author writes mrkdwn, so it stays unescaped."""
    whole = text.encode("utf-8", "backslashreplace").decode().strip() or "(empty message)"
    pieces = _split(whole)[:MAX_SECTIONS]
    first = whole.splitlines()[0][:MAX_SECTION]
    return Message(text=first, sections=tuple(pieces) if [first] != pieces else ())


def steps_say(summary: str) -> str:
    """Return the paragraph with the output of a Plan's steps, verbatim."""
    text = escape(summary)
    return text if len(text) <= MAX_SECTION else f"{text[: MAX_SECTION - 1]}…"


def escape(text: str) -> str:
    """Escape Slack's three special characters, so that text mentions nobody and links nothing."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """Return untrusted text as inline code."""
    plain = _line(text).replace("`", "'")
    return f"`{escape(plain)}`"


def link(url: str, text: str) -> str:
    """Return a link; characters that could end it early are encoded."""
    target = escape(_line(url)).replace("|", "%7C")
    return f"<{target}|{escape(_line(text)).replace('|', '¦')}>"


def _what(sync: Sync) -> str:
    upstream, downstream = sync.upstream.partition("/")[2], sync.downstream.partition("/")[2]
    return (
        f"{code(f'{upstream} {sync.version}')} into {code(f'{downstream}:{sync.branch}')} "
        f"(plan {code(sync.plan)})"
    )


def _run(sync: Sync) -> str:
    return link(sync.run_url, "The run in Argo") if sync.run_url else ""


def _file_list(files: Sequence[str]) -> str:
    lines = [f"• {code(name)}" for name in files[:MAX_FILES]]
    if len(files) > MAX_FILES:
        lines.append(f"… and {len(files) - MAX_FILES} more")
    return "\n".join(lines)


def _log(lines: Sequence[str]) -> str:
    shown = [escape(_line(line).replace("```", "'''")) for line in lines[-MAX_LOG_LINES:]]
    text = "\n".join(shown)
    while len(text) > MAX_LOG and len(shown) > 1:
        shown.pop(0)
        text = "\n".join(shown)
    return f"```\n{text}\n```" if text.strip() else ""


def _line(text: str, limit: int = MAX_NAME) -> str:
    """Return untrusted text on one line of bounded length, without characters that cannot be encoded."""
    encodable = text.encode("utf-8", "backslashreplace").decode()
    visible = re.sub(r"[\x00-\x1f\x7f]+", " ", encodable).strip()
    return visible if len(visible) <= limit else f"{visible[: limit - 1]}…"


def _message(head: str, rest: Iterable[str] = ()) -> Message:
    """Make a message from its first line and further paragraphs; leaves out empty ones."""
    paragraphs = [head, *(it for it in rest if it)]
    pieces = [piece for paragraph in paragraphs for piece in _split(paragraph)]
    return Message(text=head, sections=tuple(pieces[:MAX_SECTIONS]) if len(pieces) > 1 else ())


def _split(paragraph: str) -> list[str]:
    """Split text, at line ends if possible, so that each piece fits into a section."""
    pieces: list[str] = []
    while len(paragraph) > MAX_SECTION:
        end = paragraph.rfind("\n", 1, MAX_SECTION)
        end = end if end > 0 else MAX_SECTION
        pieces.append(paragraph[:end])
        paragraph = paragraph[end:].lstrip("\n")
    return [*pieces, paragraph] if paragraph else pieces
