"""Makes commits without files for our own refs; the message is the record."""

from collections.abc import Sequence

from resync_argo.git import Git
from resync_argo.names import COMMITTER_EMAIL, COMMITTER_NAME


def empty_commit(git: Git, message: str, *, write: bool, parents: Sequence[str] = ()) -> str:
    """Return the id of the commit with a message; the same message and parents give the same id.

    Args:
        git: runs in the repository that stores the commit, or anywhere if it is not stored.
        message: with the final line end.
        write: store the commit.
        parents: commits that the ref is to keep.
    """
    options = ("-w", "--stdin") if write else ("--stdin",)
    tree = git.text("hash-object", "-t", "tree", *options)
    signature = f"{COMMITTER_NAME} <{COMMITTER_EMAIL}> 0 +0000"
    lines = "".join(f"parent {it}\n" for it in parents)
    text = f"tree {tree}\n{lines}author {signature}\ncommitter {signature}\n\n{message}"
    return git.run("hash-object", "-t", "commit", *options, stdin=text.encode()).decode().strip()
