"""How `main` starts the steps, one after the other, and tells the rest when there is nothing to do.

Argo's own `dependencies` poll each step once a second, and report steps that never began after a
failure as errors. So Argo's executor makes all steps wait only for the gate (compile.turn), a name
that no container has. `main` opens it when checkout has ended and every trusted container has
started; before that, nothing in the steps' images may run. Each step then waits at its own pipe
until it reads that it may begin, or why not.
"""

import errno
import os
import signal
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.steps.barrier import POLL_SECONDS, Barrier
from resync_argo.attempt.steps.control import Control, Untrustworthy
from resync_argo.contract import CHECKOUT, GATE, GO, STEP_CONFLICT

_FOLDER_MODE = 0o777
"""The same as Argo's folders of containers: another user may end a container later."""


@dataclass(frozen=True, kw_only=True)
class Turns:
    """Gives an attempt's steps their turns.

    Attributes:
        barrier: waits for them.
    """

    barrier: Barrier

    def give(self) -> tuple[int, ...]:
        """Give every container except `main` its turn, and wait for it to end.

        Returns:
            Their exit codes, in order; only checkout's if that failed.
        """
        barrier = self.barrier
        codes = [barrier.wait_for(CHECKOUT)]
        barrier.wait_until_it_ended(CHECKOUT)
        if not barrier.wait_until_all_are_ready():
            return tuple(codes)
        self._open_gate()
        told = GO if codes == [0] else "checkout failed"
        for step in barrier.attempt.contract.steps:
            if step.action is None:
                self._tell(step.container, told)
            code = barrier.wait_for(step.container)
            codes.append(code)
            if code and told == GO:
                how = "stopped at a conflict" if code == STEP_CONFLICT else "failed"
                told = f"the step `{' '.join(step.title.split())}` {how}"
        return tuple(codes) if not codes[0] else (codes[0],)

    def _open_gate(self) -> None:
        """Tell Argo's executor that the gate, for which all steps wait, has succeeded."""
        file = self.barrier.attempt.layout.exit_code(GATE)
        with suppress(FileExistsError):
            file.parent.mkdir(parents=True)
            file.parent.chmod(_FOLDER_MODE)
        partial = file.with_name(".exitcode")
        partial.write_text("0")
        partial.rename(file)

    def _tell(self, container: str, what: str) -> None:
        """Send a step its message once it listens; one that has ended does not.

        A listening step gets its message even if something claims that it has ended, or it would
        wait for ever.
        """
        barrier = self.barrier
        control = Control(directory=barrier.attempt.layout.control)
        while not _write(control.turn(container), f"{what}\n"):
            if barrier.has_ended(container) or barrier.ending.is_over():
                return
            barrier.meanwhile()
            time.sleep(POLL_SECONDS)


class _Ending(Exception):
    """Kubernetes asked the pod to end."""


def await_turn(attempt: Attempt, container: str) -> int | None:
    """Wait until it is an action's turn, with SIGTERM blocked, and unblock it then.

    Returns:
        The exit code of the first earlier container that failed; 0 if none did; None if Kubernetes
        asked the pod to end first: an action that never began is not a failure.
    """
    try:
        code = Barrier(attempt=attempt, meanwhile=_end_if_asked).wait_for_those_before(container)
    except _Ending:
        return None
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    return code


def _end_if_asked() -> None:
    if signal.SIGTERM in signal.sigpending():
        raise _Ending


def _write(pipe: Path, line: str) -> bool:
    """Write a line into a step's pipe; return whether a reader exists.

    Raises:
        Untrustworthy: it is not a pipe.
    """
    try:
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(pipe, flags)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENXIO):  # The step has not come so far.
            return False
        raise Untrustworthy(f"A step replaced the pipe `{pipe.name}`.") from error
    try:
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            raise Untrustworthy(f"A step replaced the pipe `{pipe.name}`.")
        os.write(descriptor, line.encode())
    except BrokenPipeError:  # The step was terminated just now.
        return False
    finally:
        os.close(descriptor)
    return True
