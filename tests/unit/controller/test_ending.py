"""A process that is asked to end does so, whatever its threads do."""

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import os, signal, threading, time
from resync_argo.controller import ending

ending.END_SECONDS = {seconds}
ended = ending.told_to_end()
{then}
"""
WAITS_FOR_IT = "print('ready', flush=True); ended.wait(); print('ended by itself')"
ANOTHER_THREAD_GETS_IT = """
other = threading.Thread(target=time.sleep, args=(5,), daemon=True)
other.start()
def tell():
    time.sleep(1)
    signal.pthread_kill(other.ident, signal.SIGTERM)
threading.Thread(target=tell, daemon=True).start()
ended.wait()
print('ended by itself')
"""
HANGS = "print('ready', flush=True); ended.wait(); threading.Event().wait()"


def program(then: str, seconds: float = 30.0) -> subprocess.Popen[str]:
    text = PROGRAM.format(then=then, seconds=seconds)
    return subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait(number: signal.Signals) -> None:
    process = program(WAITS_FOR_IT)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)

    out, errors = process.communicate(timeout=30)

    assert (process.returncode, out, errors) == (0, "ended by itself\n", "")


def test_a_signal_that_another_thread_gets_ends_the_wait() -> None:
    process = program(ANOTHER_THREAD_GETS_IT)

    out, _ = process.communicate(timeout=30)

    assert out == "ended by itself\n"


def test_a_process_that_hangs_says_where_and_ends() -> None:
    process = program(HANGS, seconds=1.0)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)

    _, errors = process.communicate(timeout=30)

    assert process.returncode == 1
    assert 'File "<string>", line 7' in errors
