"""What a host said to git, as one clear sentence: who must act, or that it may work later.

In: git's words about a remote. Out: `Stalled` with the reason that docs/conditions.md explains, or
`Transient`. The attempt asks it about each fetch and push, the controller about a rehearsed push.
"""

import re

from resync_argo.errors import ResyncError, Stalled, Transient
from resync_argo.git import GitError, Remote
from resync_argo.reasons.attempt import DISK_FULL
from resync_argo.reasons.forge import (
    BRANCH_NOT_FOUND,
    CREDENTIALS_REFUSED,
    FORBIDDEN,
    PUSH_REFUSED,
    REPOSITORY_NOT_FOUND,
)

_REASONS = (
    ("No space left on device", DISK_FULL, "cannot be copied: the disk is full"),
    ("couldn't find remote ref", BRANCH_NOT_FOUND, "has no such branch or tag"),
    ("not found", REPOSITORY_NOT_FOUND, "does not exist, or the credentials may not see it"),
    ("does not exist", REPOSITORY_NOT_FOUND, "does not exist"),
    ("not appear to be a git repository", REPOSITORY_NOT_FOUND, "does not exist"),
    ("Authentication failed", CREDENTIALS_REFUSED, "refuses the credentials"),
    ("could not read Username", CREDENTIALS_REFUSED, "asks for credentials, and there are none"),
    (
        "without `workflow",
        FORBIDDEN,
        "wants the permission `workflows`: the merge changes .github",
    ),
    (
        "remote rejected",
        PUSH_REFUSED,
        "refuses the push: its rules must allow it below `resync/`",
    ),
    ("returned error: 403", FORBIDDEN, "forbids it: the credentials lack a permission"),
)

_MAX_WORDS = 400


def explain(error: GitError, remote: Remote, want: str) -> ResyncError:
    """Return one clear sentence for what git said about a remote.

    Args:
        error: git's.
        remote: whom it spoke to.
        want: the ref that was wanted, named where it is missing.
    """
    for said, reason, meaning in _REASONS:
        if said in error.stderr:
            what = f"{want.lstrip('+').split(':')[0]}: " if reason == BRANCH_NOT_FOUND else ""
            words = _words(error.stderr) if reason == PUSH_REFUSED else ""
            return Stalled(reason, f"{what}{remote.url} {meaning}{words}.")
    lines = error.stderr.splitlines()
    said_first = next((line for line in lines if line.startswith(("fatal:", "error:"))), "")
    return Transient(f"{remote.url} cannot be used: {said_first or 'git did not say why'}.")


def _words(stderr: str) -> str:
    """Return why a host refuses a push, as it says: a rule, a secret or a large file that it found."""
    said = re.findall(r"^remote:(.*)|\[remote rejected\].*(\(.+\))", stderr, re.MULTILINE)
    text = " ".join(" ".join(both) for both in said)
    visible = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"; it said: {' '.join(visible.split())[:_MAX_WORDS].rstrip('.')}"
