"""Tries a push without making it: may the credentials push our branches?

`git push --dry-run` asks the host for the refs that a push would change. At that point a host
refuses anybody without write permission (git-push, gitprotocol-http); nothing is sent, no ref is
created. Called by the controller before a sync needs it.
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
    """A repository with a commit to push; safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        """Say where it is to be; it is made at the first use."""
        self._git = Git(directory=folder)
        self._commit = ""
        self._lock = threading.Lock()

    def push(self, remote: Remote, *, budget: Budget = LOOK) -> None:
        """Return if our branches could be pushed.

        Args:
            remote: where to.
            budget: what the rehearsal may cost.

        Raises:
            Stalled: the credentials, the repository or the permission to push is missing.
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
