import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import github
import pytest

from tests.forge.launcher import ADMIN

pytestmark = pytest.mark.forge


def up(state: Path) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    argv = [sys.executable, "-m", "tests.forge", "up", "--state", str(state)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def client(coordinates: dict[str, Any]) -> github.Github:
    auth = github.Auth.Token(coordinates["tokens"][ADMIN])
    return github.Github(auth=auth, base_url=coordinates["api_url"], retry=None)


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or dead and waiting for a parent that never asks (no init runs)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def test_a_forge_that_was_killed_comes_back_with_all_that_it_had(tmp_path: Path) -> None:
    killed, first = up(tmp_path)
    with client(first) as hub:
        hub.get_user().login  # noqa: B018  asked for, so that the token is known to work
    gitea = int((tmp_path / "gitea.pid").read_text())
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    process, second = up(tmp_path)

    with client(second) as hub:
        assert hub.get_user().login == ADMIN
    assert second["tokens"] == first["tokens"]
    assert has_ended(gitea)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert not (tmp_path / "gitea.pid").exists()
