"""After Ctrl-C or another signal, the program ends and leaves no process and no file behind."""

import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.git.builders import HOST
from tests.git.local_runs import MERGE, Laptop


def test_ctrl_c_ends_the_step_and_leaves_nothing_behind(laptop: Laptop) -> None:
    told = laptop.root / "told"
    os.mkfifo(told)
    listener = os.open(told, os.O_RDONLY | os.O_NONBLOCK)
    laptop.write_plan(MERGE, {"run": f"sleep 300 & echo $! >{told}; wait"})

    with laptop.start("run", laptop.plan, "--tag", "1.1.0", "--forge", laptop.pulls) as process:
        assert select.select([listener], [], [], 60)[0]
        sleeper = os.read(listener, 20).decode().strip()
        os.kill(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
    os.close(listener)

    assert process.returncode == 130
    assert laptop.left_behind() == []
    assert has_ended(sleeper)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("words", [("run", "--tag", "1.1.0", "--dry-run"), ("preview",)])
def test_a_signal_while_a_host_is_silent_leaves_no_git_and_no_token(
    laptop: Laptop, words: tuple[str, ...], end: signal.Signals
) -> None:
    laptop.variables |= {"GITHUB_TOKEN": "secret-token", "GH_HOST": HOST}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        laptop.variables |= {"GIT_CONFIG_KEY_0": f"url.{address}.insteadOf"}
        command, *options = words
        with laptop.start(command, laptop.plan, *options) as process:
            silent.settimeout(60)
            connection, _ = silent.accept()
            with connection:
                os.kill(process.pid, end)
                process.communicate(timeout=30)
                left = [it for it in command_lines() if address in it]

    assert process.returncode == 128 + end
    assert left == laptop.left_behind() == []
    assert list(laptop.root.rglob("token")) == []


def command_lines() -> Iterator[str]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield file.read_text(errors="replace")


def has_ended(pid: str) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True
    # It may be a zombie whose exit code nobody has read.
    return "State:\tZ" in status
