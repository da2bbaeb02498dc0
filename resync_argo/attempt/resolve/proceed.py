"""How a step goes on once everything at a stop is decided: which tree, which message, which commands.

The commit is to be what the same command would have made without the conflict: git's own
`--continue` takes lines that begin with `#` out of messages, and does not remember every option.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.resolve.operation import Operation, commits_by_itself
from resync_argo.attempt.resolve.request import Request
from resync_argo.attempt.resolve.state import CloneState
from resync_argo.git import Git

_UNUSED = "\x01"
"""As git's comment character (git-config, "core.commentChar"): no message has such lines."""

_HINT = re.compile(
    rb"(?:\A|\n)(?:[#\x01] -+ >8 -+\n(?:[#\x01].*\n)*?)?[#\x01] Conflicts:\n(?:[#\x01].*\n?)*\Z"
)
"""What git appends to the message at a conflict; the line above is its scissors."""

_MESSAGES = (("MERGE_MSG",), ("rebase-merge", "message"))

_KEPT = {
    "-s": "--signoff",
    "--signoff": "--signoff",
    "--no-signoff": "--no-signoff",
    "--no-verify": "--no-verify",
    "-e": "--edit",
    "--edit": "--edit",
}


@dataclass(frozen=True, kw_only=True)
class Proceed:
    """How a step goes on.

    Attributes:
        tree: to check out.
        files: what files below `.git` are to hold, by name.
        commands: arguments of git, command after command.
        aside: names beside which an old git left a file that is to go.
    """

    tree: str
    files: Mapping[str, bytes]
    commands: tuple[tuple[str, ...], ...]
    aside: tuple[bytes, ...]


def proceed(
    attempt: Attempt,
    request: Request,
    operation: Operation,
    *,
    tree: str,
    aside: Sequence[bytes],
) -> Proceed:
    """Return how the step goes on."""
    state = CloneState(attempt)
    head = attempt.repository.text("rev-parse", f"{request.head}^{{tree}}")
    resume = "--continue" if tree != head else "--skip"
    return Proceed(
        tree=tree,
        files=dict(_messages(attempt.repository, request, state)),
        commands=tuple(_commands(request, operation, state, resume)),
        aside=tuple(aside),
    )


def _messages(git: Git, request: Request, state: CloneState) -> Iterator[tuple[str, bytes]]:
    """Yield the messages that git has prepared, as they would have been without a conflict."""
    for names in _MESSAGES:
        message = state.read(*names)
        if message is None:
            continue
        message = _HINT.sub(b"\n", message).lstrip(b"\n")
        if len(names) > 1 and state.read("rebase-merge", "signoff") is not None:
            # Git forgets to sign off what stopped.
            message = _signed_off(git, message, request.committer)
        yield "/".join(names), message


def _signed_off(git: Git, message: bytes, who: str) -> bytes:
    whole = ("-c", f"core.commentChar={_UNUSED}")
    trailer = ("--if-exists=addIfDifferent", "--trailer", f"Signed-off-by: {who}")
    return git.run(*whole, "interpret-trailers", *trailer, stdin=message)


def _commands(
    request: Request, operation: Operation, state: CloneState, resume: str
) -> Iterator[tuple[str, ...]]:
    signed = _signed(request)
    match operation.name:
        case "merge" if commits_by_itself(request):
            yield (*signed, "commit", "--no-edit", *_commit_options(request))
        case "rebase":
            # An empty pick is skipped, as git's rebase does by itself where it does not work with patches.
            if state.read("rebase-merge", "head-name") is not None:
                resume = "--continue"
            whole = ("-c", "commit.cleanup=whitespace", "-c", "commit.status=false")
            yield (*signed, *whole, "rebase", resume)
        case "cherry-pick" | "revert":
            uncut = ("-c", f"core.commentChar={_UNUSED}")
            yield (*signed, *uncut, operation.name, resume)
        case "am":
            yield (*signed, "am", resume)
        case "index":
            yield from _rest_of_picks(state)
        case _:
            return


def _commit_options(request: Request) -> Iterator[str]:
    call = request.call
    for word in call.options:
        if word in _KEPT:
            yield _KEPT[word]
    for value in call.values("--cleanup", "--cleanup"):
        yield f"--cleanup={value}"


def _signed(request: Request) -> tuple[str, ...]:
    """Return the settings that sign the commit as the command was asked to."""
    for word in reversed(request.call.options):
        if word == "--no-gpg-sign":
            return ("-c", "commit.gpgSign=false")
        found = re.fullmatch(r"(?:-S|--gpg-sign(?:=|\Z))(.*)", word)
        if found is not None and request.call.command in _SIGNING:
            key = ("-c", f"user.signingKey={found[1]}") if found[1] else ()
            return ("-c", "commit.gpgSign=true", *key)
    return ()


_SIGNING = ("merge", "pull", "rebase", "cherry-pick", "revert", "am")


def _rest_of_picks(state: CloneState) -> Iterator[tuple[str, ...]]:
    """Yield what makes the rest of several picks (or reverts) that are not to be committed.

    Git itself cannot go on with them, and would leave out the rest without a word; the first of its
    list is the one that stopped.
    """
    todo = state.text("sequencer", "todo")
    lines = [line.split(" ")[:2] for line in todo.splitlines() if line[:1] not in ("", "#")]
    if not lines:
        return
    picks = "revert" if lines[0][0] in ("r", "revert") else "cherry-pick"
    yield (picks, "--quit")
    rest = [line[1] for line in lines[1:] if len(line) > 1 and re.fullmatch(r"[0-9a-f]+", line[1])]
    if rest:
        yield (picks, "--no-commit", *_saved_options(state), *rest)


def _saved_options(state: CloneState) -> Iterator[str]:
    opts = state.text("sequencer", "opts")
    for name in ("mainline", "strategy", "strategy-option"):
        for value in re.findall(rf"^\s*{name} = (.+)$", opts, re.M):
            yield f"--{name}={value.strip()}"
