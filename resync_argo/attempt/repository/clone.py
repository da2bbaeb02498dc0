"""The trusted clone: a bare repository with everything that a sync can need, and as little else as possible.

`checkout` calls `clone` and then, knowing both ends, `fetch_contents`. The clone is partial (git's
"Partial Clone"). It has all commits and trees, but only the file contents that steps may read,
fetched in a few batches before the first step. These are what a merge reads. If the Plan works on
single commits (`Contract.reads_commits`), they include both versions of everything that each commit
changed. Afterwards nothing needs to be fetched, so steps need no credentials. `config.clone: Full`
fetches everything.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.mirror.view import MIRROR, Mirror, open_mirror, view_of
from resync_argo.attempt.repository.missing import (
    FILES,
    missing_files,
    missing_objects,
    missing_old_sides,
)
from resync_argo.attempt.repository.step_objects import has_commit
from resync_argo.attempt.repository.upstream_release import reachable
from resync_argo.errors import Stalled
from resync_argo.forge.grafts import record_refspec
from resync_argo.git import DISPOSABLE, Git, Remote
from resync_argo.hosts.refusals import explained
from resync_argo.reasons.forge import BRANCH_NOT_FOUND
from resync_argo.reasons.turn import NOT_A_COMMIT
from resync_argo.upstream.git_tags import GitTag

BATCH = 10_000
"""How many objects one request asks for."""

PUSH = "push"
"""Name of the remote to push results to: downstream's fork, or downstream itself."""

_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "--stdin")


UPSTREAM_REFS = "refs/remotes/upstream/"
"""Where a clone keeps upstream's branches."""


def clone(attempt: Attempt, wanted: GitTag, tags: Iterable[GitTag]) -> str:
    """Create the trusted clone with the downstream branch, its records, the tag, and the tags in its history.

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
    records = record_refspec(attempt.contract.config.downstream.branch)
    fetch_downstream(attempt, [f"+{branch}:{branch}", records])
    fetch(attempt, "upstream", [wanted.refspec])
    if git.attempt("cat-file", "-t", wanted.commit).stdout.strip() != b"commit":
        raise Stalled(
            NOT_A_COMMIT,
            f"Upstream's tag {wanted.name} names no commit, so there is nothing to merge, and this release"
            " is left out.",
        )
    history = reachable(git, wanted.commit)
    inner = [tag for tag in tags if tag != wanted and tag.commit.encode() in history]
    if inner:
        fetch(attempt, "upstream", [tag.refspec for tag in inner])
    if wished := attempt.contract.config.upstream.branches:
        fetch(attempt, "upstream", [f"+refs/heads/{it}:{UPSTREAM_REFS}{it}" for it in wished])
    return git.text("rev-parse", "--verify", branch)


def fetch_tag(attempt: Attempt, tag: GitTag) -> None:
    """Fetch a tag outside of the release's history, such as a patch release on another branch.

    Raises:
        Stalled: upstream does not have it any more.
        Transient: upstream cannot be reached.
    """
    if not attempt.repository.succeeds("rev-parse", "--verify", "--quiet", tag.ref):
        fetch(attempt, "upstream", [f"+{tag.ref}:{tag.ref}"])


def make_repository(attempt: Attempt, settings: Mapping[str, str] = DISPOSABLE) -> None:
    """Create the repository in its folder and configure its remotes; repeating this is harmless."""
    attempt.repository.run("init", "--quiet", "--bare", "--template=", ".")
    _configure(attempt, settings)


def fetch(attempt: Attempt, name: str, refspecs: Sequence[str]) -> None:
    """Fetch refs from the remote `downstream`, `upstream` or `push`.

    Raises:
        Stalled: the repository, a wanted object, or a permission is missing.
        Transient: the host cannot be reached.
    """
    _fetch(attempt, name, refspecs)


def fetch_downstream(attempt: Attempt, refspecs: Sequence[str]) -> None:
    """Fetch the downstream branch and its refs.

    Raises:
        Stalled: the repository, the branch or a permission is missing; for the branch, the error
            names the Plan's field.
        Transient: the host cannot be reached.
    """
    try:
        fetch(attempt, "downstream", refspecs)
    except Stalled as error:
        if error.reason != BRANCH_NOT_FOUND:
            raise
        downstream = attempt.contract.config.downstream
        raise Stalled(
            error.reason,
            f"{downstream.name} has no branch `{downstream.branch}`: create it, or correct"
            " `config.downstream.branch` in the Plan.",
        ) from error


def fetch_objects(attempt: Attempt, name: str, ids: Sequence[str]) -> None:
    """Fetch objects by id from the remote `downstream`, `upstream` or `push`.

    Raises:
        Stalled: the repository, an object, or a permission is missing.
        Transient: the host cannot be reached.
    """
    for start in range(0, len(ids), BATCH):
        # The remote must not assume that we have contents because we have their commits.
        _fetch(attempt, name, ids[start : start + BATCH], "-c", "fetch.negotiationAlgorithm=noop")


def fetch_changed(attempt: Attempt, name: str, commits: Iterable[str]) -> None:
    """Fetch both versions of everything that single commits changed, from `downstream` or `upstream`.

    Raises:
        Stalled: the repository, an object, or a permission is missing.
        Transient: the host cannot be reached.
        GitError: a commit is missing.
    """
    git = attempt.repository
    raw = ("diff-tree", "--stdin", "--root", "-r", "--raw", "--no-abbrev", "--no-renames")
    listing = git.run(*raw, stdin="".join(f"{it}\n" for it in commits).encode()).splitlines()
    changes = (line[1:].split()[:4] for line in listing if line.startswith(b":"))
    sides = (side for it in changes for side in ((it[0], it[2]), (it[1], it[3])))
    files = {oid.decode() for mode, oid in sides if mode in FILES}
    if not _is_full(attempt):
        fetch_objects(attempt, name, sorted(missing_files(git, files)))


def _fetch(attempt: Attempt, name: str, wants: Sequence[str], *settings: str) -> None:
    remote = _remotes(attempt)[name]
    partial = [] if _is_full(attempt) else ["--filter=blob:none"]
    stdin = "".join(f"{want}\n" for want in wants).encode()
    command = (*settings, *_FETCH, *partial)
    mirror = Mirror.of(attempt)
    with explained(remote, wants[0]):
        if mirror is None or not mirror.fetch(command, name, wants, remote):
            attempt.published.run(*command, name, stdin=stdin, remote=remote)


def fetch_contents(attempt: Attempt, head: str, tag: str) -> None:
    """Fetch the file contents that steps may read.

    These are: all files of head, tag and their merge bases; everything that changed between the
    merge bases and the tag, since a push sends it; and for a Plan that needs it, everything that
    changed between the merge bases and head, and the parents' files of each commit on either side.
    """
    if _is_full(attempt):
        return
    git, published = attempt.repository, attempt.published
    bases = merge_bases(git, head, tag)
    # A push sends everything that downstream lacks, and a graft does not change that.
    shared = merge_bases(published, head, tag)
    known = [f"^{base}" for base in shared]
    reads_commits = attempt.contract.reads_commits
    own = [head, *known] if reads_commits else []
    _fetch_missing(attempt, "downstream", [head, *_closure(published, shared)], own)
    # The tag's own files are fetched separately: for a range, git leaves out files of any commit at
    # its edge. One edge older than the bases may have a file that none of the bases has.
    snapshots = [tag, *sorted({*_closure(git, bases)} - {*shared})]
    _fetch_missing(attempt, "upstream", snapshots, [tag, *known])
    if reads_commits:
        for name, tip in (("downstream", head), ("upstream", tag)):
            fetch_objects(attempt, name, sorted(missing_old_sides(published, [tip, *known])))


def fetch_beside(attempt: Attempt, name: str, head: str, commits: Iterable[str]) -> None:
    """Fetch the file contents that steps may read to merge other commits into a branch, or to pick them one by one.

    Args:
        attempt: whose clone; it has the commits.
        name: the remote that has all their contents, `downstream` or `push`.
        head: the branch's commit.
        commits: such as the heads of pull requests.
    """
    if _is_full(attempt):
        return
    git = attempt.published
    for commit in commits:
        bases = _closure(git, merge_bases(git, head, commit))
        _fetch_missing(attempt, name, [commit, *bases], [commit, f"^{head}"])
        fetch_objects(attempt, name, sorted(missing_old_sides(git, [commit, f"^{head}"])))


def fetch_for_push(attempt: Attempt, commit: str, known: Iterable[str]) -> None:
    """Fetch the file contents that a push must send to a repository which knows only some commits.

    Args:
        attempt: whose clone.
        commit: the one to push.
        known: commits that the other repository has; any that are missing here are ignored.
    """
    ours = [one for one in known if has_commit(attempt.repository, one)]
    if not _is_full(attempt):
        _fetch_missing(attempt, "downstream", [], [commit, *(f"^{one}" for one in ours)])


def _fetch_missing(
    attempt: Attempt, name: str, snapshots: Sequence[str], span: Sequence[str]
) -> None:
    git = attempt.published
    missing = missing_objects(git, span) if span else set()
    if snapshots:
        missing |= missing_objects(git, snapshots, "--no-walk=unsorted")
    fetch_objects(attempt, name, sorted(missing))


def merge_bases(git: Git, one: str, other: str) -> tuple[str, ...]:
    """Return the best common ancestors of two commits; none for unrelated histories."""
    # Exit code 1 means that there are none.
    return tuple(git.attempt("merge-base", "--all", one, other).stdout.decode().split())


def _closure(git: Git, bases: Sequence[str]) -> list[str]:
    """Return the bases, including bases of several bases, which a recursive merge merges first.

    Git merges one after the other into the result so far, so any two of them may need a base.
    """
    found = list(bases)
    layer = list(bases)
    while len(layer) > 1:
        pairs = combinations(layer, 2)
        layer = sorted({base for pair in pairs for base in merge_bases(git, *pair)} - set(found))
        found += layer
    return found


def _configure(attempt: Attempt, own: Mapping[str, str]) -> None:
    remotes = {name: remote.url for name, remote in _remotes(attempt).items()}
    if attempt.layout.mirror is not None:
        open_mirror(attempt, _settings(attempt, remotes))
        remotes[MIRROR] = str(view_of(attempt))
    attempt.repository.configure({**own, **_settings(attempt, remotes)})


def _settings(attempt: Attempt, remotes: Mapping[str, str]) -> dict[str, str]:
    """Return a repository's settings for its remotes, by their names."""
    settings = {}
    for name, url in remotes.items():
        settings[f"remote.{name}.url"] = url
        if not _is_full(attempt):
            settings[f"remote.{name}.promisor"] = "true"
            settings[f"remote.{name}.partialCloneFilter"] = "blob:none"
    if not _is_full(attempt):
        settings["core.repositoryFormatVersion"] = "1"
        settings["extensions.partialClone"] = "downstream"
    return settings


def _remotes(attempt: Attempt) -> dict[str, Remote]:
    return {
        "downstream": attempt.downstream,
        "upstream": attempt.upstream,
        PUSH: attempt.push,
    }


def _is_full(attempt: Attempt) -> bool:
    return attempt.contract.config.clone == "Full"
