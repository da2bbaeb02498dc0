"""The first Plan follows from the names of tags, and repositories may be named as people name them."""

import pytest

from resync_argo.errors import UsageError
from resync_argo.local.start.survey import find_releases, repository_name
from resync_argo.upstream.git_tags import GitTag


@pytest.mark.parametrize(
    "text",
    [
        "github.com/o/n",
        "o/n",
        "https://github.com/o/n",
        "https://github.com/o/n.git",
        "git@github.com:o/n.git",
        "ssh://git@github.com/o/n",
    ],
)
def test_a_repository_is_named_in_many_ways(text: str) -> None:
    assert repository_name(text) == "github.com/o/n"


@pytest.mark.parametrize("text", ["n", "", "o/n/", "https://github.com/o", "a b/c"])
def test_anything_but_a_repository_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a repository"):
        repository_name(text)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["v1.0.0", "v1.2.0", "v1.10.0", "v2.0.0-rc.1"], ("1.10.0", "1.x", None, "Semver")),
        (["kustomize/v5.1.0", "api/v0.1.0", "kustomize/v5.2.0"], ("5.2.0", "5.x", "kustomize/v", "Semver")),
        (["2024.01", "2024.02", "nightly"], ("2024.02", "2024.x", None, "Loose")),
        (["nightly"], None),
        ([], None),
    ],
)  # fmt: skip
def test_a_way_to_read_the_tags_is_proposed(
    names: list[str], expected: tuple[str, str, str | None, str] | None
) -> None:
    found = find_releases([GitTag(name=it, commit="a" * 40) for it in names])

    told = found and (found.newest, found.range, found.prefix, found.versioning)
    assert told == expected
