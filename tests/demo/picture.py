"""Draws the demo's conflict as it looked in a terminal: `python -m tests.demo.picture` writes docs/pictures/demo.svg.

It runs `tests.demo.local` on a terminal of its own, keeps what that showed in `recording.txt`, and draws that. So the picture is
one of a real run, and can be drawn again without one.
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "pictures" / "demo.svg"
RECORDING = Path(__file__).with_name("recording.txt")
COLUMNS = 110

BEGIN, END = "== The fork and v1.21.2", "$ cat "

# What moves on a terminal: a line that is erased, the cursor, one frame of a spinner.
_ERASED = re.compile(r"^.*\x1b\[2K")
_CURSOR = re.compile(r"\x1b\[\?25[hl]")
_FRAME = re.compile(r"^\x1b\[32m[\u2800-\u28ff]")
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.S)


def record() -> str:
    """Run the demo on a terminal; return the lines of its conflict, with their colours."""
    # Its path is short, like a user's: one that does not fit on a line changes what is shown.
    with tempfile.TemporaryDirectory() as folder:
        return _recorded(Path(folder).resolve())


def _recorded(folder: Path) -> str:
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    command: list[str | Path] = [sys.executable, "-m", "tests.demo.local", folder]
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(
        command, cwd=ROOT, stdout=follower, stderr=follower, env=environment
    ) as run:
        os.close(follower)
        text = _read(leader)
    if run.returncode:
        raise SystemExit(text)
    plan = str(Path(__file__).with_name("plan.yaml"))
    return shown(text).replace(f"{folder}/", "").replace(plan, "plan.yaml")


def shown(text: str) -> str:
    """Return the lines of the conflict as they stood on the terminal in the end.

    Args:
        text: all that was written to the terminal.
    """
    lines = [_ERASED.sub("", _CURSOR.sub("", line)) for line in text.split("\r\n")]
    kept = [line for line in lines if not _FRAME.match(line)]
    begin = next(i for i, line in enumerate(kept) if BEGIN in line)
    end = next(i for i, line in enumerate(kept) if i > begin and END in line)
    return "\n".join(kept[begin:end]) + "\n"


def draw(recording: str) -> str:
    """Return the picture, in SVG, of lines with their colours."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(recording), soft_wrap=False)
    svg = console.export_svg(title="make demo", unique_id="demo")
    # The fonts come from another host; any of fixed width will do.
    return _FONTS.sub("", svg)


def _read(leader: int) -> str:
    """Return what was written to a terminal until its last writer went."""
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(leader, 65_536)
        except OSError:  # Linux answers so where nobody writes any more
            part = b""
        if not part:
            os.close(leader)
            return b"".join(parts).decode()
        parts.append(part)


def main() -> None:
    """Record and draw."""
    RECORDING.write_text(record())
    PICTURE.write_text(draw(RECORDING.read_text()))


if __name__ == "__main__":
    main()
