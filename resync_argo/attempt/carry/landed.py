"""Finds the carried commits that upstream has, and those that revert each other."""

import re
from collections.abc import Iterator, Mapping, Sequence

from resync_argo.attempt.carry.patches import backwards, patches_of, twins
from resync_argo.attempt.carry.picking import pick
from resync_argo.attempt.carry.policy import Carried, Facts, is_undo
from resync_argo.attempt.carry.rounds import Round
from resync_argo.attempt.carry.subject import read_subject
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.repository.step_objects import descends_from
from resync_argo.conflicts.quoting import unquote
from resync_argo.git import Git

MAX_UPSTREAM = 20_000
"""How many upstream commits to compare patches with."""

_AT_ONCE = 200
_WORDS = 500_000
"""Bytes of arguments: far below the 2 MiB that Linux usually allows."""

_QUOTED = re.compile(r'Revert "(.*)"\Z', re.S)
_MERGED = re.compile(r"\AMerge pull request #(\d{1,9}) |\(#(\d{1,9})\)\s*\Z")
_REVERTED = re.compile(
    r"This reverts commit ([0-9a-f]{40,64})|^Reverts \S{0,200}#(\d{1,9})\b", re.M
)


def find_facts(
    git: Git,
    span: Round,
    commits: Sequence[Carried],
    *,
    prefixes: Sequence[str],
    beside: Mapping[str, str],
    release: str,
) -> Facts:
    """Return the facts about carried commits.

    Args:
        git: a repository with both histories, and the contents of `commits` and of the commits from
            `find_likely`.
        span: the rebase.
        commits: what is carried.
        prefixes: words that open the subject of a carry.
        beside: see `Facts`.
        release: what upstream's commit is called.

    Raises:
        GitError: an object is missing.
    """
    ids = [it.id for it in commits]
    patches = patches_of(git, ids)
    upstreams = patches_of(git, find_likely(git, span, ids))
    found = {read_subject(it.subject, prefixes).number for it in commits} - {None}
    numbers = _numbers(git, span.upstream, sorted(it for it in found if it is not None))
    landed = _landed(commits, patches, upstreams)
    reverts = _reverts(git, span.upstream) if numbers or landed else {}
    return Facts(
        numbers=numbers,
        taken_back=_taken_back(git, numbers, reverts),
        same=dict(_standing(git, landed, upstreams, reverts)),
        twins=dict(twins(patches)),
        inverse=tuple(_inverse(git, commits, patches)),
        unclear=frozenset(_unclear(git, span, commits, prefixes)),
        beside=beside,
        release=release,
    )


def _numbers(git: Git, upstream: str, numbers: Sequence[int]) -> dict[int, str]:
    """Return upstream's commits that merged pull requests, as GitHub writes their subjects."""
    found: dict[int, str] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        any_of = "|".join(map(str, numbers[start : start + _AT_ONCE]))
        wanted = (
            f"--grep=^Merge pull request #({any_of}) ",
            f"--grep=\\(#({any_of})\\)[[:space:]]*$",
        )
        log = ("log", "-E", *wanted, "--format=%H %s", upstream, "--")
        for line in git.text(*log).splitlines():
            commit, _, subject = line.partition(" ")
            number = _MERGED.search(subject)
            if number is not None:
                found.setdefault(int(number[1] or number[2]), commit)
    return {number: commit for number, commit in found.items() if number in numbers}


def find_likely(git: Git, span: Round, commits: Sequence[str]) -> list[str]:
    """Return upstream's commits that change the same files as a carried one: any may be the same patch.

    Args:
        git: a repository with both histories; no contents are read.
        span: the rebase.
        commits: what is carried.

    Raises:
        GitError: a commit is missing.
    """
    if not commits:
        return []
    # Not `-z`: git then quotes anything that could look like the start of a new commit.
    names = (
        *("-c", "core.quotePath=true", "--literal-pathspecs", "log", "--no-renames"),
        *("--no-merges", "--name-only", "--format=%x01%H"),
    )
    stdin = "".join(f"{it}\n" for it in commits).encode()
    wanted = set(_changes(git.run(*names, "--no-walk", "--stdin", stdin=stdin)).values())
    paths = sorted({unquote(name) for changed in wanted for name in changed})
    if not paths:
        return []
    # The same patch changes the same files, so read only commits that do.
    few = paths if sum(map(len, paths)) < _WORDS else ()
    new = span.compared or (span.upstream, f"^{span.head}")
    span_of = (f"--max-count={MAX_UPSTREAM}", "--full-diff", *new, "--")
    changes = _changes(git.run(*names, *span_of, *few))
    return [commit for commit, changed in changes.items() if changed and changed in wanted]


def _reverts(git: Git, upstream: str) -> dict[str, list[str]]:
    """Return upstream's commits whose message says that they revert something, by its id or `#number`."""
    grep = ("--grep=This reverts commit ", "--grep=Reverts ")
    log = ("log", "-z", "-F", *grep, "--format=%H%n%B", upstream, "--")
    found: dict[str, list[str]] = {}
    for entry in git.text(*log).split("\0"):
        commit, _, message = entry.partition("\n")
        for reverted, number in _REVERTED.findall(message):
            found.setdefault(reverted or f"#{number}", []).append(commit)
    return found


def _taken_back(
    git: Git, numbers: Mapping[int, str], reverts: Mapping[str, Sequence[str]]
) -> dict[int, str]:
    """Return, by number, upstream's commits that revert one of some pull requests or a commit of it."""
    found: dict[int, str] = {}
    for number, commit in numbers.items():
        names = (f"#{number}", *_brought(git, commit)) if reverts else ()
        by = [one for name in names for one in reverts.get(name, ())]
        found |= {number: by[0]} if by else {}
    return found


def _brought(git: Git, commit: str) -> list[str]:
    """Return a commit and, if it is a merge, those that it brought."""
    first, *others = git.text("log", "--max-count=1", "--format=%P", commit, "--").split() or [""]
    if not others:
        return [commit]
    span = (f"--max-count={_AT_ONCE}", *others, f"^{first}", "--")
    return [commit, *git.text("rev-list", *span).split()]


def _landed(
    commits: Sequence[Carried], patches: Mapping[str, str], upstreams: Mapping[str, str]
) -> list[tuple[Carried, list[str]]]:
    """Return the carried commits whose exact patch upstream has, each with upstream's commits."""
    by_patch: dict[str, list[str]] = {}
    for commit, patch in upstreams.items():
        by_patch.setdefault(patch, []).append(commit)
    pairs = ((one, by_patch.get(patches.get(one.id, ""), [])) for one in commits)
    return [(one, found) for one, found in pairs if found]


def _standing(
    git: Git,
    landed: Sequence[tuple[Carried, Sequence[str]]],
    upstreams: Mapping[str, str],
    reverts: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, str]]:
    """Yield carried commits with upstream's same patch, unless a later upstream commit reverted it."""
    for one, found in landed:
        undoing = backwards(git, one)
        undone = [it for it, patch in upstreams.items() if patch == undoing]
        for commit in found:
            after = (*undone, *reverts.get(commit, ()))
            taken_back = any(descends_from(git, it, commit) for it in after)
            if not taken_back and not _is_elsewhere(git, one, commit):
                yield one.id, commit


def _is_elsewhere(git: Git, one: Carried, commit: str) -> bool:
    """Return whether upstream changed another place in the file with the same surrounding lines."""
    tree = git.text("rev-parse", f"{commit}^{{tree}}")
    # Without rename detection, git reads only the files of the patch.
    picked = pick(git, tree, one, MergeOptions(settings={"merge.renames": "false"}))
    return not picked.conflicts and picked.tree != tree


def _changes(output: bytes) -> dict[str, frozenset[str]]:
    """Return the quoted names of the files that each commit changes."""
    entries = output.decode("ascii", "replace").split("\1")[1:]
    lines = (entry.splitlines() for entry in entries)
    return {commit: frozenset(it for it in names if it) for commit, *names in lines}


def _inverse(
    git: Git, commits: Sequence[Carried], patches: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield each carried commit with a later one that claims to revert it and does exactly that."""
    used: set[str] = set()
    # Newest first: reverting a revert keeps the first commit as it is.
    for number, one in reversed(list(enumerate(commits))):
        if one.id in used:
            continue
        said = (it for it in reversed(commits[:number]) if one.may_revert(it))
        first = next((it for it in said if it.id not in used), None)
        if first is not None and _undoes(git, one, first, patches):
            used |= {first.id, one.id}
            yield first.id, one.id


def _undoes(git: Git, one: Carried, first: Carried, patches: Mapping[str, str]) -> bool:
    return one.id in patches and backwards(git, first) == patches[one.id]


def _unclear(
    git: Git, span: Round, commits: Sequence[Carried], prefixes: Sequence[str]
) -> Iterator[str]:
    """Yield reverts of commits that are neither upstream's own, nor the whole last rebase, nor a revert of that."""
    undoing = [it for it in commits if is_undo(it, read_subject(it.subject, prefixes).kind)]
    titles = _titles(git, span) if undoing else {}
    clear: list[Carried] = []
    for one in undoing:
        found = _reverted(git, one, titles)
        is_clear = any(one.may_revert(it) for it in clear) or (
            bool(found)
            and all(_is_upstreams(git, span, it) or _is_rebase(git, span, it) for it in found)
        )
        if is_clear:
            clear.append(one)
        else:
            yield one.id


def _reverted(git: Git, one: Carried, titles: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Return the commits that a revert names, by id or by a pull request's title."""
    if one.reverts is not None:
        done = git.attempt("rev-parse", "--verify", "--quiet", f"{one.reverts}^{{commit}}")
        return done.stdout.decode().split()
    quoted = _QUOTED.search(one.subject)
    return titles.get(quoted[1], ()) if quoted and not one.says_revert else ()


def _titles(git: Git, span: Round) -> dict[str, list[str]]:
    """Return the fork's merges by the title of the pull request, which GitHub writes below the subject."""
    form = "--format=%H%x00%s%x00%b%x00"
    fields = iter(git.text("log", "--merges", form, *span.span, "--").split("\0"))
    found: dict[str, list[str]] = {}
    for commit, subject, body in zip(fields, fields, fields, strict=False):
        for title in {subject, body.strip().partition("\n")[0]}:
            found.setdefault(title, []).append(commit.strip())
    return found


def _is_upstreams(git: Git, span: Round, commit: str) -> bool:
    known = (span.upstream, *span.since[1:])
    return any(descends_from(git, it, commit) for it in known)


def _is_rebase(git: Git, span: Round, commit: str) -> bool:
    """Return whether a merge brought the last rebase."""
    parents = git.text("log", "--max-count=1", "--format=%P", commit, "--").split()
    if span.last is None or len(parents) < len(("first", "second")):
        return False
    return not descends_from(git, parents[0], span.last) and descends_from(
        git, parents[1], span.last
    )
