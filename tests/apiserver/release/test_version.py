"""A new version is set everywhere, and the changelog has its section."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.apiserver.release.conftest import Checkout, git
from tests.release.programs import ReleaseError
from tests.release.version import PLACES, current_version, set_version

DAY = datetime(2027, 3, 4, tzinfo=UTC)


def test_one_commit_sets_it_in_every_file(checkout: Checkout) -> None:
    folder = checkout("new-version")
    old = current_version(folder)

    list(set_version(folder, "7.8.9", today=DAY))

    assert current_version(folder) == "7.8.9"
    for file in PLACES:
        text = (folder / file).read_text()
        assert "7.8.9" in text
        assert not re.search(rf"(resync-argo:|newTag: |ersion__? = \"){re.escape(old)}\b", text)
    assert git(folder, "log", "-1", "--format=%s").strip() == "Release 7.8.9"
    assert git(folder, "status", "--porcelain") == ""


def test_the_changelog_has_its_section_and_an_empty_one_for_the_next(checkout: Checkout) -> None:
    folder = checkout("changelog")
    changes = (folder / "CHANGELOG.md").read_text().split("## Unreleased\n")[1].split("\n## ")[0]

    list(set_version(folder, "7.8.9", today=DAY))

    text = (folder / "CHANGELOG.md").read_text()
    assert f"## Unreleased\n\n## 7.8.9 - 2027-03-04\n{changes}" in text


def test_the_present_version_changes_nothing(project: Path) -> None:
    before = git(project, "rev-parse", "HEAD")

    list(set_version(project, current_version(project)))

    assert git(project, "rev-parse", "HEAD") == before


@pytest.mark.parametrize(
    ("version", "said"),
    [("v1.0.0", "not a version"), ("1.0", "not a version"), ("0.0.1", "older than")],
)
def test_a_version_that_cannot_follow_is_refused(project: Path, version: str, said: str) -> None:
    with pytest.raises(ReleaseError, match=said):
        list(set_version(project, version))

    assert git(project, "status", "--porcelain") == ""


def test_nothing_is_released_without_a_line_in_the_changelog(checkout: Checkout) -> None:
    folder = checkout("unsaid")
    list(set_version(folder, "7.8.9", today=DAY))

    with pytest.raises(ReleaseError, match="say what changed"):
        list(set_version(folder, "7.9.0", today=DAY))

    assert current_version(folder) == "7.8.9"


def test_uncommitted_work_is_not_swept_into_the_commit(checkout: Checkout) -> None:
    folder = checkout("half-done")
    (folder / "README.md").write_text("half done")

    with pytest.raises(ReleaseError, match=r"README\.md"):
        list(set_version(folder, "7.8.9"))

    assert (folder / "README.md").read_text() == "half done"
