"""The generated repositories are the same each time; one release merges cleanly, the other conflicts."""

import subprocess
from pathlib import Path

import pytest

from tests.bench.growth.history import CLEAN, COLLISIONS, CONFLICTING, EARLIER, Shape, pair_of
from tests.git.builders import BRANCH
from tests.git.repositories import Repository, git

SHAPE = Shape(files=60, commits=300)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small pair."""
    return pair_of(SHAPE, tmp_path_factory.mktemp("cache"))


def refs(folder: Path) -> list[str]:
    """Return the refs of both sides, with what they point to."""
    return [
        Repository(folder / side / "project").git("for-each-ref")
        for side in ("upstream", "downstream")
    ]


def test_a_pair_is_the_same_each_time(pair: Path, tmp_path: Path) -> None:
    assert refs(pair_of(SHAPE, tmp_path)) == refs(pair)


def test_a_pair_is_made_once(pair: Path) -> None:
    before = pair.stat().st_ctime_ns

    assert pair_of(SHAPE, pair.parent) == pair
    assert pair.stat().st_ctime_ns == before


def test_a_pair_has_the_requested_size(pair: Path) -> None:
    upstream = Repository(pair / "upstream" / "project")

    assert upstream.git("rev-list", "--count", "main") == str(SHAPE.commits)
    assert len(upstream.git("ls-tree", "-r", "--name-only", "main").splitlines()) == SHAPE.files


@pytest.mark.parametrize(("version", "in_conflict"), [(EARLIER, 0), (CLEAN, 0), (CONFLICTING, 5)])
def test_releases_merge_as_the_bench_expects(
    pair: Path, tmp_path: Path, version: str, in_conflict: int
) -> None:
    assert COLLISIONS == 5
    git(tmp_path, "clone", "--quiet", str(pair / "downstream" / "project"), "clone")
    clone = tmp_path / "clone"
    git(clone, "switch", "--quiet", BRANCH)
    git(clone, "fetch", "--quiet", str(pair / "upstream" / "project"), "tag", f"v{version}")
    subprocess.run(
        ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "merge", f"v{version}"],
        cwd=clone,
        capture_output=True,
        check=False,
    )

    assert len(git(clone, "diff", "--name-only", "--diff-filter=U").splitlines()) == in_conflict
