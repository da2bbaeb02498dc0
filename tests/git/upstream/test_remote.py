"""The newest commits of an upstream's branches are read from a real repository."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from resync_argo.errors import Stalled
from resync_argo.git import Git, Remote
from resync_argo.upstream.remote import list_heads, look_at_branch
from tests.git.repositories import Repository


@pytest.fixture
def upstream(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "upstream")
    for branch in ("main", "release-1.9", "release-1.10", "release-1.11-fix"):
        repository.commit(branch, {"file": f"{branch}\n"}, message=branch)
    return repository


def remote(upstream: Repository) -> Remote:
    return Remote(url=str(upstream.path))


def test_one_listing_answers_names_and_patterns(upstream: Repository, tmp_path: Path) -> None:
    wanted = ["main", "release-*", "trunk"]

    heads = list_heads(Git(directory=tmp_path), remote(upstream), wanted)

    assert {name: head.branch for name, head in heads.items()} == {
        "main": "main",
        "release-*": "release-1.10",
    }
    assert heads["release-*"].commit == upstream.tip("release-1.10")
    assert list_heads(Git(directory=tmp_path), Remote(url="/nowhere"), []) == {}


def test_a_tip_has_the_time_of_its_commit(upstream: Repository, tmp_path: Path) -> None:
    tip = look_at_branch(Git(directory=tmp_path), remote(upstream), "main")

    seconds = int(upstream.git("log", "-1", "--format=%ct", "main"))
    assert tip.commit == upstream.tip("main")
    assert tip.time == datetime.fromtimestamp(seconds, UTC)


def test_a_missing_branch_is_reported(upstream: Repository, tmp_path: Path) -> None:
    with pytest.raises(Stalled, match="no branch `stable-\\*`") as refused:
        look_at_branch(Git(directory=tmp_path), remote(upstream), "stable-*")

    assert refused.value.reason == "BranchNotFound"
