"""Trees and contents are read from a repository exactly, whatever their names and bytes."""

from pathlib import Path

import pytest

from resync_argo.conflicts.objects import list_tree, read_blobs, store_blobs
from resync_argo.errors import ResyncError
from resync_argo.git import Git
from tests.git.repositories import Repository

FILES = {"f": "1", "dir/f": "2", ":(top)f": "3", "*": "4", "žluť\n": "5"}
CONTENTS = [b"a\r\nb\r\n", b"", b"no line end", b"\0\xff\n\n", b"missing\n"]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def test_a_tree_lists_all_its_files_or_the_given_names(repository: Repository) -> None:
    commit, git = repository.commit("main", FILES), Git(directory=repository.path)

    everything = list_tree(git, commit)

    assert everything.keys() == {name.encode() for name in FILES}
    assert list_tree(git, commit, b"dir/f").keys() == {b"dir/f"}
    assert list_tree(git, commit, b":(top)f", b"*").keys() == {b":(top)f", b"*"}
    contents = dict(read_blobs(git, [it.id for it in everything.values()]))
    assert {path: contents[it.id].decode() for path, it in everything.items()} == {
        name.encode(): content for name, content in FILES.items()
    }


def test_contents_are_read_as_stored_whatever_the_repository_converts(
    repository: Repository,
) -> None:
    repository.git("config", "core.autocrlf", "input")
    git = Git(directory=repository.path)

    ids = store_blobs(git, CONTENTS)

    assert list(read_blobs(git, ids)) == list(zip(ids, CONTENTS, strict=True))


def test_missing_content_is_reported(repository: Repository) -> None:
    with pytest.raises(ResyncError, match=f"The object {'1' * 40} is not in the clone"):
        list(read_blobs(Git(directory=repository.path), ["1" * 40]))
