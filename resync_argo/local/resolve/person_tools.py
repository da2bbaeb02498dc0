"""The person's own editor, merge tool and name, from their git configuration."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from resync_argo.errors import UsageError

_IDENT = re.compile(r"(?P<name>.*) <(?P<email>[^<>]*)> \d+ [-+]\d{4}")


def identity(folder: Path) -> dict[str, str]:
    """Return git's variables for the committer.

    Raises:
        UsageError: git does not know who commits.
    """
    found: dict[str, str] = {}
    for who in ("AUTHOR", "COMMITTER"):
        said = _IDENT.fullmatch(_asked(folder, "var", f"GIT_{who}_IDENT"))
        if said is None:
            raise UsageError(
                "Git does not know who you are: set `git config --global user.name` and `user.email`."
            )
        found |= {f"GIT_{who}_NAME": said["name"], f"GIT_{who}_EMAIL": said["email"]}
    return found


def has_merge_tool(folder: Path) -> bool:
    """Return whether the person has configured one (git-mergetool, `merge.tool`)."""
    return bool(_asked(folder, "config", "merge.tool"))


def merge_with_tool(folder: Path) -> None:
    """Open the merge tool for each file in turn, and wait for the person.

    The exit code does not matter: tools use different ones, and only the files' contents count.
    """
    # The tool's backup of the file with marker lines would become part of the resolution.
    argv = ("git", "-c", "mergetool.keepBackup=false", "mergetool")
    subprocess.run(argv, cwd=folder, check=False)


def edit(folder: Path, files: Sequence[bytes]) -> None:
    """Open the editor that git would open (git-var, `GIT_EDITOR`), and wait for the person.

    Raises:
        UsageError: the editor ended with an error.
    """
    editor = _asked(folder, "var", "GIT_EDITOR") or "vi"
    # As git itself does: the editor may be a command with arguments.
    argv = ["sh", "-c", f'{editor} "$@"', editor, *map(os.fsdecode, files)]
    done = subprocess.run(argv, cwd=folder, check=False)
    if done.returncode:
        raise UsageError(f"The editor `{editor}` ended with exit code {done.returncode}.")


def _asked(folder: Path, *argv: str) -> str:
    command = ["git", *argv]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
