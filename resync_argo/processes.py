"""Runs a program in its own session, within a budget of time, output, disk and memory.

In: an argv and its surroundings, and `Limits`. Out: what the program printed, and its exit code.
When a limit is reached or the caller is interrupted (also by Ctrl-C), the whole session is killed:
git's children (git-remote-https, ssh) do its network access, and would continue without it. Called
by `git`.
"""

import os
import select
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from resync_argo.budget import BLOCK, LOOK_SECONDS, Budget, Limits

_PIECE = 1 << 16

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals whose handlers interrupt the program."""


def run(
    argv: Sequence[str | bytes],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: bytes | Path,
    limits: Limits,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end, whatever its exit code.

    Args:
        argv: the program and its arguments.
        cwd: where it runs.
        env: all of its environment.
        stdin: its input, or the file to read that from.
        limits: its budget.

    Raises:
        LimitReached: it was killed.
    """
    with ExitStack() as opened:
        file = opened.enter_context(stdin.open("rb")) if isinstance(stdin, Path) else None
        process = opened.enter_context(
            subprocess.Popen(
                _limited(argv, limits.budget),
                cwd=cwd,
                env=env,
                stdin=file or (subprocess.PIPE if stdin else subprocess.DEVNULL),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # Ctrl-C signals our whole group and would end the children before we can.
                start_new_session=True,
            )
        )
        try:
            with selectors.DefaultSelector() as selector:
                talk = _Talk(process, selector, stdin if isinstance(stdin, bytes) else b"")
                talk.to_its_end(limits)
            _wait(process, limits)
        except BaseException:
            _kill(process)
            raise
    limits.check_disk()
    return subprocess.CompletedProcess(argv, process.returncode, bytes(talk.out), bytes(talk.err))


def _limited(argv: Sequence[str | bytes], budget: Budget) -> Sequence[str | bytes]:
    """Return the argv behind a shell that sets the kernel's limits for each process.

    Python could set them only between fork and exec, which is unsafe with other threads.
    """
    limits = []
    if budget.disk_bytes is not None:
        limits.append(f"ulimit -f {budget.disk_bytes // BLOCK}")
    if budget.memory_bytes is not None:
        limits.append(f"ulimit -d {budget.memory_bytes // 1024}")
    return ["sh", "-c", f'{" && ".join(limits)} && exec "$@"', "sh", *argv] if limits else argv


class _Talk:
    """The input and output of a process, until it closes its outputs."""

    def __init__(
        self, process: subprocess.Popen[bytes], selector: selectors.BaseSelector, given: bytes
    ) -> None:
        self._process = process
        self._selector = selector
        self._left = memoryview(given)
        self.out, self.err = bytearray(), bytearray()
        for pipe, said in ((process.stdout, self.out), (process.stderr, self.err)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, said)
        if process.stdin is not None:
            selector.register(process.stdin, selectors.EVENT_WRITE)

    def to_its_end(self, limits: Limits) -> None:
        """Write and read until the process closes its outputs, within the limits."""
        look = time.monotonic()
        while self._selector.get_map():
            for key, _ in self._selector.select(limits.wait_seconds()):
                if key.data is None:
                    self._write()
                else:
                    self._read(key, key.data)
                    limits.check_output(len(key.data))
            if time.monotonic() >= look:
                limits.check_disk()
                look = time.monotonic() + LOOK_SECONDS

    def _read(self, pipe: selectors.SelectorKey, said: bytearray) -> None:
        piece = os.read(pipe.fd, _PIECE)
        said += piece
        if not piece:
            self._selector.unregister(pipe.fileobj)

    def _write(self) -> None:
        """Write a piece that never blocks; nothing more if nobody reads."""
        pipe = self._process.stdin
        if pipe is None:
            return
        try:
            self._left = self._left[os.write(pipe.fileno(), self._left[: select.PIPE_BUF]) :]
        except BrokenPipeError:
            self._left = self._left[:0]
        if not self._left:
            self._selector.unregister(pipe)
            pipe.close()


def _wait(process: subprocess.Popen[bytes], limits: Limits) -> None:
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(limits.wait_seconds())
            return


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def held_signals() -> Iterator[None]:
    """Hold signals that end the program, so that none arrives between a process's start and the code that ends it.

    They are not blocked, since a process that is started meanwhile would inherit that. Python
    handles signals only in the main thread ("Signals and threads").
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in ENDING}
    held = [number for number, handler in before.items() if callable(handler)]
    for number in held:
        signal.signal(number, lambda found, _frame: came.append(found))
    try:
        yield
    finally:
        for number in held:
            signal.signal(number, before[number])
        for first in came[:1]:
            signal.raise_signal(first)
