"""A process that ended is started again with its arguments, and a running one is left alone."""

import os
import signal
from pathlib import Path

from tests.cluster import processes
from tests.cluster.waiting import wait_for


def test_a_process_that_ended_is_revived_with_its_arguments(tmp_path: Path) -> None:
    first = processes.start("sleeper", ["sleep", "600"], state=tmp_path)
    processes.revive("sleeper", state=tmp_path)
    untouched = processes.recorded(tmp_path)
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: not processes.is_alive(first), deadline_seconds=30, describe="its end")

    processes.revive("sleeper", state=tmp_path)

    (second,) = processes.recorded(tmp_path)
    assert [it.pid for it in untouched] == [first.pid]
    assert (second.argv, second.pid != first.pid) == (["sleep", "600"], True)
    assert processes.is_alive(second)
    processes.stop(second, state=tmp_path, grace_seconds=0)
