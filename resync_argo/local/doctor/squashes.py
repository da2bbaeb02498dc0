"""Finds releases that a branch has without their history, by comparing files.

The commit that brought in a release is probably the one at which most of the release's changed
files equal the release's. Trees show that, so no file has to be fetched. It is a guess, with a
number that a person can judge.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from resync_argo.git import Git
from resync_argo.upstream.eligibility import Release

MOST_RELEASES = 200
"""The newest ones; looking costs each a comparison of two trees."""

MOST_COMMITS = 20_000
"""Of the branch's own line, the newest ones."""

ENOUGH = 0.6
"""The share of a release's changed files that says that it was brought; carried patches change some."""

_LOG = (
    *("log", "--reverse", "--first-parent", "--diff-merges=first-parent", f"-{MOST_COMMITS}"),
    *("--raw", "-r", "-z", "--no-renames", "--no-abbrev", "--format=commit %H"),
)

_Files = dict[bytes, bytes]
"""Ids of contents by path; zeros for a deleted file."""


@dataclass(frozen=True, kw_only=True)
class Squash:
    """A release that a commit of the branch seems to have brought.

    Attributes:
        release: the release.
        commit: the branch's commit that seems to have brought it in.
        share: how many of the release's changed files the branch had as the release has them.
    """

    release: Release
    commit: str
    share: float


def find_squashes(git: Git, head: str, releases: Sequence[Release]) -> tuple[Squash, ...]:
    """Return the releases that seem to have been squashed into a branch, oldest first.

    Args:
        git: the clone, with the branch, the releases and all known grafts.
        head: the branch's tip.
        releases: oldest first.
    """
    history = set(git.text("rev-list", head).split())
    new = [it for it in releases if it.tag.commit not in history][-MOST_RELEASES:]
    if not new:
        return ()
    base = git.attempt("merge-base", head, new[-1].tag.commit).stdout.decode().strip()
    changed = [_changed(git, base, it.tag.commit) for it in new]
    peaks = [_Peak(files=files) for files in changed]
    for commit, files in _commits(git, base, head):
        for peak in peaks:
            peak.see(commit, files)
    found: dict[str, Squash] = {}
    for release, peak in zip(new, peaks, strict=True):
        best = found.get(peak.commit)
        # If two releases are equally similar, take the older: a record of the newer would hide
        # missing changes.
        if peak.share >= ENOUGH and (best is None or peak.share > best.share):
            found.pop(peak.commit, None)
            found[peak.commit] = Squash(release=release, commit=peak.commit, share=peak.share)
    # The dictionary is in order of versions; commits must come in the same order.
    return tuple(_in_order(git, head, list(found.values())))


@dataclass(kw_only=True)
class _Peak:
    """The commit at which the branch has most of a release's changes."""

    files: Mapping[bytes, bytes]
    commit: str = ""
    most: int = 0

    def __post_init__(self) -> None:
        self._there: set[bytes] = set()

    @property
    def share(self) -> float:
        return self.most / len(self.files) if self.files else 0.0

    def see(self, commit: str, changes: _Files) -> None:
        for path, oid in changes.items():
            wanted = self.files.get(path)
            if wanted is not None:
                (self._there.add if oid == wanted else self._there.discard)(path)
        if len(self._there) > self.most:
            self.most, self.commit = len(self._there), commit


def _changed(git: Git, base: str, tip: str) -> _Files:
    """Return what a release changed since it diverged from the branch; everything if they share no history."""
    options = ("-r", "-z", "--raw", "--no-renames", "--no-abbrev")
    start = base or git.run("hash-object", "-t", "tree", "-w", "--stdin").decode().strip()
    return next((it for _, it in _read(git.run("diff-tree", *options, start, tip))), {})


def _commits(git: Git, base: str, head: str) -> Iterator[tuple[str, _Files]]:
    return _read(git.run(*_LOG, f"{base}..{head}" if base else head, "--"))


def _read(listing: bytes) -> Iterator[tuple[str, _Files]]:
    """Yield commits and what they changed, from git's raw format (git-diff-tree, "RAW OUTPUT FORMAT")."""
    commit, files = "", _Files()
    fields = iter(listing.split(b"\0"))
    for field in fields:
        text = field.lstrip(b"\n")
        if text.startswith(b":"):
            files[next(fields)] = text.split()[3]
        elif text.startswith(b"commit "):
            if files:
                yield commit, files
            commit, files = text.split()[1].decode(), {}
    if files:
        yield commit, files


def _in_order(git: Git, head: str, found: Sequence[Squash]) -> Iterator[Squash]:
    """Yield those that the branch got in the order of the releases, oldest first."""
    line = git.text("rev-list", "--first-parent", head).split()
    place = {commit: -n for n, commit in enumerate(line)}
    newest = -len(line) - 1
    for it in found:
        if place[it.commit] > newest:
            newest = place[it.commit]
            yield it
