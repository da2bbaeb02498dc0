"""A repository for trusted git to merge in: empty, but with the trusted clone's objects.

It has a work tree, unlike the trusted clone, because git reads `.gitattributes` from there. The
work tree has only these files, of one commit. No remote is configured, so a missing object is an
immediate error and never a fetch. New objects go into the trusted clone.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from resync_argo.git import DISPOSABLE, Git

OURS, THEIRS = "resync-side-one", "resync-side-two"
"""Branches of the two sides; git puts their names into marker lines, and no real branch has them."""

_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "resync"), ("EMAIL", "resync"), ("DATE", "@0 +0000"))
}
_SETTINGS = {
    **DISPOSABLE,
    "core.bare": "false",
    "core.sparseCheckout": "true",
    "merge.conflictStyle": "zdiff3",
    "merge.renameLimit": "32767",
    "merge.directoryRenames": "conflict",
    "rerere.enabled": "false",
}


@contextmanager
def open_bench(
    git: Git, ours: str, *, settings: Mapping[str, str], attributes: bytes = b""
) -> Iterator[Git]:
    """Provide a repository with a commit's index while the block runs.

    Args:
        git: the repository with the objects.
        ours: the commit (or tree) whose attributes apply.
        settings: more git settings, by full name.
        attributes: attributes that override the commit's (gitattributes(5), `info/attributes`).

    Raises:
        GitError: the commit or one of its attribute files is missing.
    """
    with tempfile.TemporaryDirectory() as folder:
        work_tree = Path(folder) / "work"
        work_tree.mkdir()
        objects = {"GIT_OBJECT_DIRECTORY": os.fspath(_objects(git))}
        bench = Git(directory=work_tree, environment={**git.environment, **_IDENTITY, **objects})
        bench.run("init", "--quiet", "--template=", ".")
        info = work_tree / ".git" / "info"
        info.mkdir(exist_ok=True)
        info.joinpath("sparse-checkout").write_text(".gitattributes\n")
        info.joinpath("attributes").write_bytes(attributes)
        bench.configure({**_SETTINGS, **settings})
        grafts = git.run(
            "for-each-ref", "--format=create %(refname) %(objectname)", "refs/replace/"
        )
        bench.run("update-ref", "--stdin", stdin=grafts)
        bench.run("read-tree", "-m", "-u", ours)
        yield bench


def _objects(git: Git) -> Path:
    inner = git.directory / ".git" / "objects"
    return (inner if inner.exists() else git.directory / "objects").resolve()
