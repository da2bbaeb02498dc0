"""Trees and contents as they are in a repository, whatever their names and bytes are."""

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


def test_a_tree_is_all_its_files_or_those_of_the_given_names(repository: Repository) -> None:
    commit, git = repository.commit("main", FILES), Git(directory=repository.path)

    everything = list_tree(git, commit)

    assert everything.keys() == {name.encode() for name in FILES}
    assert list_tree(git, commit, b"dir/f").keys() == {b"dir/f"}
    assert list_tree(git, commit, b":(top)f", b"*").keys() == {b":(top)f", b"*"}
    contents = dict(read_blobs(git, [it.id for it in everything.values()]))
    assert {path: contents[it.id].decode() for path, it in everything.items()} == {
        name.encode(): content for name, content in FILES.items()
    }


def test_contents_come_back_as_they_were_stored_whatever_the_repository_converts(
    repository: Repository,
) -> None:
    repository.git("config", "core.autocrlf", "input")
    git = Git(directory=repository.path)

    ids = store_blobs(git, CONTENTS)

    assert list(read_blobs(git, ids)) == list(zip(ids, CONTENTS, strict=True))


def test_a_content_that_is_not_there_is_told(repository: Repository) -> None:
    with pytest.raises(ResyncError, match=f"The object {'1' * 40} is not in the clone"):
        list(read_blobs(Git(directory=repository.path), ["1" * 40]))
