"""Runs one Gitea: its configuration, process, accounts and tokens.

In: a state folder (may be one that an earlier, killed run left), the binary and its static files.
Out: a running server on loopback. Called by `launcher`.
"""

import getpass
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.forge.face.backend import Gitea

START_SECONDS = 120

CONFIGURATION = """\
RUN_MODE = prod
RUN_USER = {user}
WORK_PATH = {state}
{root}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = {public}/
LOCAL_ROOT_URL = http://127.0.0.1:{port}/
STATIC_ROOT_PATH = {static}
DISABLE_SSH = true
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = {state}/gitea.db
SQLITE_JOURNAL_MODE = WAL
SQLITE_TIMEOUT = 30000
[repository]
ROOT = {state}/repositories
DEFAULT_BRANCH = main
[security]
INSTALL_LOCK = true
SECRET_KEY = {secret}
[service]
DISABLE_REGISTRATION = true
[webhook]
ALLOWED_HOST_LIST = *
[cron]
ENABLED = false
[indexer]
ISSUE_INDEXER_TYPE = db
[actions]
ENABLED = false
[packages]
ENABLED = false
[session]
PROVIDER = memory
[log]
MODE = console
LEVEL = Error
[queue]
TYPE = channel
[git.config]
uploadpack.allowFilter = true
uploadpack.allowAnySHA1InWant = true
"""


@dataclass(frozen=True, kw_only=True)
class Account:
    """A Gitea user with a token that may do all that the user may."""

    login: str
    password: str
    token: str


class GiteaProcess:
    """A Gitea and its state folder."""

    def __init__(self, *, state: Path, binary: Path, static: Path, public_url: str) -> None:
        """Write the configuration; nothing runs yet."""
        self.state = state.resolve()
        self.state.mkdir(parents=True, exist_ok=True)
        self._binary = binary
        self._configuration = self.state / "app.ini"
        self._process: subprocess.Popen[bytes] | None = None
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._configuration.write_text(
            CONFIGURATION.format(
                user=getpass.getuser(),
                state=self.state,
                root="I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true" if os.getuid() == 0 else "",
                port=port,
                public=public_url,
                static=static,
                secret=self._secret(),
            )
        )

    def start(self) -> None:
        """Migrate and run; returns when the API answers.

        Raises:
            RuntimeError: it ended or did not answer in time; names its log.
        """
        self._end_leftover()
        self._command("migrate")
        if (self.state / "repositories").exists():
            # Their hooks hold the paths of the binary and its configuration, which may have moved.
            self._command("admin", "regenerate", "hooks")
        log = self.state / "gitea.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [self._binary, "web", "--config", self._configuration],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.state,
            )
        self._pid_file.write_text(str(self._process.pid))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Gitea did not start; its log is {log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server and wait for it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None
            self._pid_file.unlink()

    @property
    def _pid_file(self) -> Path:
        return self.state / "gitea.pid"

    def _end_leftover(self) -> None:
        """End the Gitea of a launcher that was killed: two on one database would spoil it."""
        if not self._pid_file.exists():
            return
        pid = self._pid_file.read_text()
        command = Path("/proc") / pid / "cmdline"
        # The path of our configuration tells it from a process that was given its number since.
        if command.exists() and str(self._configuration).encode() in command.read_bytes():
            os.kill(int(pid), signal.SIGKILL)
            while command.exists() and command.read_bytes():
                time.sleep(0.05)
        self._pid_file.unlink()

    def accounts(self, logins: Iterable[str], *, administrator: str) -> dict[str, Account]:
        """Return the accounts, making those that the state lacks; after `start`."""
        file = self.state / "accounts.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        if administrator not in known:
            known[administrator] = self._make_administrator(administrator)
        admin = Gitea.with_token(self.url, known[administrator]["token"])
        for login in logins:
            if login not in known:
                known[login] = self._make_account(admin, login)
        file.touch(mode=0o600)
        file.write_text(json.dumps(known))
        return {login: Account(login=login, **known[login]) for login in logins}

    def _make_administrator(self, login: str) -> dict[str, str]:
        password = secrets.token_urlsafe(16)
        user = ["--username", login]
        create = ["--password", password, "--email", f"{login}@example.com", "--admin"]
        self._command("admin", "user", "create", *user, *create, "--must-change-password=false")
        wanted = ["--token-name", "tests", "--scopes", "all", "--raw"]
        token = self._command("admin", "user", "generate-access-token", *user, *wanted)
        return {"password": password, "token": token.splitlines()[-1]}

    def _make_account(self, admin: Gitea, login: str) -> dict[str, str]:
        password = secrets.token_urlsafe(16)
        wanted = {
            "username": login,
            "password": password,
            "email": f"{login}@example.com",
            "must_change_password": False,
        }
        admin.ask("POST", "/admin/users", body=wanted)
        user = Gitea.with_password(self.url, login, password)
        token = {"name": "tests", "scopes": ["all"]}
        made = user.ask("POST", f"/users/{login}/tokens", body=token)
        return {"password": password, "token": made["sha1"]}

    def _command(self, *arguments: str) -> str:
        argv = [str(self._binary), *arguments, "--config", str(self._configuration)]
        done = subprocess.run(argv, capture_output=True, text=True, cwd=self.state, check=False)
        if done.returncode:
            raise RuntimeError(f"gitea {arguments[0]} failed: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/api/v1/version", timeout=5).status_code < 500
        except requests.ConnectionError:
            return False

    def _secret(self) -> str:
        file = self.state / "secret"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(16))
        return file.read_text()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
