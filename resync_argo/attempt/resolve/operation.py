"""Finds out what git was doing in the steps' clone, and which commits it was merging.

If git records no commits, the most likely ones are guessed (the newest stash). `found` then checks
that merging them leaves the same files unmerged.
"""

import re
from dataclasses import dataclass, replace

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.options import MergeOptions, merge_options
from resync_argo.attempt.merge.patch import trees_of_patch
from resync_argo.attempt.merge.raw import OUR_STAGE, Sides
from resync_argo.attempt.merge.untouched import Origins
from resync_argo.attempt.repository.step_objects import descends_from, take_commits
from resync_argo.attempt.resolve.request import Request
from resync_argo.attempt.steps.clone_state import CloneState
from resync_argo.attempt.steps.control import Untrustworthy
from resync_argo.git import Git, GitError

_MAX_PATCH = 256 << 20
_PICKS = ("cherry-pick", "revert")
_MERGES = ("merge", "pull")
_PATCHED = {"merge.directoryRenames": "false"}
"""Settings that git changes when it merges for a patch."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What git was doing.

    Attributes:
        name: one of `OPERATIONS`.
        stop: identifies the stop: the patch-id of the picked commit; `-` for a merge.
        sides: the two commits; None if there are not two.
        picked: the commit being applied, if any.
        upstream: the stage of upstream's side, 2 or 3; git swaps "ours" and "theirs" in a rebase.
        options: how it merges.
        attributes: the clone's own attributes, which override committed ones.
        progress: the commit's number and the total, if the step's git counts them.
        is_guessed: git recorded no commits, and the sides are the most likely ones.
    """

    name: str
    stop: str
    sides: Sides | None
    picked: str | None
    upstream: int
    options: MergeOptions
    attributes: bytes
    progress: tuple[int, int] | None = None
    is_guessed: bool = False

    @property
    def where(self) -> str:
        """Return operation and stop."""
        return f"{self.name} {self.stop}"


def find_operation(attempt: Attempt, request: Request) -> Operation:
    """Find out what git was doing, and import its commits.

    Raises:
        Untrustworthy: a commit is missing or invalid.
    """
    state = CloneState(attempt)
    name, picked = _name_and_commit(state, request)
    wanted = [request.commit, request.head, *([picked] if picked else [])]
    take_commits(attempt, wanted)
    git = attempt.repository
    if picked is not None:
        # `git merge` of an annotated tag keeps the tag's own id.
        picked = _peeled(git, picked)
    tag = attempt.replay_input().tag_commit
    options = merge_options(request.call, settings=request.settings, saved=state.options)
    return Operation(
        name=name,
        stop=_stop(git, name, picked, state),
        sides=_sides(git, name, picked, request, state),
        picked=picked,
        upstream=_upstream(git, name, picked, request.head, tag),
        options=replace(options, settings={**options.settings, **_PATCHED})
        if state.has_patch
        else options,
        attributes=state.read("info", "attributes") or b"",
        progress=state.progress,
        is_guessed=name == "index" or state.has_patch,
    )


def _peeled(git: Git, oid: str) -> str:
    try:
        return git.text("rev-parse", "--verify", f"{oid}^{{commit}}")
    except GitError as error:
        raise Untrustworthy(f"What the step merges, {oid}, is not a commit.") from error


def commits_by_itself(request: Request) -> bool:
    """Return whether the command would have made a commit without a conflict."""
    call = request.call
    if call.last("--no-commit", "--commit") == "--no-commit":
        return False
    if call.last("--squash", "--no-squash") == "--squash":
        return False
    picks = call.command in ("cherry-pick", "revert")
    short = re.compile(r"-[ersx]*n\w*")
    return not (picks and any(short.fullmatch(word) for word in call.options))


def _name_and_commit(state: CloneState, request: Request) -> tuple[str, str | None]:
    if state.is_am:
        return "am", None
    if state.is_rebase:
        # If a rebase repeats a merge, that merge conflicts (git-rebase, "--rebase-merges").
        return "rebase", state.commit("MERGE_HEAD") or state.commit("REBASE_HEAD")
    if merged := state.commits("MERGE_HEAD"):
        # If it merges several at once (git-merge, "octopus"), a conflict is not between two commits.
        return "merge", merged[0] if len(merged) == 1 else None
    if commits_by_itself(request):
        for name, file in (("cherry-pick", "CHERRY_PICK_HEAD"), ("revert", "REVERT_HEAD")):
            picked = state.commit(file)
            if picked is not None:
                return name, picked
    return "index", _without_commit(state, request)


def _without_commit(state: CloneState, request: Request) -> str | None:
    """Return the commit of a command that leaves committing to the script."""
    command = request.call.command
    if command in _PICKS:
        return request.named[0] if len(request.named) == 1 else None
    if command == "stash" and request.named:
        return request.named[-1]
    squashed = re.search(r"^commit ([0-9a-f]{40,64})$", state.text("SQUASH_MSG"), re.M)
    return squashed[1] if squashed else state.stash


def _stop(git: Git, name: str, picked: str | None, state: CloneState) -> str:
    patch = b""
    match name:
        case "am":
            patch = state.read("rebase-apply", "patch", limit=_MAX_PATCH) or b""
        case "rebase" | "cherry-pick" | "revert" if picked:
            patch = git.run("diff-tree", "-p", "--no-ext-diff", picked)
    words = git.run("patch-id", "--stable", stdin=patch).decode().split()
    if words:
        return words[0]
    return picked if picked and name in ("rebase", "cherry-pick", "revert") else "-"


def _sides(
    git: Git, name: str, picked: str | None, request: Request, state: CloneState
) -> Sides | None:
    head = request.head
    if state.has_patch:
        trees = trees_of_patch(git, state.read("rebase-apply", "patch", limit=_MAX_PATCH) or b"")
        return Sides(ours=head, theirs=trees[1], base=trees[0]) if trees else None
    if picked is None:
        return None
    is_stash = request.call.command == "stash" or picked == state.stash
    is_pick = request.call.command in _PICKS or is_stash
    is_merge = name == "merge" or (name == "index" and not is_pick)
    if is_merge or (name == "rebase" and state.commit("MERGE_HEAD") is not None):
        return Sides(ours=head, theirs=picked)
    parent = _parent(git, picked, _mainline(request, state))
    if name == "revert" or (name == "index" and request.call.command == "revert"):
        return Sides(ours=head, theirs=parent, base=picked)
    return Sides(ours=head, theirs=picked, base=parent)


def _mainline(request: Request, state: CloneState) -> int:
    saved = re.search(r"^[ \t]*mainline = (\d)$", state.text("sequencer", "opts"), re.M)
    given = [it for it in request.call.values("-m", "--mainline") if it.isdigit()]
    if request.call.command not in _PICKS:
        given = []
    return int(saved[1] if saved else given[-1] if given else 1)


def _parent(git: Git, commit: str, number: int) -> str:
    parents = git.text("log", "--max-count=1", "--format=%P", commit, "--").split()
    if not parents:
        return git.run("hash-object", "-t", "tree", "-w", "--stdin").decode().strip()
    if not 0 < number <= len(parents):
        raise Untrustworthy(f"The commit {commit} has no parent {number}.")
    return parents[number - 1]


def _upstream(git: Git, name: str, picked: str | None, head: str, tag: str) -> int:
    """Return the stage of upstream's side.

    Commits reachable from the tag are upstream's. Other commits are downstream's if they are
    applied to a HEAD that already has the tag (a rebase, carried patches). Reverting a commit is
    the other side's wish.
    """

    def contains(commit: str, other: str) -> bool:
        return git.succeeds("merge-base", "--is-ancestor", other, commit)

    if picked and contains(tag, picked):
        return 2 if name == "revert" else 3
    return 2 if name != "revert" and contains(head, tag) else 3


def find_origins(attempt: Attempt, operation: Operation, request: Request) -> Origins | None:
    """Return the origins of a stop's sides; None if upstream's side need not be taken as a whole.

    A merge of upstream's commit takes it as a whole, however it is committed. So does a rebase onto
    the release of one of upstream's own commits, such as one of the last release's branch. Picking
    a range of commits counts as a rebase. If a step picks a commit by its id, it wants that change
    alone.
    """
    replay, git, sides = attempt.replay_input(), attempt.repository, operation.sides
    released, tag = replay.released_commit, replay.tag_commit
    if sides is None or released is None:
        return None
    swapped = operation.upstream == OUR_STAGE
    if sides.base is not None:
        picked = operation.picked
        is_rebase = operation.name in ("rebase", "cherry-pick") and picked not in request.named
        if (
            not is_rebase
            or picked is None
            or not swapped
            or not descends_from(git, released, picked)
        ):
            return None
        return Origins(downstream=picked, upstream=tag, released=picked)
    is_merge = operation.name == "merge" or request.call.command in _MERGES
    if not is_merge or not (swapped or descends_from(git, tag, sides.theirs)):
        return None
    own, upstream = (sides.theirs, tag) if swapped else (sides.ours, sides.theirs)
    inside = replay.contained_commits
    return Origins.of_merge(git, own, upstream, released=released, contained=inside)
