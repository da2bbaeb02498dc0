"""Adds trailers to the messages of commits (git-interpret-trailers)."""

from collections.abc import Sequence

from resync_argo.git import Git

UNUSED = "\x01"
"""A comment character for git (git-config, "core.commentChar") that no message line begins with."""


def with_trailers(git: Git, message: bytes, trailers: Sequence[str]) -> bytes:
    """Return a commit message with trailers at its end; one that is there already is not repeated.

    Args:
        git: runs git-interpret-trailers.
        message: the whole message; lines that begin with `#` or `---` are part of it.
        trailers: such as `Signed-off-by: Ada <ada@example.org>`.
    """
    if not trailers:
        return message
    given = (word for it in trailers for word in ("--trailer", it))
    argv = ("interpret-trailers", "--no-divider", "--if-exists=addIfDifferent", *given)
    return git.run("-c", f"core.commentChar={UNUSED}", *argv, stdin=message)


def credited(git: Git, message: bytes, people: Sequence[str]) -> bytes:
    """Return a commit message that credits those who resolved its conflict.

    Args:
        git: runs git-interpret-trailers.
        message: the whole message.
        people: as `Name <address>`.
    """
    return with_trailers(git, message, [f"Co-authored-by: {it}" for it in people])
