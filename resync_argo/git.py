"""The one door to git: argv in, bytes out.

Trusted code runs git only with our own configuration, never with that of the machine, the user, or
a repository that steps could have written (see git-config, "ENVIRONMENT", and git,
"SAFE.DIRECTORY"). From the environment, only network settings are kept: proxies and the CA bundle
of a closed site. Untrusted text is an argv element, never a shell word. Credentials reach git
through a helper that reads a file, so no argv and no URL ever holds one.
"""

import os
import re
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from resync_argo import processes
from resync_argo.budget import UNLIMITED, Budget, LimitReached, Limits, Resource
from resync_argo.errors import ResyncError
from resync_argo.reasons.attempt import GIT_ERROR

STALL_SECONDS = 300
"""How long a host may send less than `STALL_SPEED`: packing a large history takes minutes, meanwhile
it sends five bytes every five seconds (git-config, `uploadpack.keepAlive`)."""

STALL_SPEED = 1000
"""Bytes a second that a host must send over HTTP, so that a trickle counts as silence."""

LOOK = Budget(seconds=60, output_bytes=32 << 20, disk_bytes=64 << 20, memory_bytes=256 << 20)
"""Limits of one look at a repository over the network: trees of the largest projects, without
contents, need half of it."""

LOOK_AT_REFS = replace(LOOK, disk_bytes=None)
"""The same for `ls-remote`, which writes nothing: its folder does not count, in a pod it holds the clone."""

DISPOSABLE = {"gc.auto": "0", "core.fsync": "none"}
"""Settings of a clone that is deleted after the run: nothing to tidy, and no need to survive a crash."""

_KEPT = (
    *("PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK"),
    *("HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"),
)
"""curl(1), "Environment", has the proxies, ssh(1) the agent; none of these names a program to be run."""

_LACKING = re.compile(
    r"promisor remote|lazy fetching disabled|unable to read (?:\w+ object )?[0-9a-f]{40}"
)
"""Git's message if a partial clone lacks an object and may not fetch it."""

_CONFIGURED = "# Written by resync-argo; what follows is rewritten each time.\n"
_MAX_MESSAGE = 2000


class GitError(ResyncError):
    """Git ended with an exit code other than zero, or was stopped.

    Attributes:
        argv: the command, without credentials by construction.
        returncode: git's exit code; negative for a signal.
        stderr: git's message, shortened.
        ran_out: the exhausted resource if git was stopped; None: it ended by itself.
    """

    reason = GIT_ERROR

    def __init__(
        self, argv: Sequence[str], returncode: int, stderr: str, *, ran_out: Resource | None = None
    ) -> None:
        """Name the failed git command, with git's message."""
        self.argv = tuple(argv)
        self.returncode = returncode
        self.stderr = stderr.strip()[-_MAX_MESSAGE:]
        self.ran_out = ran_out
        how = "was stopped" if ran_out else f"failed ({returncode})"
        super().__init__(f"git {_command(self.argv)} {how}: {self.stderr}")

    @property
    def lacks_object(self) -> bool:
        """Return whether git needed an object that a partial clone does not hold."""
        return _LACKING.search(self.stderr) is not None


def _command(argv: Sequence[str]) -> str:
    """Return git's command, behind its global options."""
    values = {number + 1 for number, word in enumerate(argv) if word == "-c"}
    words = (it for number, it in enumerate(argv) if number not in values and it[:1] != "-")
    return next(words, argv[0])


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A repository's address, with everything needed to reach it.

    Attributes:
        url: `https://…`, `ssh://…`, or where settings say so `http://…` or a local path.
        token_file: file with the token, read by git's credential helper each time it asks.
        ca_file: PEM file of CA certificates to trust.
        stall_seconds: how long the host may send less than `STALL_SPEED`.
        may_redirect: whether the host may redirect us, as for a renamed repository. The token is
            for this address alone in any case.
    """

    url: str
    token_file: Path | None = None
    ca_file: str | None = None
    stall_seconds: int = STALL_SECONDS
    may_redirect: bool = False

    def config(self) -> list[str]:
        """Return the `-c` arguments to reach this remote and nothing else."""
        arguments = ["-c", "credential.helper=", "-c", f"protocol.{self.protocol}.allow=always"]
        arguments += ["-c", f"http.followRedirects={'initial' if self.may_redirect else 'false'}"]
        arguments += ["-c", f"http.lowSpeedLimit={STALL_SPEED}"]
        arguments += ["-c", f"http.lowSpeedTime={self.stall_seconds}"]
        if self.token_file is not None:
            helper = (
                '!f() { [ "$1" = get ] || exit 0; echo username=x-access-token;'
                " printf password=; cat -- " + shlex.quote(str(self.token_file)) + "; echo; }; f"
            )
            arguments += ["-c", f"credential.{self.url}.helper={helper}"]
        if self.ca_file is not None:
            arguments += ["-c", f"http.{self.url}.sslCAInfo={self.ca_file}"]
        return arguments

    @property
    def protocol(self) -> str:
        """Return git's name of the transport."""
        scheme, found, _ = self.url.partition("://")
        return scheme if found else "file"


@dataclass(frozen=True, kw_only=True)
class Git:
    """Runs git in one repository, with a clean configuration.

    Attributes:
        directory: the repository (its git directory when bare, else its work tree).
        environment: variables added to the clean ones, for example a fixed committer.
        limits: what its commands may cost in all; None: no limit, but for a host that stalls.
    """

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: Limits | None = None

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
            GitError: git ended with another exit code than zero, or the budget is spent.
        """
        done = self.attempt(*argv, stdin=stdin, remote=remote, environment=environment)
        if done.returncode:
            raise GitError(_words(argv), done.returncode, done.stderr.decode(errors="replace"))
        return done.stdout

    def text(self, *argv: str | bytes, remote: Remote | None = None) -> str:
        """Return what the command printed, decoded and without the final line end."""
        return self.run(*argv, remote=remote).decode(errors="surrogateescape").rstrip("\n")

    def succeeds(self, *argv: str | bytes) -> bool:
        """Return whether the command ends with exit code zero."""
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
        # Keys that `git init` wrote must not appear twice: git would then refuse to change them.
        again = {name.removeprefix("core.").lower() for name in settings}
        lines = before.splitlines(keepends=True)
        kept = [line for line in lines if line.partition("=")[0].strip() not in again]
        file.write_text("".join([*kept, _CONFIGURED, *map(_setting, settings.items())]))

    def attempt(
        self,
        *argv: str | bytes,
        stdin: bytes | Path = b"",
        remote: Remote | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git and return its exit code, output and error output, whatever they are.

        Raises:
            GitError: the budget is spent.
        """
        try:
            return processes.run(
                ["git", *(remote.config() if remote else ()), *argv],
                cwd=self.directory,
                env=clean_environment() | dict(self.environment) | dict(environment or {}),
                stdin=stdin,
                limits=self.limits or UNLIMITED.begin(self.directory),
            )
        except LimitReached as error:
            words, said = _words(argv), f"fatal: {error}"
            raise GitError(words, -signal.SIGKILL, said, ran_out=error.resource) from None

    def within(self, budget: Budget) -> "Git":
        """Return a `Git` whose commands together stay within a budget, which begins now."""
        return replace(self, limits=budget.begin(self.directory))


def _words(argv: Sequence[str | bytes]) -> list[str]:
    return [it.decode(errors="replace") if isinstance(it, bytes) else it for it in argv]


def _setting(setting: tuple[str, str]) -> str:
    name, value = setting
    section, _, rest = name.partition(".")
    subsection, _, key = rest.rpartition(".")
    header = f'{section} "{_escaped(subsection)}"' if subsection else section
    return f'[{header}]\n\t{key} = "{_escaped(value)}"\n'


def _escaped(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return quoted.replace("\n", "\\n")


def clean_environment() -> dict[str, str]:
    """Return the variables under which trusted git runs: no configuration, no prompt, no editor."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    settings = {"protocol.allow": "never", "core.hooksPath": os.devnull}
    # As settings: git's variable of that name would override the CA file of a single host.
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


def commit_time(git: Git, commit: str) -> int:
    """Return when a commit was made, in seconds since 1970.

    Not by `git show`, which looks at every changed file, and a release may name any number of them.
    """
    return int(git.text("log", "--max-count=1", "--format=%ct", commit, "--"))


@contextmanager
def scratch_repository(remote: Remote, budget: Budget) -> Iterator[Git]:
    """Yield an empty bare repository whose `origin` is a remote for partial fetches.

    It is deleted at the end; git's "Partial Clone" explains promisors. Large contents are written
    and read in pieces, and one thread handles a pack, so that memory stays small.

    Args:
        remote: the origin.
        budget: what may be spent until the end, on the folder too.
    """
    with tempfile.TemporaryDirectory() as folder:
        git = Git(directory=Path(folder)).within(budget)
        git.run("init", "--bare", "--template=", ".")
        git.configure(
            {
                "remote.origin.url": remote.url,
                "remote.origin.promisor": "true",
                "core.repositoryFormatVersion": "1",
                "core.bigFileThreshold": "1m",
                "extensions.partialClone": "origin",
                "pack.threads": "1",
            }
        )
        yield git
