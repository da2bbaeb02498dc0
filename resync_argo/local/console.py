"""Writes a running program's messages to standard error, in colour if desired.

Results go to standard output, so that you can pipe them; everything else goes here. Colours respect
`NO_COLOR` (no-color.org), and animations appear on a terminal only.
"""

import html
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import click

from resync_argo.notify.interface import Message

# Slack's markup for a link ("Formatting text for app surfaces").
_LINK = re.compile(r"<([^|<>]+)\|([^<>]+)>")

FRAMES_PER_SECOND = 12.5
"""As often as the spinner "dots" changes."""

Colour = Literal["red", "green", "yellow", "cyan"]


def say(text: str, colour: Colour | None = None, *, bold: bool = False) -> None:
    """Write a line to standard error."""
    # Look the stream up each time: an animation replaces `sys.stderr` to make room for lines.
    click.echo(paint(text, colour, bold=bold), file=sys.stderr)


def paint(text: str, colour: Colour | None = None, *, bold: bool = False) -> str:
    """Return text in a colour, unless colours are off."""
    if os.environ.get("NO_COLOR"):
        return text
    return click.style(text, fg=colour, bold=bold or None) if colour or bold else text


def visible(text: str) -> str:
    """Return untrusted text on one line, without characters that control a terminal."""
    return "".join(it if it.isprintable() else "?" for it in text)


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Show on a terminal that something takes time."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for loading it
    from rich.live import Live  # noqa: PLC0415
    from rich.spinner import Spinner  # noqa: PLC0415

    # `Console.status` first draws in its own thread, and a line that is written meanwhile ends up on the same
    # row. `Live` draws before the block begins.
    spinner = Spinner("dots", text=text, style="status.spinner")
    console = Console(stderr=True)
    with Live(spinner, console=console, refresh_per_second=FRAMES_PER_SECOND, transient=True):
        yield


class ConsoleNotifier:
    """Prints messages to the console instead of a chat; implements `Notifier`."""

    def post(
        self,
        channel: str,
        message: Message,
        *,
        thread: str | None = None,
        loud: bool = False,  # noqa: ARG002 - the console has one channel
    ) -> str:
        """See `Notifier`."""
        say(f"Slack, {channel}:", "cyan")
        for section in message.sections or (message.text,):
            readable = html.unescape(_LINK.sub(r"\2 (\1)", section))
            say("\n".join(f"  {line}" for line in readable.splitlines()))
        return thread or "shown"
