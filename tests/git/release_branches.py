"""An upstream with a branch for each release, and a fork of one, so that files collide that the fork never changed.

Upstream releases 1.0.0, patches that on a branch as 1.0.1, and goes on to 1.1.0 on `main`. The fork
has 1.0.1 and its own commit. Files that both upstream branches changed collide when 1.1.0 is
synced.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.git.builders import BRANCH, open_world
from tests.git.conflict_story import Files, Story, put
from tests.git.repositories import Repository

MERGE = "git merge --no-edit $UPSTREAM_TAG"
PATCHES = "release-1.0"
BASE: dict[str, str] = {"f.txt": "1\n2\n3\n", "g.txt": "a\nb\nc\n", "h.txt": "x\ny\nz\n"}
PATCHED: dict[str, str] = {"f.txt": "1\npatched\n3\n", "g.txt": "a\npatched\nc\n"}
RELEASED: dict[str, str] = {"f.txt": "1\nreleased\n3\n", "g.txt": "a\nreleased\nc\n"}


def make_story(
    root: Path,
    *scripts: str,
    base: Files = BASE,
    patched: Files = PATCHED,
    released: Files = RELEASED,
    own: Files | None = None,
    config: Mapping[str, object] | None = None,
) -> Story:
    """Return a story in which 1.1.0 is due, by default with a merge as script.

    Args:
        root: the world's folder.
        scripts: of the steps.
        base: the files of 1.0.0.
        patched: the changes in 1.0.1.
        released: the changes in 1.1.0.
        own: the fork's changes.
        config: more of the Plan's `config`.
    """
    upstream = Repository(root / "upstream" / "project")
    upstream.commit("main", {"begin.txt": "begin\n"}, message="Begin")
    first = put(upstream, "main", base, "Release 1.0.0")
    upstream.tag("v1.0.0", first)
    upstream.git("update-ref", f"refs/heads/{PATCHES}", first)
    patch = put(upstream, PATCHES, patched, "Patch")
    upstream.tag("v1.0.1", patch)
    upstream.tag("v1.1.0", put(upstream, "main", released, "Go on"))
    downstream = Repository(root / "downstream" / "project")
    downstream.git("fetch", "-q", str(upstream.path), f"{patch}:refs/heads/{BRANCH}")
    put(downstream, BRANCH, own or {"own.txt": "own\n"}, "Carry a patch")
    return Story(world=open_world(root), scripts=scripts or (MERGE,), config=dict(config or {}))
