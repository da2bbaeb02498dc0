"""How a step continues once a stop is fully decided: its tree, message and commands.

The commit must be the same as without the conflict. Git's own `--continue` is not enough: it
removes lines that begin with `#` from messages, and forgets some options.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.resolve.operation import Operation, commits_by_itself
from resync_argo.attempt.resolve.request import Request
from resync_argo.attempt.steps.clone_state import CloneState
from resync_argo.attempt.trailers import UNUSED, credited, with_trailers
from resync_argo.git import Git

_HINT = re.compile(
    rb"(?:\A|\n)(?:(?P<a>\S+) -+ >8 -+\n(?:(?P=a).*\n)*?)?(?P<b>\S+) Conflicts:\n(?:(?P=b).*\n?)*\Z"
)
"""The list of conflicts that git appends to a message, as comments; a scissors line may precede it."""

_REBASE_MESSAGE = ("rebase-merge", "message")
_PATCH_MESSAGE = ("rebase-apply", "final-commit")
"""From `git am`, or a rebase that applies patches: git adds no list of conflicts, and commits it unchanged."""
_MESSAGES = (("MERGE_MSG",), _REBASE_MESSAGE, _PATCH_MESSAGE)

_KEPT = (("--signoff", "--no-signoff"), ("--verify", "--no-verify"))
"""Options of git-merge that git-commit has, too; the last of contradictory ones counts."""


@dataclass(frozen=True, kw_only=True)
class Proceed:
    """How a step continues.

    Attributes:
        tree: the one to check out; None if the commands do that.
        commit: the one to move to, with its objects; None if the commands create it.
        files: new contents of files below `.git`, by name.
        commands: git's arguments, one list per command.
        aside: names next to which an old git left a file to delete.
        edits: the script's own editor edits the message.
    """

    tree: str | None = None
    commit: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    commands: tuple[tuple[str, ...], ...] = ()
    aside: tuple[bytes, ...] = ()
    edits: bool = False


def proceed(
    attempt: Attempt,
    request: Request,
    operation: Operation,
    *,
    tree: str,
    aside: Sequence[bytes],
    credit: Sequence[str] = (),
) -> Proceed:
    """Return how the step continues; `credit` names those who resolved the conflict, as `Name <address>`."""
    state = CloneState(attempt)
    author = _kept_author(attempt.repository, operation)
    others = [it for it in credit if it != author]
    head = attempt.repository.text("rev-parse", f"{request.head}^{{tree}}")
    resume = "--continue" if tree != head else "--skip"
    return Proceed(
        tree=tree,
        files=dict(_messages(attempt.repository, request, state, others)),
        commands=tuple(_commands(request, operation, state, resume)),
        aside=tuple(aside),
        edits=_edits(request, operation, state),
    )


def _edits(request: Request, operation: Operation, state: CloneState) -> bool:
    """Return whether the script's own editor would see the message even without a conflict."""
    if operation.name == "rebase":
        done = state.text("rebase-merge", "done").splitlines() or [""]
        is_joined = state.joined is not None and state.read("rebase-merge", "message-fixup") is None
        return is_joined or done[-1].split(" ")[0] in ("r", "reword")
    call = request.call
    given = call.last("-e", "--edit", "--no-edit")
    if given is not None or operation.name != "merge":
        return given in ("-e", "--edit")
    has_message = call.values("-m", "--message") or call.values("-F", "--file")
    return request.settings.get("merge.autoedit") in _YES and not has_message


def _messages(
    git: Git, request: Request, state: CloneState, credit: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield the messages that git has prepared, as if without a conflict, and credit those who resolved it."""
    for names in _MESSAGES:
        message = state.read(*names)
        if message is None:
            continue
        if names != _PATCH_MESSAGE:
            message = _HINT.sub(b"", message).lstrip(b"\n")
        if names == _REBASE_MESSAGE and state.read("rebase-merge", "signoff") is not None:
            # After a stop, git forgets to sign off.
            message = with_trailers(git, message, [f"Signed-off-by: {request.committer}"])
        yield "/".join(names), credited(git, message, credit)


def _kept_author(git: Git, operation: Operation) -> str:
    """Return the author that the commit keeps, as `Name <address>`; "" if the step is its author."""
    if operation.name not in ("rebase", "cherry-pick") or operation.picked is None:
        return ""
    argv = ("log", "--max-count=1", "--format=%an <%ae>", operation.picked, "--")
    return git.run(*argv).decode(errors="replace").strip()


def _commands(
    request: Request, operation: Operation, state: CloneState, resume: str
) -> Iterator[tuple[str, ...]]:
    given = (*_given(request), *_signed(request))
    uncut = () if _is_cut(request, operation, state) else _uncut(operation, state)
    match operation.name:
        case "merge" if commits_by_itself(request):
            edited = "--edit" if _edits(request, operation, state) else "--no-edit"
            yield (*given, "commit", edited, *_commit_options(request))
        case "rebase":
            # Git's rebase skips an empty pick by itself, unless it applies patches.
            if state.read("rebase-merge", "head-name") is not None:
                resume = "--continue"
            yield (*given, *uncut, "-c", "commit.status=false", "rebase", resume)
        case "cherry-pick" | "revert":
            edit = (
                ("--edit",) if _edits(request, operation, state) and resume == "--continue" else ()
            )
            yield (*given, *uncut, operation.name, resume, *edit)
        case "am":
            yield (*given, "am", resume)
        case "index":
            yield from _rest_of_picks(state)
        case _:
            return


def _given(request: Request) -> Iterator[str]:
    """Yield the settings of the command line."""
    for name, value in request.call.settings:
        if "\n" not in value:
            yield from ("-c", f"{name}={value}")


def _is_cut(request: Request, operation: Operation, state: CloneState) -> bool:
    """Return whether git would remove lines that begin with `#` even without a conflict.

    Git's `--continue` always removes them.
    """
    if state.joined is not None:
        return not state.joined.startswith(UNUSED.encode())
    call = request.call
    cleanup = [{**request.settings, **dict(call.settings)}.get("commit.cleanup")]
    cleanup += call.values("--cleanup", "--cleanup") if call.command in _PICKS else []
    return cleanup[-1] == "strip" or _edits(request, operation, state)


def _uncut(operation: Operation, state: CloneState) -> tuple[str, str]:
    """Return a setting that keeps lines that begin with `#`, but removes git's own comments."""
    joins = re.search(r"^(?:s|squash|r|reword|(?:f|fixup) -[cC]) ", state.todo, re.M)
    if operation.name == "rebase" and state.joined is None and joins is None:
        return ("-c", "commit.cleanup=whitespace")
    return ("-c", f"core.commentChar={UNUSED}")


def _commit_options(request: Request) -> Iterator[str]:
    call = request.call
    yield from (given for options in _KEPT if (given := call.last(*options)))
    for value in call.values("--cleanup", "--cleanup"):
        yield f"--cleanup={value}"


def _signed(request: Request) -> tuple[str, ...]:
    """Return the settings that sign the commit as the command requested."""
    for word in reversed(request.call.options):
        if word == "--no-gpg-sign":
            return ("-c", "commit.gpgSign=false")
        found = re.fullmatch(r"(?:-S|--gpg-sign(?:=|\Z))(.*)", word)
        if found is not None and request.call.command in _SIGNING:
            key = ("-c", f"user.signingKey={found[1]}") if found[1] else ()
            return ("-c", "commit.gpgSign=true", *key)
    return ()


_PICKS = ("cherry-pick", "revert")
_YES = ("yes", "true", "on", "1")
_SIGNING = ("merge", "pull", "rebase", "cherry-pick", "revert", "am")


def _rest_of_picks(state: CloneState) -> Iterator[tuple[str, ...]]:
    """Yield the commands for the rest of several picks (or reverts) without commits.

    Git itself cannot continue them, and would silently leave out the rest. The first in its list is
    the one that stopped.
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
        for value in re.findall(rf"^[ \t]*{name} = (.+)$", opts, re.M):
            yield f"--{name}={value.strip()}"
