"""Copies a real pair into the cache, where the bench finds it.

    git clone --bare https://github.com/kubernetes/autoscaler
    git clone --bare https://github.com/openshift/kubernetes-autoscaler
    python -m tests.bench.growth.real autoscaler.git kubernetes-autoscaler.git FORK EARLIER CLEAN CONFLICTING

FORK is a commit of the fork's branch, the others are upstream's: two that merge cleanly, and one
that does not. They become the releases of the generated repositories, with all history before them.
openshift's fork has more files than kubernetes.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from tests.bench.growth.history import (
    CLEAN,
    CONFLICTING,
    EARLIER,
    Shape,
    cache,
    pack_as_forges_do,
)
from tests.git.builders import BRANCH
from tests.git.repositories import Repository

_NAME = "real"


def real_pair() -> tuple[Path, Shape] | None:
    """Return the pair's folder and size; None if there is no pair."""
    folder = cache() / _NAME
    file = folder / "shape.json"
    return (folder, Shape(**json.loads(file.read_text()))) if file.exists() else None


def take(upstream: Path, downstream: Path, fork: str, releases: dict[str, str]) -> Path:
    """Copy everything that the commits reach from two clones.

    Args:
        upstream: a clone.
        downstream: a clone of its fork.
        fork: commit of the fork.
        releases: upstream's commits by version.
    """
    folder = cache() / _NAME
    sides = {side: Repository(folder / side / "project") for side in ("upstream", "downstream")}
    wanted = {
        "upstream": [
            f"{releases[CONFLICTING]}:refs/heads/main",
            *(f"{commit}:refs/tags/v{version}" for version, commit in releases.items()),
        ],
        "downstream": [f"{fork}:refs/heads/{BRANCH}"],
    }
    for (side, repository), clone in zip(sides.items(), (upstream, downstream), strict=True):
        url = str(clone.resolve())
        repository.git("fetch", "--quiet", "--no-tags", url, *wanted[side])
        pack_as_forges_do(repository.path)
    sides["downstream"].git("symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
    files = sides["downstream"].git("ls-tree", "-r", "--name-only", BRANCH).count("\n") + 1
    shape = Shape(files=files, commits=int(sides["upstream"].git("rev-list", "--count", "main")))
    (folder / "shape.json").write_text(json.dumps(asdict(shape)) + "\n")
    return folder


def main() -> None:
    """Copy the pair that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth.real", description=__doc__)
    for name in ("upstream", "downstream"):
        parser.add_argument(name, type=Path)
    for name in ("fork", "earlier", "clean", "conflicting"):
        parser.add_argument(name)
    given = parser.parse_args()
    releases = {EARLIER: given.earlier, CLEAN: given.clean, CONFLICTING: given.conflicting}
    print(take(given.upstream, given.downstream, given.fork, releases))


if __name__ == "__main__":
    main()
