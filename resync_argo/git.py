"""The one door to git: argv in, bytes out.

Trusted code runs git with no configuration but ours: neither the machine's nor the user's nor that
of a repository that steps could have written (see git-config, "ENVIRONMENT", and git,
"SAFE.DIRECTORY"). Of the environment, the way to the network is kept: proxies and the CA bundle of a
closed site. What comes from outside is an argv element, never a shell word. Credentials
reach git through a helper that reads a file, so no argv and no URL ever holds one.
"""

import os
import shlex
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from resync_argo.errors import ResyncError

STALL_SECONDS = 300
"""How long a host may send nothing; one that packs a large history says a word every five seconds."""

DISPOSABLE = {"gc.auto": "0", "core.fsync": "none"}
"""Settings of a clone that is gone after the run: nothing to tidy, nothing to outlive a crash."""

_KEPT = (
    *("PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK"),
    *("HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"),
)
"""curl(1), "Environment", has the proxies, ssh(1) the agent; none of these names a program to be run."""

_CONFIGURED = "# Written by resync-argo; what follows is written anew each time.\n"
_MAX_MESSAGE = 2000
_MAX_STDERR = 64 * 1024


class GitError(ResyncError):
    """Git ended with an exit code other than zero.

    Attributes:
        argv: what was run, without credentials by construction.
        returncode: git's exit code.
        stderr: what git said, shortened.
    """

    def __init__(self, argv: Sequence[str], returncode: int, stderr: str) -> None:
        """Say which git command failed and what it said."""
        self.argv = tuple(argv)
        self.returncode = returncode
        self.stderr = stderr.strip()[-_MAX_MESSAGE:]
        super().__init__(f"git {_command(self.argv)} failed ({returncode}): {self.stderr}")


def _command(argv: Sequence[str]) -> str:
    """Return git's command, behind its global options."""
    values = {number + 1 for number, word in enumerate(argv) if word == "-c"}
    words = (it for number, it in enumerate(argv) if number not in values and it[:1] != "-")
    return next(words, argv[0])


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A repository at an address of ours, with what is needed to reach it.

    Attributes:
        url: `https://…`, `ssh://…`, or where settings say so `http://…` or a local path.
        token_file: file with the token, read by git's credential helper each time it asks.
        ca_file: PEM file of CA certificates to trust.
        stall_seconds: how long the host may send nothing.
    """

    url: str
    token_file: Path | None = None
    ca_file: str | None = None
    stall_seconds: int = STALL_SECONDS

    def config(self) -> list[str]:
        """Return the `-c` arguments that reach this remote and nothing else."""
        arguments = ["-c", "credential.helper=", "-c", f"protocol.{self.protocol}.allow=always"]
        arguments += ["-c", "http.lowSpeedLimit=1"]
        arguments += ["-c", f"http.lowSpeedTime={self.stall_seconds}"]
        if self.token_file is not None:
            helper = (
                '!f() { [ "$1" = get ] || exit 0; echo username=x-access-token;'
                " printf password=; cat -- " + shlex.quote(str(self.token_file)) + "; echo; }; f"
            )
            arguments += ["-c", f"credential.{self.url}.helper={helper}"]
            arguments += ["-c", f"credential.{self.url}.useHttpPath=true"]
        if self.ca_file is not None:
            arguments += ["-c", f"http.{self.url}.sslCAInfo={self.ca_file}"]
        return arguments

    @property
    def protocol(self) -> str:
        """Return git's name of the transport."""
        return self.url.split("://", 1)[0] if "://" in self.url else "file"


@dataclass(frozen=True, kw_only=True)
class Git:
    """Runs git in one repository, with a clean configuration.

    Attributes:
        directory: the repository (its git directory when bare, else its work tree).
        environment: variables added to the clean ones, for example a fixed committer.
    """

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        *argv: str | bytes,
        stdin: bytes | Path = b"",
        remote: Remote | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return what the command printed.

        Args:
            argv: the command and its arguments.
            stdin: what it reads, or the file that it reads.
            remote: whom it talks to.
            environment: more variables.

        Raises:
            GitError: git ended with another exit code than zero.
        """
        done = self.attempt(*argv, stdin=stdin, remote=remote, environment=environment)
        if done.returncode:
            words = [a.decode(errors="replace") if isinstance(a, bytes) else a for a in argv]
            raise GitError(words, done.returncode, done.stderr.decode(errors="replace"))
        return done.stdout

    def text(self, *argv: str | bytes, remote: Remote | None = None) -> str:
        """Return what the command printed, decoded and without the final line end."""
        return self.run(*argv, remote=remote).decode(errors="surrogateescape").rstrip("\n")

    def succeeds(self, *argv: str | bytes) -> bool:
        """Tell whether the command ends with exit code zero."""
        return self.attempt(*argv).returncode == 0

    def configure(self, settings: Mapping[str, str]) -> None:
        """Write settings into the repository's own file, in place of those that were written so before.

        One write, where `git config` is a process for each. The format is git-config's, "SYNTAX".

        Args:
            settings: values by their full name, `section.key` or `section.subsection.key`.
        """
        inner = self.directory / ".git" / "config"
        file = inner if inner.exists() else self.directory / "config"
        before, _, _ = file.read_text().partition(_CONFIGURED)
        # Of what `git init` wrote nothing is to be there twice: git refuses to change it then.
        again = {name.removeprefix("core.").lower() for name in settings}
        lines = before.splitlines(keepends=True)
        kept = [line for line in lines if line.partition("=")[0].strip() not in again]
        file.write_text("".join([*kept, _CONFIGURED, *map(_setting, settings.items())]))

    def listing(
        self,
        *argv: str,
        max_bytes: int,
        timeout_seconds: float,
        remote: Remote | None = None,
    ) -> bytes:
        """Return what a command prints that asks a host, or reads objects, which we do not trust.

        Raises:
            GitError: git ended with another exit code than zero, said too much or took too long.
        """
        with (
            tempfile.TemporaryFile() as errors,
            self._started(argv, remote, stdin=subprocess.DEVNULL, stderr=errors) as process,
            _killed_after(timeout_seconds, process) as timer,
        ):
            output = process.stdout.read(max_bytes + 1) if process.stdout else b""
            if len(output) > max_bytes:
                _kill(process)
                raise GitError(argv, -1, f"fatal: more than {max_bytes} bytes came back")
            returncode = process.wait()
            if timer.finished.is_set() and returncode < 0:
                raise GitError(argv, returncode, f"fatal: no answer within {timeout_seconds:g} s")
            if returncode:
                errors.seek(0)
                said = errors.read(_MAX_STDERR).decode(errors="replace")
                raise GitError(argv, returncode, said)
            return output

    def attempt(
        self,
        *argv: str | bytes,
        stdin: bytes | Path = b"",
        remote: Remote | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git and return its exit code, output and error output, whatever they are."""
        with ExitStack() as opened:
            # What is given as bytes goes through a pipe, a file is read by git itself.
            file = opened.enter_context(stdin.open("rb")) if isinstance(stdin, Path) else None
            pipes = {"stdin": file or subprocess.PIPE, "stderr": subprocess.PIPE}
            process = opened.enter_context(self._started(argv, remote, **pipes, more=environment))
            out, err = process.communicate(None if isinstance(stdin, Path) else stdin)
            return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @contextmanager
    def _started(
        self,
        argv: Sequence[str | bytes],
        remote: Remote | None,
        *,
        stdin: int | IO[bytes],
        stderr: int | IO[bytes],
        more: Mapping[str, str] | None = None,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start git; whatever interrupts us, Ctrl-C too, ends it with its children."""
        with subprocess.Popen(
            ["git", *(remote.config() if remote else ()), *argv],  # noqa: S607 - which git is the image's choice
            cwd=self.directory,
            env=clean_environment() | dict(self.environment) | dict(more or {}),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            # A signal for all of our group would end git's children, whatever we do about it.
            start_new_session=True,
        ) as process:
            try:
                yield process
            except BaseException:
                _kill(process)
                process.wait()
                raise


def _setting(setting: tuple[str, str]) -> str:
    name, value = setting
    section, _, rest = name.partition(".")
    subsection, _, key = rest.rpartition(".")
    header = f'{section} "{_escaped(subsection)}"' if subsection else section
    return f'[{header}]\n\t{key} = "{_escaped(value)}"\n'


def _escaped(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return quoted.replace("\n", "\\n")


@contextmanager
def _killed_after(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[threading.Timer]:
    timer = threading.Timer(seconds, _kill, args=(process,))
    timer.daemon = True
    timer.start()
    try:
        yield timer
    finally:
        timer.cancel()


def _kill(process: subprocess.Popen[bytes]) -> None:
    # Git leaves the talking to a child (git-remote-https, ssh): the whole session has to go.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def clean_environment() -> dict[str, str]:
    """Return the variables under which trusted git runs: no configuration, no prompt, no editor."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    settings = {"protocol.allow": "never", "core.hooksPath": os.devnull}
    # As settings: git's variable of that name would win over the CA file of a single host.
    bundle = os.environ.get("GIT_SSL_CAINFO") or os.environ.get("SSL_CERT_FILE")
    if bundle:
        settings["http.sslCAInfo"] = bundle
    given = {
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_EDITOR": "true",
        "GIT_ADVICE": "0",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (name, value) in enumerate(settings.items()):
        given |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return kept | given


@contextmanager
def scratch_repository(remote: Remote) -> Iterator[Git]:
    """Yield an empty bare repository whose `origin` is a remote to fetch from in part.

    It goes away at the end; see git's "Partial Clone" for what a promisor is.
    """
    with tempfile.TemporaryDirectory() as folder:
        git = Git(directory=Path(folder))
        git.run("init", "--quiet", "--bare", "--template=", ".")
        git.configure(
            {
                "remote.origin.url": remote.url,
                "remote.origin.promisor": "true",
                "core.repositoryFormatVersion": "1",
                "extensions.partialClone": "origin",
            }
        )
        yield git
