"""The trusted clone: a bare repository with what a sync can need, fetched as sparingly as can be.

`checkout` calls `clone` and then, knowing both ends, `fetch_contents`. The clone is partial
(git's "Partial Clone"): all commits and trees, and of the file contents only those that the steps may
read, in a few batches before the first one runs: what a merge reads, and for a Plan that works on
single commits (`Contract.reads_commits`) what each of the branch's own commits changed. Afterwards
nothing has to be fetched, so steps need no credentials. `config.clone: Full` fetches everything.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.step_objects import has_commit
from resync_argo.attempt.repository.upstream_release import reachable
from resync_argo.errors import Stalled
from resync_argo.git import DISPOSABLE, Git, Remote
from resync_argo.hosts.refusals import explained
from resync_argo.reasons.turn import NOT_A_COMMIT
from resync_argo.upstream.git_tags import GitTag

BATCH = 10_000
"""Objects asked for in one request."""

PUSH = "push"
"""Name of the remote that results go to: downstream's fork, or downstream again."""

_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "--stdin")


def clone(attempt: Attempt, wanted: GitTag, tags: Iterable[GitTag]) -> str:
    """Make the trusted clone with the downstream branch, the tag, and the tags that it builds on.

    Returns:
        The commit of the downstream branch.

    Raises:
        Stalled: the repository, the branch or a permission is missing; the reason says which.
        Transient: a host cannot be reached.
    """
    attempt.layout.repository.mkdir(parents=True, exist_ok=True)
    make_repository(attempt)
    git = attempt.repository
    branch = f"refs/heads/{attempt.contract.config.downstream.branch}"
    fetch(attempt, "downstream", [f"+{branch}:{branch}"])
    fetch(attempt, "upstream", [f"+{wanted.ref}:{wanted.ref}"])
    if git.attempt("cat-file", "-t", wanted.commit).stdout.strip() != b"commit":
        raise Stalled(
            NOT_A_COMMIT,
            f"Upstream's tag {wanted.name} does not name a commit, so there is nothing to merge:"
            " leave this release out.",
        )
    history = reachable(git, wanted.commit)
    inner = [tag for tag in tags if tag != wanted and tag.commit.encode() in history]
    if inner:
        fetch(attempt, "upstream", [f"+{tag.ref}:{tag.ref}" for tag in inner])
    return git.text("rev-parse", "--verify", branch)


def make_repository(attempt: Attempt, settings: Mapping[str, str] = DISPOSABLE) -> None:
    """Make the repository in its folder and say where it fetches from; making it again is harmless."""
    attempt.repository.run("init", "--quiet", "--bare", "--template=", ".")
    _configure(attempt, settings)


def fetch(attempt: Attempt, name: str, refspecs: Sequence[str]) -> None:
    """Fetch refs from the remote `downstream`, `upstream` or `push`.

    Raises:
        Stalled: the repository, what is wanted of it, or a permission is missing.
        Transient: the host cannot be reached.
    """
    _fetch(attempt, name, refspecs)


def fetch_objects(attempt: Attempt, name: str, ids: Sequence[str]) -> None:
    """Fetch objects by id from the remote `downstream`, `upstream` or `push`.

    Raises:
        Stalled: the repository, an object, or a permission is missing.
        Transient: the host cannot be reached.
    """
    for start in range(0, len(ids), BATCH):
        # The other side must not take contents for granted because we have their commits.
        _fetch(attempt, name, ids[start : start + BATCH], "-c", "fetch.negotiationAlgorithm=noop")


def _fetch(attempt: Attempt, name: str, wants: Sequence[str], *settings: str) -> None:
    remote = _remotes(attempt)[name]
    partial = [] if _is_full(attempt) else ["--filter=blob:none"]
    stdin = "".join(f"{want}\n" for want in wants).encode()
    with explained(remote, wants[0]):
        attempt.repository.run(*settings, *_FETCH, *partial, name, stdin=stdin, remote=remote)


def fetch_contents(attempt: Attempt, head: str, tag: str) -> tuple[str, ...]:
    """Fetch the file contents that steps may read.

    These are: all files of head, tag and their merge bases; all that changed between the merge bases
    and the tag, which a push sends; and between the merge bases and head for a Plan that needs it.

    Returns:
        The merge bases of head and tag.
    """
    git = attempt.repository
    bases = _merge_bases(git, head, tag)
    if not _is_full(attempt):
        known = [f"^{base}" for base in bases]
        own = [head, *known] if attempt.contract.reads_commits else []
        _fetch_missing(attempt, "downstream", [head, *_closure(git, bases)], own)
        # All files of the bases are here now, and with them what the tag has in common with them.
        _fetch_missing(attempt, "upstream", [], [tag, *known])
    return bases


def fetch_for_push(attempt: Attempt, commit: str, known: Iterable[str]) -> None:
    """Fetch the file contents that a push must send to a repository which knows only some commits.

    Args:
        attempt: whose clone.
        commit: what is pushed.
        known: commits that the other repository has; ones that we do not have tell us nothing.
    """
    ours = [one for one in known if has_commit(attempt.repository, one)]
    if not _is_full(attempt):
        _fetch_missing(attempt, "downstream", [], [commit, *(f"^{one}" for one in ours)])


def _fetch_missing(
    attempt: Attempt, name: str, snapshots: Sequence[str], span: Sequence[str]
) -> None:
    git = attempt.repository
    missing = _missing(git, span) if span else set()
    if snapshots:
        missing |= _missing(git, snapshots, "--no-walk=unsorted")
    fetch_objects(attempt, name, sorted(missing))


def _missing(git: Git, revisions: Sequence[str], *options: str) -> set[str]:
    stdin = "".join(f"{revision}\n" for revision in revisions).encode()
    listing = git.run(
        *("rev-list", "--objects", "--missing=print", "--quiet", *options, "--stdin"), stdin=stdin
    )
    return {line[1:] for line in listing.decode().split() if line.startswith("?")}


def _merge_bases(git: Git, one: str, other: str) -> tuple[str, ...]:
    # Exit code 1 means that there is none: the histories are unrelated.
    return tuple(git.attempt("merge-base", "--all", one, other).stdout.decode().split())


def _closure(git: Git, bases: Sequence[str]) -> list[str]:
    """Return the bases with the bases of several bases, which a recursive merge merges first."""
    found = list(bases)
    layer = list(bases)
    while len(layer) > 1:
        pairs = pairwise(layer)
        layer = sorted({base for pair in pairs for base in _merge_bases(git, *pair)} - set(found))
        found += layer
    return found


def _configure(attempt: Attempt, own: Mapping[str, str]) -> None:
    settings = dict(own)
    for name, remote in _remotes(attempt).items():
        settings[f"remote.{name}.url"] = remote.url
        if not _is_full(attempt):
            settings[f"remote.{name}.promisor"] = "true"
            settings[f"remote.{name}.partialCloneFilter"] = "blob:none"
    if not _is_full(attempt):
        settings["core.repositoryFormatVersion"] = "1"
        settings["extensions.partialClone"] = "downstream"
    attempt.repository.configure(settings)


def _remotes(attempt: Attempt) -> dict[str, Remote]:
    return {
        "downstream": attempt.downstream,
        "upstream": attempt.upstream,
        PUSH: attempt.push,
    }


def _is_full(attempt: Attempt) -> bool:
    return attempt.contract.config.clone == "Full"
