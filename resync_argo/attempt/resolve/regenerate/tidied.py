"""Answers `git resync-tidied`: may the modules be as `go mod tidy` left them?

A missing requirement it takes at its newest version, and a newer Go writes lines that the branch's own does not. So what is
higher than in every go.mod that people wrote (downstream's, upstream's, the step's own commits, answers) is asked. The modules
of a workspace have one version of each other module: what people wrote in one of them holds for all.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from resync_argo.attempt.conflict.table import show_path
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.markdown import code
from resync_argo.attempt.merge.logical import Logical
from resync_argo.attempt.merge.options import merge_options
from resync_argo.attempt.merge.three_way import write_tree
from resync_argo.attempt.repository.step_objects import take_commits
from resync_argo.attempt.resolve.people import People
from resync_argo.attempt.resolve.proceed import Proceed
from resync_argo.attempt.resolve.regenerate.remake import MANIFEST, WORKSPACE
from resync_argo.attempt.resolve.request import Request
from resync_argo.attempt.resolve.settle import Settled, left_over, stop_at
from resync_argo.attempt.resolve.work import Work
from resync_argo.conflicts.objects import list_tree, read_blobs
from resync_argo.conflicts.record import ConflictPath, Entry, Kind
from resync_argo.git import Git
from resync_argo.gomod.module_file import ModuleFile, read_module_file
from resync_argo.gomod.raised import find_raised
from resync_argo.gomod.syntax import Unclear

WHERE = "regenerate -"
_MOST_RAISED = 20


def settle_tidied(attempt: Attempt, request: Request, people: People) -> Settled:
    """Let the step go on, or ask about versions that nobody chose.

    Raises:
        Untrustworthy: what the step says does not fit together.
        GitError: an object is missing.
    """
    take_commits(attempt, [request.commit, request.head])
    git, replay = attempt.repository, attempt.replay_input()
    tree = git.text("rev-parse", "--verify", f"{request.commit}:merged")
    work = Work(
        git=git,
        tree=tree,
        options=merge_options(request.call, settings=request.settings),
        where=WHERE,
        step=request.step,
        unmerged={},
    )
    before = _manifests(git, request.head)
    written = [_manifests(git, it) for it in (replay.head, replay.tag_commit)] + [before]
    workspaces = _workspaces(git, tree)
    for path, entry in _manifests(git, tree).items():
        sides = [it[path] for it in written if path in it]
        if path in before and entry not in sides:
            beside = _beside(path, workspaces, written)
            why = _raised(git, entry, [*sides, *_answers(people, path)], beside)
            if why:
                work.unmerged[path] = _conflict(path, before[path], entry)
                work.notes[path] = f"{show_path(path)}: {why}"
    people.decide(work)
    if work.unmerged:
        return Settled(decisions=tuple(work.decisions), log=left_over(work), stop=stop_at(work))
    wanted = write_tree(git, tree, work.wanted) if work.wanted else None
    return Settled(
        decisions=tuple(work.decisions), log=tuple(work.log), proceed=Proceed(tree=wanted)
    )


def _manifests(git: Git, tree: str) -> dict[bytes, Entry]:
    """Return the go.mod files of a tree that are not vendored."""
    return {
        path: entry
        for path, entry in list_tree(git, tree).items()
        if path.rpartition(b"/")[2] == MANIFEST
        and b"vendor" not in path.split(b"/")
        and entry.is_file
    }


def _workspaces(git: Git, tree: str) -> list[bytes]:
    """Return the folders, with a slash, that have a go.work; the top is ""."""
    names = (path.rpartition(b"/") for path in list_tree(git, tree))
    return [folder + slash for folder, slash, name in names if name == WORKSPACE]


def _beside(
    path: bytes, workspaces: Sequence[bytes], written: Sequence[Mapping[bytes, Entry]]
) -> set[Entry]:
    """Return what people wrote in other modules of a module's workspace."""
    own = [folder for folder in workspaces if path.startswith(folder)]
    return {
        entry
        for manifests in written
        for other, entry in manifests.items()
        if any(other.startswith(folder) for folder in own)
    }


def _answers(people: People, path: bytes) -> Iterator[Entry]:
    """Yield what people made of a path in conflict pull requests."""
    for one in people.answered:
        answers = one.resolution.answers.get(path, {})
        changes = (it.after for it in one.resolution.changes if it.path == path)
        yield from (it for it in (*answers.values(), *changes) if it is not None and it.is_file)


def _raised(git: Git, tidied: Entry, written: Sequence[Entry], beside: Collection[Entry]) -> str:
    """Return what nobody chose, as Markdown; "" where there is nothing.

    Args:
        git: the trusted clone.
        tidied: what the tool left of a go.mod.
        written: what people wrote at its path.
        beside: what they wrote in other modules of its workspace.

    Raises:
        GitError: an object is missing.
    """
    try:
        file = _read(git, tidied)
        own = [_read(git, it) for it in written]
        found = find_raised(file, own)
        if beside:
            others = [_read(git, it) for it in beside]
            high = {it.what for it in find_raised(file, [*own, *others])}
            found = [it for it in found if it.what in high]
    except Unclear as error:
        return f"what `go mod tidy` made of it cannot be judged: {code(str(error))}. {_HOW}"
    shown = ", ".join(code(str(it)) for it in found[:_MOST_RAISED])
    more = f" and {len(found) - _MOST_RAISED} more" if len(found) > _MOST_RAISED else ""
    return f"`go mod tidy` chose what nobody wrote anywhere: {shown}{more}. {_HOW}" if found else ""


_HOW = (
    "Downstream's side is the file before that, upstream's the file after it. Take upstream's if that is"
    " fine, or require the versions that you want."
)


def _read(git: Git, entry: Entry) -> ModuleFile:
    ((_, content),) = read_blobs(git, [entry.id])
    return read_module_file(content)


def _conflict(path: bytes, before: Entry, after: Entry) -> Logical:
    conflict = ConflictPath(
        path=path,
        ancestor=before,
        downstream={path: before},
        upstream={path: after},
        names=(path,),
        kind=Kind.RAISED,
    )
    return Logical(path=conflict, raw=frozenset([path]))
