"""Makes a fork and its upstream of a given size, the same each time, and keeps them in the user's cache.

Upstream releases 1.0.0, which downstream forked, and then changes a twentieth of its files in 200
commits up to 1.1.0, with 1.0.5 half way. 1.2.0 has one more commit, which conflicts in five files
that downstream changed. Directories hold twenty files each, of 14 kB as in kubernetes. Both
repositories are packed as a forge keeps them.
"""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.git.builders import BRANCH
from tests.git.repositories import Repository, git

GENERATION = 3
"""Of what is made: a change gives it a new place in the cache."""

GAP = 200
"""Upstream's commits between what downstream forked and the release that merges cleanly."""
CARRIES = 20
"""Downstream's commits, each of which changes one file of upstream's and adds one."""
COLLISIONS = 5
"""Files that both sides change in one place, and as many that both change in places apart."""
EARLIER, CLEAN, CONFLICTING = "1.0.5", "1.1.0", "1.2.0"

_VOCABULARY = 5_000
_LINES = (40, 780)
"""In a file: the mean makes files of 14 kB, as kubernetes has them."""
_START = 1_600_000_000
_PLACE = 10
"""The line at which both sides collide."""


@dataclass(frozen=True, kw_only=True, order=True)
class Shape:
    """How large a repository is: files in its tree, commits in upstream's history."""

    files: int
    commits: int

    @property
    def name(self) -> str:
        """Return its name in figures: thousands of files and of commits."""
        return f"{self.files // 1000}k_files_{self.commits // 1000}k_commits"


def cache() -> Path:
    """Return the folder for repositories that are made once."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "resync-argo" / "bench"


def pair_of(shape: Shape, kept: Path | None = None) -> Path:
    """Return a folder with the bare repositories `upstream/project` and `downstream/project`; make it if missing.

    Args:
        shape: how large they are.
        kept: the folder that holds all of them; None: the user's cache.
    """
    folder = (kept or cache()) / f"{GENERATION}-{shape.name}"
    if not folder.exists():
        made = folder.with_name(f"{folder.name}.{os.getpid()}")
        shutil.rmtree(made, ignore_errors=True)
        _make(made, shape)
        made.rename(folder)
    return folder


def _make(root: Path, shape: Shape) -> None:
    upstream = Repository(root / "upstream" / "project")
    with subprocess.Popen(
        ["git", "fast-import", "--quiet"], cwd=upstream.path, stdin=subprocess.PIPE
    ) as importing:
        assert importing.stdin is not None
        for piece in _History(shape=shape).stream():
            importing.stdin.write(piece)
    if importing.returncode:
        raise RuntimeError(f"git fast-import ended with {importing.returncode}")
    downstream = Repository(root / "downstream" / "project")
    branch = f"refs/heads/{BRANCH}"
    downstream.git("fetch", "--quiet", "--no-tags", str(upstream.path), f"{branch}:{branch}")
    downstream.git("symbolic-ref", "HEAD", branch)
    upstream.git("update-ref", "-d", branch)
    for side in (upstream, downstream):
        pack_as_forges_do(side.path)


def pack_as_forges_do(repository: Path) -> None:
    """Leave one pack with a bitmap, and a commit-graph."""
    git(repository, "repack", "-adb", "--quiet")
    git(repository, "commit-graph", "write", "--reachable", "--no-progress")
    git(repository, "pack-refs", "--all")


@dataclass(kw_only=True)
class _History:
    """Both sides, as git-fast-import reads them; marks are the numbers of commits, from 1."""

    shape: Shape
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311  nothing secret
    vocabulary: list[bytes] = field(default_factory=list)
    edited: dict[int, list[bytes]] = field(default_factory=dict)
    made: int = 0

    def stream(self) -> Iterator[bytes]:
        words = [f"{self.chance.getrandbits(40):x}" for _ in range(600)]
        self.vocabulary = [
            f"\t{' '.join(self.chance.choices(words, k=3))}\n".encode() for _ in range(_VOCABULARY)
        ]
        carried = self._carried()
        base = self.shape.commits - GAP - 1
        yield self._commit("main", None)
        for number in range(self.shape.files):
            yield from _file(_path(number), self._lines(number))
        for _ in range(base - 1):
            yield from self._change(2, set())
        fork = self.made
        yield _tag("v1.0.0", fork)
        ours = {it: list(self._lines(it)) for it in carried}
        yield from self._release(carried)
        yield _tag(f"v{CLEAN}", self.made)
        yield self._commit("main", self.made)
        for number in carried[:COLLISIONS]:
            yield from self._edit(number, _PLACE)
        yield _tag(f"v{CONFLICTING}", self.made)
        yield from self._downstream(fork, ours)

    def _carried(self) -> list[int]:
        """Return files that downstream changes, far apart."""
        return [it * (self.shape.files // CARRIES) for it in range(CARRIES)]

    def _release(self, carried: list[int]) -> Iterator[bytes]:
        """Change a twentieth of the files, and some of downstream's in other places."""
        for number in range(GAP):
            yield from self._change(max(1, self.shape.files // 20 // GAP), set(carried))
            if number < COLLISIONS:
                yield from self._edit(carried[COLLISIONS + number], -1)
            if number == GAP // 2:
                yield _tag(f"v{EARLIER}", self.made)

    def _downstream(self, fork: int, ours: dict[int, list[bytes]]) -> Iterator[bytes]:
        parent = fork
        for count, (number, lines) in enumerate(ours.items()):
            lines[_PLACE] = f"downstream's own {count}\n".encode()
            yield self._commit(BRANCH, parent)
            parent = self.made
            yield from _file(_path(number), lines)
            yield from _file(f"carried/patch{count}.go", self._lines(number))

    def _change(self, count: int, spared: set[int]) -> Iterator[bytes]:
        """Make a commit of upstream's that changes a line in each of some files."""
        yield self._commit("main", self.made)
        chosen: set[int] = set()
        while len(chosen) < count:
            number = self.chance.randrange(self.shape.files)
            if number not in spared:
                chosen.add(number)
        for number in sorted(chosen):
            yield from self._edit(number, self.chance.randrange(_PLACE))

    def _edit(self, number: int, place: int) -> Iterator[bytes]:
        lines = self.edited.setdefault(number, self._lines(number))
        lines[place] = f"upstream's {self.chance.getrandbits(64):x}\n".encode()
        yield from _file(_path(number), lines)

    def _lines(self, number: int) -> list[bytes]:
        """Return a file's present lines upstream."""
        if number in self.edited:
            return self.edited[number]
        chance = random.Random(number)  # noqa: S311 - the same contents each time, nothing secret
        return chance.choices(self.vocabulary, k=chance.randint(*_LINES))

    def _commit(self, branch: str, parent: int | None) -> bytes:
        self.made += 1
        message = f"Commit {self.made}"
        who = f"Ada <ada@example.org> {_START + self.made * 60} +0000"
        first = f"commit refs/heads/{branch}\nmark :{self.made}\ncommitter {who}\n"
        rest = f"data {len(message)}\n{message}\n" + (f"from :{parent}\n" if parent else "")
        return (first + rest).encode()


def _path(number: int) -> str:
    return f"area{number // 1000}/pkg{number // 20 % 50}/file{number % 20}.go"


def _file(path: str, lines: list[bytes]) -> Iterator[bytes]:
    text = b"".join(lines)
    yield f"M 100644 inline {path}\ndata {len(text)}\n".encode()
    yield text
    yield b"\n"


def _tag(name: str, commit: int) -> bytes:
    return f"reset refs/tags/{name}\nfrom :{commit}\n\n".encode()
