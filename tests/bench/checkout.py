"""Measures what checkout fetches, against clones with full history.

    python -m tests.bench.checkout

The pair of repositories is made up: a few hundred commits, a fork, a release. To use real ones,
name clones by RESYNC_BENCH_UPSTREAM and RESYNC_BENCH_DOWNSTREAM, the release to sync by
RESYNC_BENCH_TAG, and the commit of downstream's branch by RESYNC_BENCH_BRANCH_COMMIT; the clones
are copied, not changed. Both sides are fetched over HTTP, and the server's bytes are counted. There
are two yardsticks. The full clone is a `git clone` of downstream with all branches and tags,
followed by a fetch of upstream's tag. The single-branch clone is the smallest with full history:
downstream's branch and the tag.
"""

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from resync_argo.attempt.checkout.checkout import checkout
from tests.git.builders import BRANCH, open_world
from tests.git.http_server import PrivateServer, serve
from tests.git.repositories import IDENTITY, Repository, git

COMMITS = 400
FORKED_AT = 300
FILES = 60
LINES = 120
CHANGED_LINES = 20
TAG = "v1.1.0"


@dataclass(frozen=True, kw_only=True)
class Real:
    """Two clones from a person, and the sync to measure."""

    upstream: str
    downstream: str
    tag: str
    commit: str

    @classmethod
    def given(cls) -> "Real | None":
        """Read the environment; None if it names no clones.

        Raises:
            KeyError: only some of the four variables are set; names a missing one.
        """
        stem = "RESYNC_BENCH_"
        names = {
            "upstream": "UPSTREAM",
            "downstream": "DOWNSTREAM",
            "tag": "TAG",
            "commit": "BRANCH_COMMIT",
        }
        if not any(stem + name in os.environ for name in names.values()):
            return None
        return cls(**{field: os.environ[stem + name] for field, name in names.items()})


def measure() -> dict[str, float]:
    """Return the bytes and seconds of each way, and our share of the clones' bytes."""
    with tempfile.TemporaryDirectory(prefix="resync-bench-") as folder:
        root = Path(folder)
        real = Real.given()
        if real:
            _copy(root, real)
        else:
            _make(root)
        tag = real.tag if real else TAG
        with serve(root, token=None) as server:
            full, full_seconds = _clone(root, server, tag, "full")
            single, single_seconds = _clone(
                root, server, tag, "single", "--single-branch", "--no-tags"
            )
            ours, our_seconds = _checkout(root, server, tag)
            mirror = root / "mirror"
            mirror.mkdir()
            cold, cold_seconds = _checkout(root, server, tag, mirror)
            warm, warm_seconds = _checkout(root, server, tag, mirror)
            kept = sum(file.stat().st_size for file in mirror.rglob("*") if file.is_file())
    return {
        "checkout_fetched_bytes": ours,
        "full_clone_fetched_bytes": full,
        "single_branch_clone_fetched_bytes": single,
        "checkout_to_full_clone_ratio": round(ours / full, 3),
        "checkout_to_single_branch_clone_ratio": round(ours / single, 3),
        "checkout_seconds": our_seconds,
        "checkout_into_empty_mirror_fetched_bytes": cold,
        "checkout_into_empty_mirror_seconds": cold_seconds,
        "checkout_from_mirror_fetched_bytes": warm,
        "checkout_from_mirror_seconds": warm_seconds,
        "mirror_bytes": kept,
        "full_clone_seconds": full_seconds,
        "single_branch_clone_seconds": single_seconds,
    }


def _clone(
    root: Path, server: PrivateServer, tag: str, name: str, *options: str
) -> tuple[int, float]:
    before, begun = server.sent_bytes, time.monotonic()
    downstream, upstream = (f"{server.url}/{side}/project" for side in ("downstream", "upstream"))
    git(root, "clone", "--quiet", "--branch", BRANCH, *options, "--", downstream, name)
    git(root / name, "fetch", "--quiet", "--no-tags", upstream, f"refs/tags/{tag}")
    return server.sent_bytes - before, round(time.monotonic() - begun, 2)


def _checkout(
    root: Path, server: PrivateServer, tag: str, mirror: Path | None = None
) -> tuple[int, float]:
    world = replace(open_world(root), mirror=mirror)
    run = world.attempt(version=tag.removeprefix("v"), hosts={"forge.test": server.url})
    before, begun = server.sent_bytes, time.monotonic()
    checkout(run.attempt)
    spent = server.sent_bytes - before, round(time.monotonic() - begun, 2)
    shutil.rmtree(root / "attempt-1")
    return spent


def _copy(root: Path, real: Real) -> None:
    """Copy the real clones, downstream with only the branch to measure."""
    for name, source in (("upstream", real.upstream), ("downstream", real.downstream)):
        path = root / name / "project"
        git(root, "clone", "--quiet", "--bare", "--", str(Path(source).resolve()), str(path))
        git(path, "config", "uploadpack.allowFilter", "true")
        git(path, "config", "uploadpack.allowAnySHA1InWant", "true")
    downstream = Repository(root / "downstream" / "project")
    downstream.git("update-ref", f"refs/heads/{BRANCH}", real.commit)


def _make(root: Path) -> None:
    """Make upstream, its fork at an earlier commit, and a release at upstream's tip."""
    upstream = Repository(root / "upstream" / "project")
    downstream = Repository(root / "downstream" / "project")
    stream = "".join(_history())
    subprocess.run(
        ["git", "fast-import", "--quiet"],
        cwd=upstream.path,
        env=os.environ | IDENTITY,
        input=stream,
        text=True,
        check=True,
    )
    fork = upstream.git("rev-parse", f"main~{COMMITS - FORKED_AT}")
    upstream.tag("v1.0.0", fork, annotated=True)
    upstream.tag(TAG, upstream.git("rev-parse", "main"), annotated=True)
    downstream.git("fetch", "--quiet", str(upstream.path), f"{fork}:refs/heads/{BRANCH}")
    downstream.commit(BRANCH, {"ours.txt": "ours\n"}, message="Carry a patch")


def _history() -> Iterator[str]:
    """Yield a history as git-fast-import reads it: all files, then some lines of one each time."""
    chance = random.Random(1)  # noqa: S311 - the same contents each time, nothing secret
    files = [[_line(chance) for _ in range(LINES)] for _ in range(FILES)]
    for number in range(COMMITS):
        message = f"Commit {number}"
        date = 1_600_000_000 + number
        yield (
            f"commit refs/heads/main\ncommitter Ada <ada@example.org> {date} +0000\n"
            f"data {len(message)}\n{message}\n"
        )
        for file in range(FILES) if number == 0 else (chance.randrange(FILES),):
            for _ in range(CHANGED_LINES):
                files[file][chance.randrange(LINES)] = _line(chance)
            text = "".join(files[file])
            yield f"M 100644 inline pkg{file % 10}/file{file}.txt\ndata {len(text)}\n{text}\n"


def _line(chance: random.Random) -> str:
    return f"{chance.getrandbits(160):x}\n"


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
