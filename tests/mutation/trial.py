"""Trying mutants: the tests that watch a module run in a copy of the checkout that has the mutant."""

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.mutation.copy import copy_checkout
from tests.mutation.mutants import Mutant
from tests.mutation.server import OUTPUT

PATIENCE = 3.0
"""How many times as long as without a mutant the tests may take; else the mutant hangs, and is killed."""

LEAST_SECONDS = 20.0

_BASELINE_SECONDS = 3600.0


class BaselineError(Exception):
    """The tests fail though nothing was changed."""


class Copy:
    """A copy of the checkout, for one mutant at a time, and the process that runs its tests.

    Attributes:
        folder: where it is.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        """Copy a checkout."""
        self.folder = folder
        self._argv = [str(copy_checkout(root, folder)), "-m", "tests.mutation.server"]
        self._server: subprocess.Popen[str] | None = None

    def measure(self, tests: Sequence[str]) -> float:
        """Return for how many seconds the tests may run with a mutant.

        Raises:
            BaselineError: they fail without one.
        """
        self._pass(tests, warm=True)
        began = time.monotonic()
        self._pass(tests, warm=False)
        return max(LEAST_SECONDS, PATIENCE * (time.monotonic() - began))

    def survives(self, mutant: Mutant, tests: Sequence[str], seconds: float) -> bool:
        """Return whether all tests pass with a mutant."""
        with _in_place(self.folder / mutant.module, mutant):
            return self._run(tests, seconds) == 0

    def stop(self) -> None:
        """End the process."""
        if self._server is not None:
            self._server.communicate()

    def _pass(self, tests: Sequence[str], *, warm: bool) -> None:
        if self._run(tests, _BASELINE_SECONDS, warm=warm):
            raise BaselineError((self.folder / OUTPUT).read_text())

    def _run(self, tests: Sequence[str], seconds: float, *, warm: bool = False) -> int:
        if self._server is None:
            pipe = subprocess.PIPE
            self._server = subprocess.Popen(
                self._argv, cwd=self.folder, stdin=pipe, stdout=pipe, text=True
            )
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        request = {"tests": list(tests), "seconds": seconds, "warm": warm}
        print(json.dumps(request), file=self._server.stdin, flush=True)
        return int(self._server.stdout.readline())


@contextmanager
def _in_place(file: Path, mutant: Mutant) -> Iterator[None]:
    file.write_text(mutant.mutated)
    try:
        yield
    finally:
        file.write_text(mutant.original)
