"""Processes that outlive the command which starts them, and are found again later.

A process is recorded under `<state>/run/<name>.json` by its pid, its start time and the machine's
boot id, so a recycled pid is never taken for ours. Output goes to `<state>/log/<name>.log`.
"""

import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.files import write_whole
from tests.cluster.waiting import wait_for

_LOG_TAIL = 2000
_STDERR = 2

# Fields of /proc/<pid>/stat counted after the command's closing parenthesis: proc(5), 3, 20, 22.
_STATE, _THREADS, _START_TIME = 0, 17, 19


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process as it was when it was started; `argv` and `environment` start it again."""

    name: str
    pid: int
    started: str
    boot: str
    argv: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def start(
    name: str,
    argv: Sequence[str | Path],
    *,
    state: Path,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start a program in a session of its own and record it.

    The environment is small on purpose: no proxy setting and no credential of the caller's shell
    may reach a part of the cluster. Nor may an open file: a lock or a pipe of the caller's would
    live as long as the cluster.
    """
    log = state / "log" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    arguments = [str(argument) for argument in argv]
    pid = os.posix_spawnp(
        arguments[0],
        arguments,
        {"PATH": os.environ["PATH"], "HOME": str(state), **(environment or {})},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            *((os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in _inherited()),
        ],
        setsid=True,
        setsigmask=(),
    )
    process = Process(
        name=name,
        pid=pid,
        started=_stat(pid)[_START_TIME],
        boot=_boot_id(),
        argv=arguments,
        environment=dict(environment or {}),
    )
    record = state / "run" / f"{name}.json"
    record.parent.mkdir(parents=True, exist_ok=True)
    write_whole(record, json.dumps(asdict(process)))
    return process


def recorded(state: Path) -> list[Process]:
    """The processes that were started for this state folder, alive or not, newest first."""
    records = sorted((state / "run").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [Process(**json.loads(path.read_text())) for path in reversed(records)]


def is_alive(process: Process) -> bool:
    """Whether this very process still runs.

    A zombie does not, unless threads are left: those still hold its files and ports.
    """
    try:
        stat = _stat(process.pid)
    except (FileNotFoundError, ProcessLookupError):
        return False
    same = process.boot == _boot_id() and stat[_START_TIME] == process.started
    return same and (stat[_STATE] != "Z" or int(stat[_THREADS]) > 1)


def stop(process: Process, *, state: Path, grace_seconds: float = 10) -> None:
    """End a process: ask, and after the grace period kill."""
    if grace_seconds:
        _signal(process, signal.SIGTERM)
        try:
            wait_for(
                lambda: not is_alive(process), deadline_seconds=grace_seconds, describe="an end"
            )
        except TimeoutError:
            _signal(process, signal.SIGKILL)
    _signal(process, signal.SIGKILL)
    wait_for(lambda: not is_alive(process), deadline_seconds=60, describe=f"the end of {process}")
    _reap(process.pid)
    (state / "run" / f"{process.name}.json").unlink(missing_ok=True)


def take_down(name: str, *, state: Path) -> Callable[[], Process]:
    """Kill a process that runs; return what starts it again as it was, arguments and variables."""
    (process,) = (it for it in recorded(state) if it.name == name)
    argv, variables = (_words(process.pid, file) for file in ("cmdline", "environ"))
    environment = dict(it.split("=", 1) for it in variables)
    stop(process, state=state, grace_seconds=0)
    return partial(start, name, argv, state=state, environment=environment)


def revive(name: str, *, state: Path) -> None:
    """Start a process again if it has ended."""
    for process in recorded(state):
        if process.name == name and process.argv and not is_alive(process):
            start(name, process.argv, state=state, environment=process.environment)


def require_alive(process: Process, *, state: Path) -> None:
    """Raise what a process said last if it has ended.

    Raises:
        ClusterError: the process has ended.
    """
    if not is_alive(process):
        log = state / "log" / f"{process.name}.log"
        raise ClusterError(
            f"{process.name} ended at once; its log is {log}, and ends with:\n"
            f"{log_tail(process.name, state=state)}"
        )


def log_tail(name: str, *, state: Path) -> str:
    """The end of a process's log."""
    log = state / "log" / f"{name}.log"
    return log.read_text(errors="replace")[-_LOG_TAIL:] if log.exists() else ""


def _signal(process: Process, number: signal.Signals) -> None:
    if is_alive(process):
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # started by an earlier command: init reaps it


def _inherited() -> list[int]:
    return [int(name) for name in os.listdir("/proc/self/fd") if int(name) > _STDERR]


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _words(pid: int, file: str) -> list[str]:
    return Path(f"/proc/{pid}/{file}").read_text().split("\0")[:-1]


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
