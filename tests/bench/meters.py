"""Measures a process's processor time and memory."""

import os
import re
from pathlib import Path


def resident_mib(pid: int) -> float:
    """Return a process's peak resident memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return round(int(found[1]) / 1024, 1) if found else 0.0


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used: proc(5), fields 14 and 15."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib_of_all(pid: int) -> float:
    """Return the present resident memory of a process and all its children; shared pages count for each."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = {it for thread in threads for it in (thread / "children").read_text().split()}
    except OSError:  # it ended meanwhile
        return 0.0
    own = pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    return own + sum(resident_mib_of_all(int(it)) for it in children)
