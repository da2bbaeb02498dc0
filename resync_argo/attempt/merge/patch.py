"""Finds the two trees of a patch: the one that it was made from, and its result.

`git am --3way` merges these (git-am, "--3way"): only the files that the patch names, with the
contents that its `index` lines name.
"""

import tempfile
from pathlib import Path

from resync_argo.budget import Budget
from resync_argo.git import Git, GitError

APPLY = Budget(seconds=60.0, output_bytes=1 << 20)


def trees_of_patch(git: Git, patch: bytes) -> tuple[str, str] | None:
    """Return both trees; None if the repository lacks the contents that the patch names.

    Args:
        git: the repository with the contents; the trees go into it.
        patch: the patch.
    """
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        bounded, environment = git.within(APPLY), {"GIT_INDEX_FILE": str(index)}
        try:
            bounded.run("apply", f"--build-fake-ancestor={index}", "-", stdin=patch)
            base = bounded.run("write-tree", environment=environment)
            bounded.run("apply", "--cached", "-", stdin=patch, environment=environment)
            made = bounded.run("write-tree", environment=environment)
        except GitError:
            return None
    return base.decode().strip(), made.decode().strip()
