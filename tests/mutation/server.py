"""`python -m tests.mutation.server`: runs tests again and again, in a fork each, so that the packages of others load once.

In: one JSON object a line, `{"tests": […], "seconds": 60, "warm": false}`. Out: one line for each, the exit code
of pytest, or -1 where the tests took longer. With `warm` the tests are only loaded, and the packages of others stay so.
"""

import importlib
import json
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

TOO_LONG = -1

OUTPUT = Path("output")
"""What the last tests said."""

_MODULES = Path("modules.json")
_GRACE_SECONDS = 20.0
_OURS = (
    "resync_argo",
    "tests",
    "conftest",
    "__main__",
    "__mp_main__",
    "_pytest",
    "xdist",
    "_hypothesis",
)
"""Not kept loaded: what may be changed."""


def run(request: dict[str, Any]) -> int:
    """Run tests in a fork; return pytest's exit code or `TOO_LONG`."""
    pid = os.fork()
    if pid == 0:
        _run_here(request["tests"], is_warm=request["warm"])
    code = _wait(pid, request["seconds"])
    if code == 0 and request["warm"]:
        _keep_loaded(json.loads(_MODULES.read_text()))
    return code


def _run_here(tests: Sequence[str], *, is_warm: bool) -> None:
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        output = os.open(OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if not is_warm:
            # Two versions of a module within one second look the same to what Python keeps compiled.
            sys.dont_write_bytecode = True
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        # Folders of its own: pytest fails where two runs clean the same ones up.
        options = ["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "--basetemp=basetemp"]
        code = int(pytest.main([*options, *(["--collect-only"] if is_warm else []), *tests]))
        _MODULES.write_text(json.dumps(list(sys.modules)))
    except BaseException:  # what is not caught here would go on as the parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _wait(pid: int, seconds: float) -> int:
    # An interrupt lets the tests stop what they started; killed, they could not.
    for patience, then in ((seconds, signal.SIGINT), (_GRACE_SECONDS, signal.SIGKILL)):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                in_time = then is signal.SIGINT
                return os.waitstatus_to_exitcode(status) if in_time else TOO_LONG
            time.sleep(0.05)
        os.killpg(pid, then)
    os.waitpid(pid, 0)
    return TOO_LONG


def _keep_loaded(modules: Sequence[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in modules:
            if name.split(".", maxsplit=1)[0] not in _OURS and name not in sys.modules:
                try:
                    importlib.import_module(name)
                except Exception:  # noqa: S112 - it is only slower without
                    continue


if __name__ == "__main__":
    for line in sys.stdin:
        print(run(json.loads(line)), flush=True)
