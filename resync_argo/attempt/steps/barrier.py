"""Waits in the pod for other containers to start and to end.

All containers start at once, and share one of Argo's folders that steps can write to. A step could
put a program there for a container that has not started yet. So each trusted container signals that
it runs, in a volume that only trusted ones mount, and no step begins before all have done so
(turns.py). They also wait for earlier containers themselves, without Argo's dependencies. There are
no deadlines here: the attempt has one. SIGTERM ends a wait at once, except in `main`, which blocks
it: it reports after the others have ended.
"""

import fcntl
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.results import load_result
from resync_argo.attempt.steps.control import Control, Untrustworthy, read
from resync_argo.attempt.steps.killed import announce_killed, wrapper_has_ended
from resync_argo.contract import CHECKOUT, MAIN, STEP_CONFLICT

POLL_SECONDS = 0.1

KILLED = 137
"""Exit code of a container that was killed."""


GRACE_SECONDS = 10.0
"""How long an exit code may lag behind the end of its container."""

ENDING_SECONDS = 10.0
"""How long `main` keeps waiting after Kubernetes asked the pod to end. Most containers end at once,
but one that had not begun leaves no exit code."""

STOPPED = 143
"""Argo's exit code of a container that was asked to end."""


class Ending:
    """Whether Kubernetes asked the pod to end, as seen by a process that blocks SIGTERM."""

    def __init__(self) -> None:
        """Nobody asked yet."""
        self._asked_at: float | None = None

    def is_over(self) -> bool:
        """Return whether the request was so long ago that there is nothing more to wait for."""
        if signal.SIGTERM not in signal.sigpending():
            return False
        self._asked_at = self._asked_at or time.monotonic()
        return time.monotonic() - self._asked_at > ENDING_SECONDS


@dataclass(frozen=True, kw_only=True)
class Barrier:
    """Waits for other containers of an attempt.

    Attributes:
        attempt: with the containers.
        grace_seconds: see `GRACE_SECONDS`.
        ending: whether Kubernetes asked the pod to end.
        meanwhile: called between two looks.
    """

    attempt: Attempt
    grace_seconds: float = GRACE_SECONDS
    ending: Ending = field(default_factory=Ending)
    meanwhile: Callable[[], None] = lambda: None

    @property
    def trusted(self) -> tuple[str, ...]:
        """Return the containers that run our image."""
        actions = (step.container for step in self.attempt.contract.steps if step.action)
        return (CHECKOUT, *actions, MAIN)

    def announce(self, container: str) -> int:
        """Signal that a container has started, until its process ends.

        Returns:
            The descriptor whose lock tells others that this process lives.
        """
        ready = self.attempt.layout.ready
        ready.mkdir(exist_ok=True)
        partial = ready / f".{container}"
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        partial.rename(ready / container)
        return descriptor

    def wait_until_all_are_ready(self) -> bool:
        """Wait until every trusted container has started; return False if the pod ends first."""
        ready = self.attempt.layout.ready
        self._wait(lambda: all((ready / container).exists() for container in self.trusted) or None)
        return all((ready / container).exists() for container in self.trusted)

    def wait_for(self, container: str) -> int:
        """Wait until a container has ended, and return its exit code.

        For a step it is a claim that the step could forge. For a trusted container it is true,
        except that a step can make it look killed.
        """
        if container in self.trusted:
            return self._wait(lambda: self._exit_code(container))
        return self._wait_for_step(container)

    def _wait_for_step(self, container: str) -> int:
        ended_at = None
        while (code := self._claimed(container)) is None:
            if self.ending.is_over():
                return STOPPED
            if not wrapper_has_ended(self.attempt, container):
                ended_at = None
            elif ended_at is None:
                ended_at = time.monotonic()
            elif time.monotonic() - ended_at > self.grace_seconds:
                announce_killed(self.attempt, container, KILLED)
                return KILLED
            self.meanwhile()
            time.sleep(POLL_SECONDS)
        return code

    def wait_for_those_before(self, container: str) -> int:
        """Wait until every container before an action has ended.

        Returns:
            The exit code of the first that failed; 0 if none did.
        """
        names = [CHECKOUT, *(step.container for step in self.attempt.contract.steps)]
        codes = (self.wait_for(name) for name in names[: names.index(container)])
        return next((code for code in codes if code), 0)

    def wait_until_it_ended(self, container: str) -> None:
        """Wait until a trusted container's process is gone; it may have left its result earlier."""
        self._wait(lambda: self._has_died(container) or None)

    def has_ended(self, container: str) -> bool:
        """Return whether a step has left an exit code."""
        return self._claimed(container) is not None

    def _exit_code(self, container: str) -> int | None:
        """Return a trusted container's exit code; None while it runs."""
        result = load_result(self.attempt, container)
        if result is not None:
            return result.exit_code
        if self._has_died(container):
            # It may have saved its result between the two looks.
            return KILLED if load_result(self.attempt, container) is None else None
        return None

    def _claimed(self, container: str) -> int | None:
        try:
            text = read(self.attempt.layout.exit_code(container), limit=8)
        except Untrustworthy:
            return 1
        # Argo creates the file before it writes to it.
        if not text:
            return None
        code = int(text) if text.isdigit() else 1
        stopped = Control(directory=self.attempt.layout.control).stopped(container)
        return STEP_CONFLICT if code == 0 and os.path.lexists(stopped) else code

    def _has_died(self, container: str) -> bool:
        try:
            descriptor = os.open(self.attempt.layout.ready / container, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    def _wait(self, look: Callable[[], int | None]) -> int:
        while (seen := look()) is None:
            if self.ending.is_over():
                return STOPPED
            self.meanwhile()
            time.sleep(POLL_SECONDS)
        return seen
