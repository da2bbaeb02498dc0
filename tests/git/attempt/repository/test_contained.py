"""The last release in a branch is found in its history."""

from pathlib import Path

import pytest

from resync_argo.api.plan import Config
from resync_argo.attempt.repository.contained import last_release
from resync_argo.attempt.repository.upstream_release import reachable
from resync_argo.git import Git
from resync_argo.upstream.git_tags import GitTag
from tests.git.repositories import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "project")


def last(repository: Repository, tags: dict[str, str], **upstream: object) -> str | None:
    """Return the name of the last release in `main`."""
    config = Config.parse(
        {
            "upstream": {"name": "forge.test/up/project", "matchedVersions": ["9.x"], **upstream},
            "downstream": {"name": "forge.test/down/project", "branch": "main"},
            "image": "unused",
        }
    )
    git, head = Git(directory=repository.path), repository.tip("main") or ""
    listed = [GitTag(name=name, commit=commit) for name, commit in tags.items()]
    history = reachable(git, head)
    found = last_release(git, config, listed, head=head, history=history)
    return found.tag.name if found else None


def test_the_last_release_is_the_newest_of_any_range_in_the_branch(repository: Repository) -> None:
    one, two = (repository.commit("main", {"a": it}) for it in "12")
    repository.commit("main", {"own": "own"})
    later = repository.commit("upstream", {"a": "3"}, parents=(two,))

    assert (
        last(repository, {"v1.2.0": two, "v1.0.0": one, "v1.3.0": later, "nightly": two})
        == "v1.2.0"
    )
    assert last(repository, {"v1.3.0": later, "nightly": two}) is None


def test_of_two_branches_of_releases_the_newer_version_counts(repository: Repository) -> None:
    base = repository.commit("main", {"a": "0"})
    old = repository.commit("old", {"old": "1"}, parents=(base,))
    new = repository.commit("new", {"new": "1"}, parents=(base,))
    first = repository.commit("main", {"new": "1"}, parents=(base, new))
    repository.commit("main", {"old": "1"}, parents=(first, old))

    assert last(repository, {"v1.0.9": old, "v1.1.0": new}) == "v1.1.0"


def test_a_release_that_another_contains_is_not_the_last(repository: Repository) -> None:
    alpha, stable = (repository.commit("main", {"a": it}) for it in "12")
    repository.commit("main", {"own": "own"})

    assert last(repository, {"v1.22.0-alpha.0": alpha, "v1.21.3": stable}) == "v1.21.3"


def test_the_branch_may_be_the_release_itself(repository: Repository) -> None:
    commit = repository.commit("main", {"a": "1"})

    assert last(repository, {"v1.0.0": commit}) == "v1.0.0"


def test_names_are_parsed_by_the_plans_scheme(repository: Repository) -> None:
    one, two = (repository.commit("main", {"a": it}) for it in "12")
    tags = {"kustomize/v1.0.0": one, "v5.0.0": two}

    assert last(repository, tags, tagPrefix="kustomize/v") == "kustomize/v1.0.0"
