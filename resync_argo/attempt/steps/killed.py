"""Notices when a step's container was killed, which leaves no exit code.

Argo writes a container's exit code from inside it; if the kernel kills the whole container, usually
for memory, nothing writes one. Everything that waits for it, including Argo's own programs, would
wait until the attempt's deadline. The step wrapper holds a pipe open while it runs, so its end is
visible; then we write the exit code on its behalf. A step can only hurt itself with this.
"""

import os
import stat
from contextlib import suppress

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.steps.control import Control


def wrapper_has_ended(attempt: Attempt, container: str) -> bool:
    """Return whether a step's wrapper has begun and ended; False if that is unknown."""
    pipe = Control(directory=attempt.layout.control).alive(container)
    try:
        descriptor = os.open(pipe, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # With a writer there is nothing to read yet; without one there is end of file.
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode) and not os.read(descriptor, 1)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)


def announce_killed(attempt: Attempt, container: str, code: int) -> None:
    """Write the exit code of a killed container, unless it exists after all."""
    file = attempt.layout.exit_code(container)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    with suppress(OSError):
        folder = os.open(file.parent, flags)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with open(os.open(file.name, flags, 0o644, dir_fd=folder), "w") as opened:
                opened.write(str(code))
        finally:
            os.close(folder)
