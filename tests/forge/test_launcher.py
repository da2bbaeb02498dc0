import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import github
import pytest
import requests

from tests.cluster import toolchain
from tests.forge.face.backend import Gitea
from tests.forge.gitea import Account, GiteaProcess
from tests.forge.launcher import ADMIN, BOT, start_forge

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


def process_of(state: Path, binary: Path) -> GiteaProcess:
    static = toolchain.folder("gitea", "templates").parent
    public = "http://127.0.0.1:1"
    return GiteaProcess(state=state, binary=binary, static=static, public_url=public)


def accounts_of(gitea: GiteaProcess) -> dict[str, Account]:
    gitea.start()
    try:
        made = gitea.accounts((ADMIN, BOT), administrator=ADMIN)
        for account in made.values():
            user = Gitea.with_token(gitea.url, account.token)
            assert user.ask("GET", "/user")["login"] == account.login
    finally:
        gitea.stop()
    return made


def test_what_a_busy_gitea_prints_is_not_taken_for_a_token(tmp_path: Path) -> None:
    """On a loaded machine warnings came behind the token, and the last line was read."""
    noisy = tmp_path / "gitea"
    warning = "2026/01/01 00:00:00 [W] Slow database operation"
    noisy.write_text(
        f'#!/bin/sh\n[ "$1" = web ] && exec {toolchain.binary("gitea")} "$@"\n'
        f'echo "{warning}"\n{toolchain.binary("gitea")} "$@"\ncode=$?\necho "{warning}"\nexit $code\n'
    )
    noisy.chmod(0o755)

    accounts_of(process_of(tmp_path / "state", noisy))


def test_a_run_that_was_killed_while_it_made_accounts_is_taken_up_again(tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    binary = toolchain.binary("gitea")
    first = accounts_of(process_of(tmp_path, binary))
    known = json.loads(file.read_text())
    del known[ADMIN]["token"], known[BOT]["token"]  # the accounts are there, the tokens not kept
    file.write_text(json.dumps(known))

    second = accounts_of(process_of(tmp_path, binary))

    assert second.keys() == first.keys()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_port_that_another_process_took_is_not_insisted_on(tmp_path: Path) -> None:
    gitea = process_of(tmp_path, toolchain.binary("gitea"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(gitea.url.rpartition(":")[2])))
        other.listen()
        accounts_of(gitea)


def test_a_gitea_that_does_not_start_names_its_log_in_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "gitea"
    broken.write_text('#!/bin/sh\necho "disk full"\nexit 1\n')
    broken.chmod(0o755)
    argv = [sys.executable, "-c", START, str(tmp_path / "state"), str(broken)]

    environment = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    said, where = done.stderr.splitlines()
    assert said.startswith("error: `gitea migrate` failed; ")
    assert said.endswith("Then run `make demo-cluster` again.")
    assert where.startswith("(")
    log = re.search(r"failed; (\S+) says why", said)
    assert log is not None
    assert Path(log[1]).read_text() == "disk full\n"


START = """
import sys
from pathlib import Path
from tests.cluster.told import in_one_line
from tests.forge.gitea import GiteaProcess
state, binary = map(Path, sys.argv[1:])
with in_one_line("make demo-cluster"):
    GiteaProcess(state=state, binary=binary, static=state, public_url="http://127.0.0.1:1").start()
"""


def test_while_gitea_is_down_the_face_answers_as_a_gateway_does(tmp_path: Path) -> None:
    forge = start_forge(tmp_path)
    forge.gitea.kill()
    pages = (f"{forge.api_url}/repos/a/b", f"{forge.git_url}/a/b.git/info/refs")

    answers = [requests.get(page, timeout=30).status_code for page in pages]

    forge.gitea.start()
    assert answers == [502, 502]
    assert forge.as_user(ADMIN).get_user().login == ADMIN
    assert forge.violations() == []
    forge.stop()
