"""Finds out what git was doing in the steps' clone, and which commits it was merging.

Where git keeps no commit of it, the ones are guessed that it most likely was about (the newest stash);
`found` then checks that merging them leaves the very same unmerged files.
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
"""What git changes in its settings where it merges for a patch."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What git was doing.

    Attributes:
        name: one of `OPERATIONS`.
        stop: which of several stops this is: the patch-id of the picked commit; `-` for a merge.
        sides: what it was merging; None where there are not two commits behind it.
        picked: the commit that was being brought in, if any.
        upstream: the stage of upstream's side, 2 or 3; git swaps "ours" and "theirs" in a rebase.
        options: how it merges.
        attributes: the clone's own attributes, which win over committed ones.
        progress: which commit of how many it is, as far as the step's git counts them.
        is_guessed: git keeps no commits of it, and the sides are those that it most likely merged.
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
    """Find out what git was doing, and take its commits.

    Raises:
        Untrustworthy: a commit is not there or not sound.
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
        # Where a rebase makes a merge again, that is what conflicts (git-rebase, "--rebase-merges").
        return "rebase", state.commit("MERGE_HEAD") or state.commit("REBASE_HEAD")
    if merged := state.commits("MERGE_HEAD"):
        # Of several at once (git-merge, "octopus") no two commits are behind a conflict.
        return "merge", merged[0] if len(merged) == 1 else None
    if commits_by_itself(request):
        for name, file in (("cherry-pick", "CHERRY_PICK_HEAD"), ("revert", "REVERT_HEAD")):
            picked = state.commit(file)
            if picked is not None:
                return name, picked
    return "index", _without_commit(state, request)


def _without_commit(state: CloneState, request: Request) -> str | None:
    """Return what a command brings in that leaves the commit to the script."""
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
    """Say which stage is upstream's.

    Whatever is reachable from the tag is upstream's. What is not is downstream's where it is brought
    onto a HEAD that has the tag already (a rebase, carried patches). Undoing a commit is the other
    side's wish.
    """

    def contains(commit: str, other: str) -> bool:
        return git.succeeds("merge-base", "--is-ancestor", other, commit)

    if picked and contains(tag, picked):
        return 2 if name == "revert" else 3
    return 2 if name != "revert" and contains(head, tag) else 3


def find_origins(attempt: Attempt, operation: Operation, request: Request) -> Origins | None:
    """Return where the sides of a stop come from; None where upstream's side need not be taken as a whole.

    That is certain of a merge that brings upstream's commit, however it is committed, and of a rebase onto the
    release for a commit that is upstream's own, such as one of the last release's branch; a range of commits that
    is picked is a rebase, too. What a step picks by its id it wants for its own change.
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
