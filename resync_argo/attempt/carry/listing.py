"""Lists the commits that a fork has carried since its last rebase, in picking order."""

from collections.abc import Mapping, Sequence

from resync_argo.attempt.carry.policy import Carried
from resync_argo.attempt.carry.rounds import Round, trees_of
from resync_argo.attempt.repository.step_objects import descends_from
from resync_argo.errors import Stalled
from resync_argo.git import Git
from resync_argo.reasons.attempt import UNCLEAR_CARRY

MAX_CARRIES = 2_000
"""Commits of one round. Known forks carry less than a tenth; if there are more, they are most likely upstream's."""

_FIELDS = ("%H", "%P", "%T", "%ae", "%s", "%b")
_MERGES = 500
"""How many merges to check for the commits that they brought."""


def list_carried(git: Git, span: Round) -> list[Carried]:
    """Return the carried commits: first those of the last rebase's own pull request, in its order, then the rest.

    Raises:
        Stalled: reason `UnclearCarry`: there are too many.
        GitError: a commit is missing.
    """
    order = [*_introduced(git, span), *_list(git, *span.span)]
    ids = list(dict.fromkeys(order))
    if len(ids) > MAX_CARRIES:
        raise Stalled(
            UNCLEAR_CARRY,
            f"The branch has {len(ids):,} commits of its own since its last rebase, and {MAX_CARRIES:,} are carried at"
            " most: is the Plan's upstream the right one?",
        )
    described = describe(git, ids)
    return [described[it] for it in ids]


def brought_beside(git: Git, span: Round) -> dict[str, str]:
    """Return, by merge, the commits that it brought together with upstream's own, and that upstream lacks.

    They may be from another upstream branch, and then they are not downstream's patches.
    """
    log = ("log", "--merges", f"--max-count={_MERGES}", "--format=%H %P", *span.span, "--")
    lines = [line.split()[:3] for line in git.text(*log).splitlines()]
    own = [f"^{second}" for _, _, second in lines if descends_from(git, span.upstream, second)]
    others = [(merge, first, second) for merge, first, second in lines if f"^{second}" not in own]
    known = [*own, *(f"^{it}" for it in span.since)]
    found: dict[str, str] = {}
    for merge, first, second in others:
        bases = git.attempt("merge-base", "--all", second, span.upstream).stdout.decode().split()
        if bases and git.text("rev-list", "--max-count=1", *bases, f"^{first}", *known):
            brought = _list(git, second, f"^{first}", *known, f"^{span.upstream}")
            found |= dict.fromkeys(brought, merge)
    return found


def _introduced(git: Git, span: Round) -> list[str]:
    """Return the commits from the last rebase's pull request."""
    if span.last is None:
        return []
    log = ("log", "--reverse", "--first-parent", "--merges", "--format=%H %P", *span.span, "--")
    for line in git.text(*log).splitlines():
        merge, first, second = line.split()[:3]
        if descends_from(git, second, span.last) and not descends_from(git, first, span.last):
            return _list(git, merge, *span.span[1:], f"^{first}")
    return []


def _list(git: Git, *span: str) -> list[str]:
    return git.text("rev-list", "--reverse", "--topo-order", "--no-merges", *span, "--").split()


def describe(git: Git, ids: Sequence[str]) -> dict[str, Carried]:
    """Return commits by their ids.

    Raises:
        GitError: a commit is missing.
    """
    if not ids:
        return {}
    # Messages cannot contain NUL.
    form = f"--format={'%x00'.join(_FIELDS)}"
    stdin = "".join(f"{it}\n" for it in ids).encode()
    output = git.run("log", "-z", "--no-walk=unsorted", "--stdin", form, stdin=stdin)
    words = [it.decode(errors="replace") for it in output.split(b"\0")[:-1]]
    rows = [words[at : at + len(_FIELDS)] for at in range(0, len(words), len(_FIELDS))]
    trees = trees_of(git, [row[1].split()[0] for row in rows if row[1]])
    return {row[0]: _carried(row, trees) for row in rows}


def _carried(row: list[str], trees: Mapping[str, str]) -> Carried:
    commit, parents, tree, author, subject, body = row
    parent = parents.split()[0] if parents else None
    return Carried(
        id=commit,
        parent=parent,
        subject=subject,
        body=body,
        author=author,
        is_empty=parent is not None and trees[parent] == tree,
    )
