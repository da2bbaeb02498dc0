"""Reads the git configuration of this machine's owner: where repositories are, and the forge's token.

Only this module runs git with the person's own configuration; everything else goes through
`resync_argo.git`, which ignores it. `run` and `preview` ask before they begin.
"""

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from resync_argo.errors import UsageError

_SCP = re.compile(r"(?P<host>[^/:]+):/?(?P<path>[^/].*)")
TOKEN_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")
GITHUB = "github.com"


def find_addresses(repositories: Iterable[str]) -> dict[str, str]:
    """Return where `git config url.<base>.insteadOf` redirects repositories; leaves out the others.

    Args:
        repositories: as `host/owner/name`; git is asked about `https://host/owner/name`, with and
            without `.git`.
    """
    found = {}
    for name in repositories:
        for url in (f"https://{name}", f"https://{name}.git"):
            mapped = _instead_of(url)
            if mapped != url:
                found[name] = _as_url(mapped)
                break
    return found


def local_path(url: str) -> Path | None:
    """Return the folder that a URL names; None if it is not local."""
    if url.startswith("file://"):
        return Path(url.removeprefix("file://"))
    return None if "://" in url else Path(url)


def refuse_unusable(addresses: Mapping[str, str]) -> None:
    """Refuse local clones that git would not read, or that lack a part of their history.

    Raises:
        UsageError: one belongs to another user, is shallow or partial; the message says what to do.
    """
    for path in filter(None, map(local_path, addresses.values())):
        if "dubious ownership" in _said(path):
            raise UsageError(
                f"{path} belongs to another user: if you trust it, run `git config --global --add"
                f" safe.directory {path}`."
            )
        if _asked(path, "rev-parse", "--is-shallow-repository") == "true":
            raise UsageError(f"{path} is a shallow clone: run `git -C {path} fetch --unshallow`.")
        if _asked(path, "config", "--get-regexp", r"^remote\..*\.promisor$"):
            raise UsageError(
                f"{path} is a partial clone, which lacks files that a merge may need: make a clone"
                " without `--filter`."
            )


def write_safe_directories(file: Path) -> dict[str, str]:
    """Copy the person's settings about repositories of other users (`safe.directory`).

    Returns:
        The variables with which trusted git obeys them; none if there are no such settings.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    asked = ["git", "config", "--get-all", "safe.directory"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
    # Git checks the folder `.git` when it serves a fetch, and the work tree otherwise.
    inner = [f"{value}/.git" for value in said if value.strip("*") and not value.endswith("/.git")]
    for value in (*said, *inner):
        argv = ["git", "config", "--file", str(file), "--add", "safe.directory", value]
        subprocess.run(argv, check=True, capture_output=True)
    return {"GIT_CONFIG_GLOBAL": str(file)} if said else {}


def find_token(host: str, environ: Mapping[str, str]) -> str | None:
    """Return a token for a forge: from `GITHUB_TOKEN` or `GH_TOKEN`, else git's credential helper.

    The variables are for one host, while a Plan may name any: see `token_host`. The helper
    (git-credential) must not prompt.
    """
    own = [environ[name] for name in TOKEN_VARIABLES if environ.get(name)]
    if own and host == token_host(environ):
        return own[0]
    done = subprocess.run(
        ["git", "credential", "fill"],  # noqa: S607 - which git is the person's choice
        input=f"protocol=https\nhost={host}\n\n",
        env=os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    answers = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    return answers.get("password") or None


def token_host(environ: Mapping[str, str]) -> str:
    """Return the host that the token in the variables is for.

    It is github.com, unless `GH_HOST` (gh's manual, "gh help environment") or, in GitHub Actions,
    `GITHUB_SERVER_URL` names another.
    """
    server = urlsplit(environ.get("GITHUB_SERVER_URL", "")).hostname
    return environ.get("GH_HOST") or server or GITHUB


def _said(path: Path) -> str:
    """Return git's complaint about a repository."""
    command = ["git", "-C", str(path), "rev-parse", "--git-dir"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def _asked(path: Path, *argv: str) -> str:
    """Return git's output about a repository; "" if there is none, or git refuses."""
    command = ["git", "-C", str(path), *argv]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _instead_of(url: str) -> str:
    done = subprocess.run(
        ["git", "ls-remote", "--get-url", "--", url],  # noqa: S607 - as above
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or url


def _as_url(address: str) -> str:
    """Return git's short forms as our own git takes them: as a URL, or an absolute path."""
    if "://" in address:
        return address
    short = _SCP.fullmatch(address)
    if short is not None:
        return f"ssh://{short['host']}/{short['path']}"
    return str(Path(address).expanduser().resolve())
