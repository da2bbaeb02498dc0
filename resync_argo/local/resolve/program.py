"""The program behind the command `resolve`: makes a work tree, then checks and merges a person's work in it.

Nobody's work is overwritten or lost: the tree stays until its content is merged, unless nothing was
done in it, or you ask for its removal; the host refuses a push that would replace a commit.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from resync_argo.attempt.conflict.table import show_path
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.recipe import Recipe
from resync_argo.conflicts.markers import STUB_SUFFIX, stub_path
from resync_argo.conflicts.resolution import STATUS_CONTEXT, Resolution
from resync_argo.errors import ResyncError, UsageError
from resync_argo.forge.interface import (
    CommitState,
    CommitStatus,
    ForgeUnavailable,
    PullRequest,
    RequestRefused,
)
from resync_argo.git import GitError
from resync_argo.hosts.refusals import explained
from resync_argo.local.console import say
from resync_argo.local.place import place
from resync_argo.local.resolve.person_tools import edit, has_merge_tool, merge_with_tool
from resync_argo.local.resolve.question import open_question
from resync_argo.local.resolve.tree import Tree
from resync_argo.local.run.local_attempt import Request

Mode = Literal["edit", "no-edit", "continue", "abort"]

RETRY_FOR_SECONDS = 60.0
"""How long a forge may take to find out that what was pushed can be merged."""

PAUSE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A person's request to `resolve`.

    Attributes:
        request: the run to go on with; its version is "" if any open conflict will do.
        mode: open the editor or merge tool; only make the tree; take its content; or remove it.
        side: take this one, `upstream` or `downstream`, of `paths` or of all files; None: neither.
        paths: the conflicted files to which `side` applies.
    """

    request: Request
    mode: Mode = "edit"
    side: str | None = None
    paths: tuple[str, ...] = ()


class Unresolved(ResyncError):
    """The work tree exists, and something in it is still unresolved."""


def resolve_open(wanted: Wanted) -> str | None:
    """Resolve the open conflict and merge it.

    Returns:
        The release's version, with which the run goes on here; None if, as requested, nothing was
        merged, or if a cluster or a job goes on.

    Raises:
        Unresolved: files are left; the message says where and what to do.
        UsageError: the request cannot be fulfilled.
        ResyncError: the forge or the host refuses, or does not answer.
    """
    with place(keep=False) as layout:
        asked = open_question(wanted.request, layout)
        attempt, question = asked.attempt, asked.pull_request
        tree = Tree(folder=_folder(attempt, question), attempt=attempt, question=question)
        if tree.folder.exists() and not tree.is_ours:
            raise UsageError(
                f"{tree.folder} was made by hand: finish it as {question.url} says, or remove it."
            )
        if wanted.mode == "abort":
            tree.discard()
            say(f"{tree.folder} is removed; {question.url} still waits.")
            return None
        _begin(tree, wanted)
        with _keeping_work(tree):
            is_merged = _work(tree, wanted)
        if is_merged and asked.is_claimed:
            say("The cluster that asked goes on by itself; a job goes on when it runs next.")
            return None
        return attempt.version if is_merged else None


def _begin(tree: Tree, wanted: Wanted) -> None:
    if wanted.mode != "continue":
        tree.make()
    elif not tree.folder.exists():
        raise UsageError(f"There is no {tree.folder} yet: leave --continue out.")


def _folder(attempt: Attempt, question: PullRequest) -> Path:
    """Return the folder that the manual recipe names, or one here if the clone is elsewhere."""
    key = question.head_branch.split("/")[-2]
    if attempt.folder_forge is None:
        return Path.cwd() / f"resync-{key}"
    recipe = Recipe.of(
        plan=attempt.plan,
        line=attempt.line,
        key=key,
        url=attempt.push.url,
        folder=attempt.folder_forge,
    )
    return Path(recipe.work_tree)


@contextmanager
def _keeping_work(tree: Tree) -> Iterator[None]:
    """Keep the tree if the work in it is unfinished."""
    try:
        yield
    except Unresolved:
        raise
    except BaseException:
        if tree.folder.exists() and not tree.is_touched():
            tree.discard()
        elif tree.folder.exists():
            say(f"Your work is in {tree.folder}: go on with --continue, or remove it with --abort.")
        raise


def _work(tree: Tree, wanted: Wanted) -> bool:
    """Do the requested work in the tree; return whether it was merged."""
    if wanted.side is not None:
        tree.take(wanted.side, [os.fsencode(it) for it in wanted.paths])
    if wanted.mode == "no-edit":
        say(
            f"Resolve it in {tree.folder}, then run the same with --continue in place of --no-edit."
        )
        return False
    tip, found = tree.left()
    if found.left and wanted.mode == "edit":
        _open(tree, found)
        tip, found = tree.left()
    if found.left:
        files = ", ".join(show_path(_stub_of(tree, it) or it) for it in found.left)
        raise Unresolved(
            f"Not resolved yet: {files}. Take marker lines out; do what a `{STUB_SUFFIX.decode()}` file says, and"
            f" delete it. Finish this in {tree.folder}, then run the same with --continue; or give it up with --abort."
        )
    _merge(tree, tip, found)
    tree.discard()
    return True


def _open(tree: Tree, found: Resolution) -> None:
    stubs = [stub for it in found.left if (stub := _stub_of(tree, it)) is not None]
    if has_merge_tool(tree.folder):
        merge_with_tool(tree.folder)
        files = stubs
    else:
        shown = [it for it in found.left if os.path.lexists(tree.folder / os.fsdecode(it))]
        files = list(dict.fromkeys([*shown, *stubs]))
    if files:
        edit(tree.folder, files)


def _stub_of(tree: Tree, path: bytes) -> bytes | None:
    """Return the file that says what to do about a path; None if the path has marker lines."""
    stub = stub_path(path)
    return stub if os.path.lexists(tree.folder / os.fsdecode(stub)) else None


def _merge(tree: Tree, tip: str, found: Resolution) -> None:
    """Push the resolution to the pull request's branch, and merge that."""
    attempt, question = tree.attempt, tree.question
    refspec = f"{tip}:refs/heads/{question.head_branch}"
    with explained(attempt.push, refspec):
        try:
            tree.git.run("push", "--quiet", "--", attempt.push.url, refspec, remote=attempt.push)
        except GitError as error:
            if "[rejected]" not in error.stderr:
                raise
            raise Unresolved(
                f"Somebody has pushed to {question.url} meanwhile, and their work is not overwritten. Your work is"
                f" in {tree.folder}: `git fetch` and merge it there, then run the same with --continue."
            ) from error
    forge = attempt.conflict_forge
    status = CommitStatus(
        context=STATUS_CONTEXT, state=CommitState.SUCCESS, description=found.description
    )
    forge.set_commit_status(tip, status)
    _merged_with_retries(attempt, question, tip)
    say(f"Merged: {question.url}", "green")


def _merged_with_retries(attempt: Attempt, question: PullRequest, tip: str) -> None:
    until = time.monotonic() + RETRY_FOR_SECONDS
    while True:
        try:
            attempt.conflict_forge.merge_pull_request(question.number, commit=tip)
        except (RequestRefused, ForgeUnavailable) as error:
            if time.monotonic() > until:
                raise ResyncError(
                    f"Your resolution is pushed, but it could not be merged: {error} Merge {question.url}"
                    " yourself, then run the Plan again."
                ) from error
            time.sleep(PAUSE_SECONDS)
        else:
            return
