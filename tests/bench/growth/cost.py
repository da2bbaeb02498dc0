"""Measures a program's cost from its start to its end, and up to the marks that it prints.

A mark is a line of JSON on the program's standard output: `{"mark": NAME, "cpu_seconds": SO_FAR}`.
The server's work for the program is measured separately: as the time of this process's other
children.
"""

import json
import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.meters import resident_mib_of_all
from tests.git.http_server import PrivateServer

LOOK_SECONDS = 0.05
END = "end"
"""The mark at a program's end."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A program's cost up to a mark.

    Attributes:
        seconds: since its start.
        cpu_seconds: of the program and all that it started.
        server_cpu_seconds: of the git that served it; 0 at marks before the end, where nobody knows.
        fetched_bytes: that the server sent.
        memory_mib: the most that all its processes had resident at one moment so far, as looked at 20 times a second.
        largest_process_mib: the most that a single one had; 0 at marks before the end.
        disk_mib: what lies in its folder; 0 at marks before the end.
    """

    seconds: float
    cpu_seconds: float
    server_cpu_seconds: float = 0.0
    fetched_bytes: int
    memory_mib: float = 0.0
    largest_process_mib: float = 0.0
    disk_mib: float = 0.0


def cost(
    argv: Sequence[str | Path],
    *,
    folder: Path,
    server: PrivateServer,
    environment: Mapping[str, str],
    may_end_with: int = 0,
) -> dict[str, Cost]:
    """Run a program in an empty folder; return its cost by mark.

    Args:
        argv: the program and its arguments.
        folder: where it runs and writes.
        server: the server that it fetches from.
        environment: more variables.
        may_end_with: the expected exit code.

    Raises:
        RuntimeError: it ended otherwise.
    """
    log = folder.with_name(f"{folder.name}.log")
    sent, children, begun = server.sent_bytes, _cpu(resource.RUSAGE_CHILDREN), time.monotonic()
    marks: dict[str, Cost] = {}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env=os.environ | dict(environment),
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        memory = _Memory(process.pid)
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                told = json.loads(line)
                marks[told["mark"]] = Cost(
                    seconds=time.monotonic() - begun,
                    cpu_seconds=told["cpu_seconds"],
                    fetched_bytes=server.sent_bytes - sent,
                    memory_mib=memory.peak_mib,
                )
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begun
    memory.stop()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != may_end_with:
        raise RuntimeError(f"{argv} ended with {process.returncode}: {log.read_text()[-3000:]}")
    used = usage.ru_utime + usage.ru_stime
    marks[END] = Cost(
        seconds=seconds,
        cpu_seconds=used,
        server_cpu_seconds=_cpu(resource.RUSAGE_CHILDREN) - children - used,
        fetched_bytes=server.sent_bytes - sent,
        memory_mib=memory.peak_mib,
        largest_process_mib=usage.ru_maxrss / 1024,
        disk_mib=disk_mib(folder),
    )
    return marks


def cpu_so_far() -> float:
    """Return the processor seconds of this process and of its children that have ended."""
    return _cpu(resource.RUSAGE_SELF) + _cpu(resource.RUSAGE_CHILDREN)


def _cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


class _Memory:
    """Looks at the memory of a process and all its children until it is stopped.

    Attributes:
        peak_mib: the most so far.
    """

    def __init__(self, pid: int) -> None:
        self.peak_mib = 0.0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.peak_mib = max(self.peak_mib, resident_mib_of_all(self._pid))


def disk_mib(folder: Path) -> float:
    """Return what a folder takes on disk, each file once."""
    blocks = {}
    for root, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(root, name))
            blocks[status.st_ino] = status.st_blocks
    return sum(blocks.values()) * 512 / (1 << 20)
