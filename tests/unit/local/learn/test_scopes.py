"""The possible scopes of a rule that matches a path."""

import pytest

from resync_argo.local.learn.scopes import scopes_of


def pathspecs(path: bytes) -> list[str]:
    return [it.pathspec for it in sorted(scopes_of(path))]


def test_source_is_known_by_path_and_folder_only() -> None:
    assert pathspecs(b"pkg/api/x.go") == ["pkg/api/x.go", "pkg/api/**", "pkg/**"]


def test_other_files_also_have_a_class() -> None:
    found = ["docs/a.md", "docs/**", "**/a.md", "**/*.md"]
    assert pathspecs(b"docs/a.md") == found
    assert pathspecs(b"VERSION") == ["VERSION", "**/VERSION"]
    assert pathspecs(b".gitignore") == [".gitignore", "**/.gitignore"]


def test_a_file_that_names_approvers_is_not_part_of_a_folder() -> None:
    assert pathspecs(b"pkg/OWNERS") == ["pkg/OWNERS", "**/OWNERS"]


@pytest.mark.parametrize(
    "name", [b"a*.md", b"[x].txt", b":(top)x", b"\xff.md", b"a\nb", b" a", b"!a"]
)
def test_a_name_with_special_characters_is_left_to_people(name: bytes) -> None:
    assert pathspecs(name) == []
