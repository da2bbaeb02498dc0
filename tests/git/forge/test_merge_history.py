"""Checks remotely whether a merge kept upstream's history."""

from pathlib import Path

import pytest

from resync_argo.forge.merge_history import keeps_history
from resync_argo.git import Remote
from tests.git.merges import git, make_fork, merge


@pytest.mark.parametrize(
    ("method", "kept"), [("merge", True), ("squash", False), ("rebase", False)]
)
def test_only_a_merge_commit_keeps_the_releases_history(
    tmp_path: Path, method: str, *, kept: bool
) -> None:
    upstream, downstream = tmp_path / "up", tmp_path / "fork/project"
    upstream.mkdir()
    git(upstream, "init", "-q", "-b", "main")
    git(upstream, "commit", "-q", "--allow-empty", "-m", "First")
    make_fork(upstream, downstream)
    release = git(upstream, "rev-parse", "v1.0.1")

    merged = merge(downstream, method)

    assert keeps_history(Remote(url=f"file://{downstream}"), merged, {release}) is kept
