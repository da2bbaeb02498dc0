"""Limits for a piece of work: time, output, disk and memory.

A `Budget` is a constant of the code that does the work. When the work begins, it becomes the
`Limits` that `processes` enforces, however many programs run.
"""

import math
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

LOOK_SECONDS = 0.2
"""How often to measure the folder of running work."""

BLOCK = 512
"""Bytes in a block, for `ulimit -f` (POSIX, "ulimit") and for `st_blocks` (stat(2))."""


class Resource(StrEnum):
    """The resources in a budget."""

    TIME = "time"
    OUTPUT = "output"
    DISK = "disk"


class LimitReached(Exception):
    """A program was stopped because it reached a limit.

    Attributes:
        resource: the exhausted one.
    """

    def __init__(self, resource: Resource, sentence: str) -> None:
        """Name the exhausted resource."""
        super().__init__(sentence)
        self.resource = resource


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Limits for a piece of work, however many programs it runs.

    Attributes:
        seconds: from start to end.
        output_bytes: the most that one program may write to stdout or stderr.
        disk_bytes: the most that the folder may hold, and the largest file; None: no limit.
        memory_bytes: the most that each process may hold (RLIMIT_DATA); None: no limit.
    """

    seconds: float
    output_bytes: int
    disk_bytes: int | None = None
    memory_bytes: int | None = None

    def begin(self, folder: Path) -> "Limits":
        """Return the limits for work in a folder that begins now."""
        return Limits(budget=self, ends=time.monotonic() + self.seconds, folder=folder)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """A budget in use.

    Attributes:
        budget: the limits.
        ends: the deadline, on the monotonic clock.
        folder: the one to measure.
    """

    budget: Budget
    ends: float
    folder: Path

    def wait_seconds(self) -> float | None:
        """Return how long to wait before the next check; None: until something happens.

        Raises:
            LimitReached: no time is left.
        """
        left = self.ends - time.monotonic()
        if left <= 0:
            raise LimitReached(Resource.TIME, f"no answer within {self.budget.seconds:g} s")
        if self.budget.disk_bytes is not None:
            return min(left, LOOK_SECONDS)
        return None if left == math.inf else left

    def check_disk(self) -> None:
        """Measure the folder.

        Raises:
            LimitReached: it is too large.
        """
        limit = self.budget.disk_bytes
        if limit is not None and folder_bytes(self.folder) > limit:
            raise LimitReached(Resource.DISK, f"more than {limit} bytes on disk")

    def check_output(self, size: int) -> None:
        """Check how much a program printed.

        Raises:
            LimitReached: it is too much.
        """
        if size > self.budget.output_bytes:
            sentence = f"more than {self.budget.output_bytes} bytes came back"
            raise LimitReached(Resource.OUTPUT, sentence)


UNLIMITED = Budget(seconds=math.inf, output_bytes=sys.maxsize)


def folder_bytes(folder: Path) -> int:
    """Return a folder's bytes on disk, while its files come and go."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.lstat(os.path.join(parent, name)).st_blocks * BLOCK
    return total
