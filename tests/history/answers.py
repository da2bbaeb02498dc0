"""What the maintainers made of conflicted files, as the tree of a conflict's resolution."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from resync_argo.conflicts.markers import stub_path
from resync_argo.git import Git

ABSENT = b"0 " + b"0" * 40 + b"\t"


def with_answers(git: Git, head: str, names: Sequence[bytes], merge: str) -> str:
    """Return the tree of a conflict's head with some files as a merge has them, stubs removed.

    Args:
        git: a bare repository with both commits.
        head: tip of the conflict's head branch.
        names: the conflicted paths.
        merge: the maintainers' merge commit.
    """
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        indexed = replace(git, environment={**git.environment, **index})
        indexed.run("read-tree", head)
        for name in names:
            removed = b"".join(ABSENT + path + b"\0" for path in (name, stub_path(name)))
            answer = indexed.run("ls-tree", "-z", "--full-tree", merge, "--", name)
            indexed.run("update-index", "-z", "--index-info", stdin=removed + answer)
        return indexed.text("write-tree")
