"""The exact commands that come next when a run waits for a person. Pure."""

import shlex
from pathlib import Path

from resync_argo.local.run.outcome import Advice, ConflictOutcome


def resolve_in_folder(
    conflict: ConflictOutcome, *, repository: Path, folder: Path, begun: bool, again: str
) -> Advice:
    """Return how to resolve a conflict of which the branches are in a local repository.

    Args:
        conflict: what waits.
        repository: the repository with the branches.
        folder: where a work tree for it may be made.
        begun: it is there already.
        again: the command that goes on.
    """
    here, where = shlex.quote(str(repository)), shlex.quote(str(folder))
    head = shlex.quote(conflict.branch)
    enter = f"{where} switch {head}" if begun else f"{here} worktree add {where} {head}"
    return Advice(
        sentence="Resolve the conflict in its branch, merge that, and run the same again:",
        commands=(
            f"git -C {enter}",
            f"# edit the files in {where}: keep what is right, take the marker lines out",
            f"git -C {where} add --all && git -C {where} commit --message 'Resolve the conflict'",
            f"git -C {where} switch {shlex.quote(conflict.base)}",
            f"git -C {where} merge {head}",
            f"git -C {here} worktree remove {where}",
            again,
        ),
    )


def resolve_on_forge(
    conflict: ConflictOutcome, *, url: str, pull_request: str, again: str
) -> Advice:
    """Return how to resolve a conflict of which the branches are on a forge.

    Args:
        conflict: what waits.
        url: of the repository with the branches.
        pull_request: address of the conflict's pull request.
        again: the command that goes on.
    """
    there, head = shlex.quote(url), shlex.quote(conflict.branch)
    return Advice(
        sentence="Resolve the conflict in its pull request, merge it, and run the same again:",
        commands=(
            f"git fetch {there} {head} && git switch --create {head} FETCH_HEAD",
            "# edit the files: keep what is right, take the marker lines out",
            f"git add --all && git commit --message 'Resolve the conflict' && git push {there} {head}",
            f"# merge {pull_request}",
            again,
        ),
    )
