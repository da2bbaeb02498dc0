"""Which merges of a downstream's history count as bumps, and where their pull requests end."""

from pathlib import Path

import pytest

from resync_argo.local.history.bumps import Bump
from tests.git.repositories import Repository
from tests.history.bumps import find_bumps


@pytest.fixture
def upstream(tmp_path: Path) -> Repository:
    """Two releases, and a commit of the branch after them."""
    repository = Repository(tmp_path / "upstream")
    repository.commit("main", {"a.txt": "0\n"})
    for version in ("1.0.0", "1.1.0"):
        commit = repository.commit("main", {"a.txt": f"{version}\n"}, message=version)
        repository.tag(f"v{version}", commit)
    repository.commit("main", {"a.txt": "later\n"})
    return repository


@pytest.fixture
def downstream(tmp_path: Path, upstream: Repository) -> Repository:
    """A fork that began before the releases, with a file of its own."""
    repository = Repository(tmp_path / "downstream")
    repository.git("fetch", "--quiet", str(upstream.path), "refs/heads/main", "--tags")
    first = upstream.git("rev-list", "--max-parents=0", "main")
    repository.git("update-ref", "refs/heads/main", first)
    repository.commit("main", {"own.txt": "own\n"})
    return repository


def merge(downstream: Repository, branch: str, *parents: str, **files: str) -> str:
    named = {name.replace("_", "."): content for name, content in files.items()}
    return downstream.commit(branch, named, message="Merge", parents=parents)


def tip(repository: Repository, ref: str) -> str:
    return repository.git("rev-parse", f"{ref}^{{commit}}")


def bumps(upstream: Repository, downstream: Repository, *, branches: bool = False) -> list[Bump]:
    return find_bumps(upstream.path, downstream.path, branches=branches)


def test_a_bump_ends_with_the_last_commit_of_its_pull_request(
    upstream: Repository, downstream: Repository
) -> None:
    own = tip(downstream, "main")
    bump = merge(downstream, "work", own, tip(upstream, "v1.0.0"), a_txt="1.0.0\n")
    corrected = downstream.commit("work", {"go.sum": "tidy\n"})
    merge(downstream, "main", own, corrected, a_txt="1.0.0\n", go_sum="tidy\n")
    downstream.git("update-ref", "-d", "refs/heads/work")

    (found,) = bumps(upstream, downstream)

    assert (found.tag, found.parent, found.merge, found.end) == ("v1.0.0", own, bump, corrected)


def test_a_bump_that_went_straight_into_the_branch_ends_with_itself(
    upstream: Repository, downstream: Repository
) -> None:
    own = tip(downstream, "main")
    bump = merge(downstream, "main", own, tip(upstream, "v1.0.0"), a_txt="1.0.0\n")
    downstream.commit("main", {"own.txt": "later\n"})

    (found,) = bumps(upstream, downstream)

    assert found.end == bump


def test_a_branch_that_had_the_release_already_was_not_bumped(
    upstream: Repository, downstream: Repository
) -> None:
    release = tip(upstream, "v1.0.0")
    bump = merge(downstream, "main", tip(downstream, "main"), release, a_txt="1.0.0\n")
    merge(downstream, "main", release, bump, a_txt="1.0.0\n", own_txt="own\n")

    assert [it.merge for it in bumps(upstream, downstream)] == [bump]


def test_people_may_merge_their_branch_into_the_release(
    upstream: Repository, downstream: Repository
) -> None:
    own, release = tip(downstream, "main"), tip(upstream, "v1.1.0")
    merge(downstream, "main", release, own, own_txt="own\n")

    (found,) = bumps(upstream, downstream)

    assert (found.version, found.parent, found.tag_commit) == ("1.1.0", own, release)


def test_bumps_are_found_on_all_branches_and_each_once(
    upstream: Repository, downstream: Repository
) -> None:
    own, release = tip(downstream, "main"), tip(upstream, "v1.0.0")
    merge(downstream, "release-1", own, release, a_txt="1.0.0\n")
    merge(downstream, "release-2", own, release, a_txt="1.0.0\n")
    merge(downstream, "release-3", own, tip(upstream, "v1.1.0"), a_txt="1.1.0\n")

    assert sorted(it.tag for it in bumps(upstream, downstream)) == ["v1.0.0", "v1.1.0"]


def test_what_upstream_merged_is_no_bump(upstream: Repository, downstream: Repository) -> None:
    before, release = tip(upstream, "main"), tip(upstream, "v1.0.0")
    inherited = merge(upstream, "main", before, release, a_txt="merged\n")
    downstream.git("fetch", "--quiet", str(upstream.path), "refs/heads/main")
    downstream.git("update-ref", "refs/heads/main", inherited)
    downstream.commit("main", {"own.txt": "own\n"})

    assert bumps(upstream, downstream) == []


def test_a_merge_of_a_branch_counts_on_demand(upstream: Repository, downstream: Repository) -> None:
    own, later = tip(downstream, "main"), tip(upstream, "main")
    merge(downstream, "main", own, later, a_txt="later\n")

    assert bumps(upstream, downstream) == []
    (found,) = bumps(upstream, downstream, branches=True)
    assert found.tag_commit == later
    assert found.version.endswith(later[:12])
