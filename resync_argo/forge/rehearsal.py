"""Tries a push without making it, to learn whether the credentials may push our branches.

`git push --dry-run` asks the host for the refs that a push would change. At that point a host
refuses anybody without write permission (git-push, gitprotocol-http); nothing is sent, and no ref
is created. The controller calls it before a sync has to push.
"""

import threading
from pathlib import Path

from resync_argo.budget import Budget
from resync_argo.git import LOOK, Git, Remote
from resync_argo.hosts.refusals import explained

BRANCH = "resync/rehearsal"

_NOBODY = {
    f"GIT_{who}_{what}": "resync-argo"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


class Rehearsal:
    """A repository with a commit to push; thread-safe."""

    def __init__(self, folder: Path) -> None:
        """Take the repository's folder; the first use creates it."""
        self._git = Git(directory=folder)
        self._commit = ""
        self._lock = threading.Lock()

    def push(self, remote: Remote, *, budget: Budget = LOOK) -> None:
        """Raise if our branches could not be pushed.

        Args:
            remote: the repository.
            budget: the limits.

        Raises:
            Stalled: the credentials, the repository or the permission to push are missing.
            Transient: the host did not answer within the budget.
        """
        refspec = f"{self._made()}:refs/heads/{BRANCH}"
        with explained(remote, BRANCH):
            self._git.within(budget).run(
                *("push", "--dry-run", "--quiet", "--no-verify", "--", remote.url, refspec),
                remote=remote,
            )

    def _made(self) -> str:
        """Return the commit: an empty tree, without history."""
        with self._lock:
            if not self._commit:
                self._git.directory.mkdir(exist_ok=True)
                self._git.run("init", "--quiet", "--bare", "--template=", ".")
                tree = self._git.text("hash-object", "-t", "tree", "-w", "--stdin")
                argv = ("commit-tree", "-m", "Rehearse a push", tree)
                self._commit = self._git.run(*argv, environment=_NOBODY).decode().strip()
            return self._commit
