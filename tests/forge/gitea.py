"""Runs one Gitea: its configuration, process, accounts and tokens.

In: a state folder (may be one that an earlier, killed run left), the binary and its static files.
Out: a running server on loopback. Called by `launcher`. What Gitea prints is for people, and holds warnings
where the machine is busy: whether it serves and what a token is, its API is asked.
"""

import getpass
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from tests.cluster.files import write_whole
from tests.cluster.network import listens
from tests.forge.face.backend import Gitea, GiteaRefused

START_SECONDS = 300
PORTS = 3
"""How many ports are tried: another process may take one between its choice and its use."""
_TOKEN = re.compile(r"[0-9a-f]{40}")

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


class GiteaFailed(RuntimeError):
    """Gitea cannot be had; the message says why and what to do, in one line."""


class GiteaProcess:
    """A Gitea and its state folder."""

    def __init__(self, *, state: Path, binary: Path, static: Path, public_url: str) -> None:
        """Write the configuration; nothing runs yet."""
        self.state = state.resolve()
        self.state.mkdir(parents=True, exist_ok=True)
        self._binary = binary
        self._configuration = self.state / "app.ini"
        self._process: subprocess.Popen[bytes] | None = None
        self._static, self._public_url = static, public_url
        self._configure()

    def _configure(self) -> None:
        port = self._port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._configuration.write_text(
            CONFIGURATION.format(
                user=getpass.getuser(),
                state=self.state,
                root="I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true" if os.getuid() == 0 else "",
                port=port,
                public=self._public_url,
                static=self._static,
                secret=self._secret(),
            )
        )

    def start(self) -> None:
        """Migrate and run; returns when the API answers.

        Raises:
            GiteaFailed: it ended or did not answer in time; names its log.
        """
        self._end_leftover()
        self._command("migrate")
        if (self.state / "repositories").exists():
            # Their hooks hold the paths of the binary and its configuration, which may have moved.
            self._command("admin", "regenerate", "hooks")
        log = self.state / "gitea.log"
        for _ in range(PORTS):
            if self._serves(log):
                return
            self._configure()
        raise GiteaFailed(f"Gitea does not serve, on none of {PORTS} ports; {log} says why.")

    def _serves(self, log: Path) -> bool:
        """Run the server and wait until its API answers; False if it ended or another process has its port."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                [self._binary, "web", "--config", self._configuration],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.state,
            )
        self._process = process
        write_whole(self._pid_file, str(process.pid))
        deadline = time.monotonic() + START_SECONDS
        is_ours: bool | None = None
        while process.poll() is None and is_ours is not False:
            is_ours = listens(process.pid, self._port)
            if is_ours and self._answers():
                return True
            if time.monotonic() > deadline:
                self.stop()
                raise GiteaFailed(f"Gitea did not answer in {START_SECONDS} s; its log is {log}.")
            time.sleep(0.05)
        process.kill()  # without its port it does not end by itself
        self.stop()
        return False

    def stop(self) -> None:
        """End the server and wait for it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None
            self._pid_file.unlink()

    def kill(self) -> None:
        """End it as a lost machine would; `start` takes up what it left."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def _pid_file(self) -> Path:
        return self.state / "gitea.pid"

    def _end_leftover(self) -> None:
        """End the Gitea of a launcher that was killed: two on one database would spoil it."""
        if not self._pid_file.exists():
            return
        pid = self._pid_file.read_text()
        # The path of our configuration tells it from a process that was given its number since.
        if str(self._configuration).encode() in _command_of(pid):
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
            while _command_of(pid):
                time.sleep(0.05)
        self._pid_file.unlink()

    def accounts(self, logins: Iterable[str], *, administrator: str) -> dict[str, Account]:
        """Return the accounts, making those that the state lacks; after `start`.

        A password is kept before it is used and a token as soon as it is there, so that a run which is
        killed at any moment is taken up again.

        Raises:
            GiteaFailed: Gitea does not make one; says which.
        """
        file = self.state / "accounts.json"
        known: dict[str, dict[str, str]] = json.loads(file.read_text()) if file.exists() else {}
        for login in dict.fromkeys((administrator, *logins)):
            account = known.setdefault(login, {"password": secrets.token_urlsafe(16)})
            if "token" not in account:
                write_whole(file, json.dumps(known), mode=0o600)
                admin = known[administrator].get("token")
                account["token"] = self._make(login, account["password"], admin)
                write_whole(file, json.dumps(known), mode=0o600)
        return {login: Account(login=login, **known[login]) for login in logins}

    def _make(self, login: str, password: str, admin: str | None) -> str:
        """Make an account if there is none, by the administrator or, for that one, by hand; return a token."""
        user = Gitea.with_password(self.url, login, password)
        try:
            if not _lets_in(user):
                self._create(login, password, admin)
            with suppress(GiteaRefused):  # there is none of that name, most often
                user.ask("DELETE", f"/users/{login}/tokens/tests")
            wanted = {"name": "tests", "scopes": ["all"]}
            return read_token(user.ask("POST", f"/users/{login}/tokens", body=wanted))
        except (GiteaRefused, requests.RequestException) as error:
            message = f"Gitea does not make the account {login} ({error}): remove {self.state}."
            raise GiteaFailed(message) from error

    def _create(self, login: str, password: str, admin: str | None) -> None:
        email = f"{login}@example.com"
        if admin is None:
            words = ["--username", login, "--password", password, "--email", email, "--admin"]
            self._command("admin", "user", "create", *words, "--must-change-password=false")
            return
        wanted = {
            "username": login,
            "password": password,
            "email": email,
            "must_change_password": False,
        }
        Gitea.with_token(self.url, admin).ask("POST", "/admin/users", body=wanted)

    def _command(self, *arguments: str) -> None:
        argv = [str(self._binary), *arguments, "--config", str(self._configuration)]
        done = subprocess.run(argv, capture_output=True, text=True, cwd=self.state, check=False)
        if done.returncode:
            log = self.state / f"gitea-{arguments[0]}.log"
            log.write_text(done.stdout + done.stderr)
            raise GiteaFailed(f"`gitea {arguments[0]}` failed; {log} says why.")

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/api/v1/version", timeout=5).status_code < 500
        except requests.RequestException:  # a busy machine may also take its time
            return False

    def _secret(self) -> str:
        file = self.state / "secret"
        if not file.exists():
            write_whole(file, secrets.token_hex(16), mode=0o600)
        return file.read_text()


def read_token(answer: Any) -> str:
    """Return the token in Gitea's answer to a request for one.

    Raises:
        GiteaFailed: it holds none.
    """
    token = answer.get("sha1") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise GiteaFailed("Gitea was asked for a token and answered without one: start it again.")
    return token


def _lets_in(user: Gitea) -> bool:
    try:
        user.ask("GET", "/user")
    except GiteaRefused as refused:
        if refused.status != HTTPStatus.UNAUTHORIZED:
            raise
        return False
    return True


def _command_of(pid: str) -> bytes:
    """Return the arguments of a process; nothing of one that is gone, or of what is not a number."""
    try:
        return (Path("/proc") / pid / "cmdline").read_bytes() if pid.isdigit() else b""
    except OSError:
        return b""


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
