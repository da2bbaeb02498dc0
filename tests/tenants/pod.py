"""Measures the pod's use beside the controller's own memory: by its child processes, and by files."""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from resync_argo.budget import folder_bytes

LOOK_SECONDS = 0.05

_PARENT = re.compile(r"^PPid:\s+(\d+)", re.M)
_MEMORY = re.compile(r"^RssAnon:\s+(\d+) kB", re.M)


@dataclass
class Used:
    """The peaks.

    Attributes:
        programs_mib: memory of all descendants of the controller.
        folder_mib: the folder's size.
    """

    programs_mib: float = 0.0
    folder_mib: float = 0.0


@contextmanager
def watched(pid: int, folder: Path) -> Iterator[Used]:
    """Measure the descendants of a process, and a folder, repeatedly inside the block."""
    used, ended = Used(), threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            used.programs_mib = max(used.programs_mib, _memory_of_descendants(pid))
            used.folder_mib = max(used.folder_mib, folder_bytes(folder) / (1 << 20))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield used
    finally:
        ended.set()
        watcher.join()


def _memory_of_descendants(pid: int) -> float:
    """Return their anonymous memory in MiB (proc(5), "status").

    A child that has not started its program yet shows its parent's memory, which it shares, and its command line.
    """
    own = _command(pid)
    children: dict[int, list[int]] = defaultdict(list)
    memory: dict[int, int] = {}
    for file in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            status = file.read_text()
            found, held = _PARENT.search(status), _MEMORY.search(status)
            if found is not None and held is not None:  # a kernel thread or a zombie has none
                child = int(file.parent.name)
                memory[child] = int(held[1]) if _command(child) != own else 0
                children[int(found[1])].append(child)
    total, left = 0, list(children[pid])
    while left:
        child = left.pop()
        total += memory[child]
        left += children[child]
    return total / 1024


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
