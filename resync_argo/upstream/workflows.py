"""Checks whether upstream changed its GitHub workflows between two releases.

GitHub accepts a push that changes `.github/workflows` only from credentials with a special
permission ("Permissions required for GitHub Apps", workflows). This fetches two commits without
history, and only their trees on the way to that folder (git's "Partial Clone", `tree:0`). The
controller calls it if the permission is missing.
"""

from resync_argo.budget import Budget
from resync_argo.git import LOOK, Git, GitError, Remote, scratch_repository
from resync_argo.hosts.refusals import explained

FOLDER = ".github/workflows"

_OLD, _NEW = "refs/look/old", "refs/look/new"
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=tree:0", "--depth=1")


def changes_workflows(remote: Remote, old: str | None, new: str, *, budget: Budget = LOOK) -> bool:
    """Return whether the folder differs between two refs of a repository.

    Args:
        remote: the repository.
        old: full name of the earlier release's ref; None: there is none, so the whole folder is
            new.
        new: full name of the later release's ref.
        budget: the limits.

    Raises:
        Stalled: the repository or a ref does not exist, or a person must act for another reason.
        Transient: they cannot be read within the budget.
    """
    with scratch_repository(remote, budget) as git, explained(remote, new):
        wants = f"+{new}:{_NEW}\n" + (f"+{old}:{_OLD}\n" if old else "")
        git.run(*_FETCH, "--stdin", "origin", stdin=wants.encode(), remote=remote)
        before = _tree(git, remote, _OLD) if old else ""
        return _tree(git, remote, _NEW) != before


def _tree(git: Git, remote: Remote, ref: str) -> str:
    """Return the id of the folder; empty if there is none."""
    done = git.attempt("ls-tree", "-d", ref, "--", FOLDER, remote=remote)
    if done.returncode:
        raise GitError(["ls-tree", ref], done.returncode, done.stderr.decode(errors="replace"))
    return " ".join(done.stdout.decode().split()[2:3])
