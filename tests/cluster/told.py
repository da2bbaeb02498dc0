"""How a failed start of the local world is reported: in one line, with what to do. Never a traceback."""

import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LONGEST = 300
"""Characters of a message; the file has all of it."""


@contextmanager
def in_one_line(again: str) -> Iterator[None]:
    """End the program with one line and exit code 1 when what is inside fails.

    Args:
        again: the command that a person runs once more.
    """
    try:
        yield
    except Exception as error:
        print(f"error: {summary(error)} Then run `{again}` again.", file=sys.stderr)
        print(f"({_written_down(error)} has all of it.)", file=sys.stderr)
        raise SystemExit(1) from None


def summary(error: BaseException) -> str:
    """Return an error as one sentence: the first line that it says, cut to what a terminal shows."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = lines[0] if lines else ""
    if len(lines) > 1:
        said = f"{said.rstrip(':')}: {lines[-1]}"
    # The class says more than the words of what none of our programs raised.
    is_ours = type(error).__module__.startswith("tests.") or isinstance(error, TimeoutError)
    named = said if is_ours and said else f"{type(error).__name__}: {said or 'it says no more'}"
    return f"{named[: _LONGEST - 1]}…" if len(named) > _LONGEST else f"{named.rstrip('.')}."


def _written_down(error: BaseException) -> Path:
    with tempfile.NamedTemporaryFile(
        "w", prefix="resync-argo-error-", suffix=".log", delete=False
    ) as file:
        file.writelines(traceback.format_exception(error))
    return Path(file.name)
