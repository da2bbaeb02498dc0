"""Copies a real pair into the cache, where the bench finds it.

    git clone --bare https://github.com/kubernetes/autoscaler
    git clone --bare https://github.com/openshift/kubernetes-autoscaler
    python -m tests.bench.growth.real [--note TEXT] autoscaler.git kubernetes-autoscaler.git FORK EARLIER CLEAN CONFLICTING

FORK is a commit of the fork's branch, the others are upstream's: two that merge cleanly, and one that does not. They become
the releases that the made repositories have, with all history before them. openshift's fork has more files than kubernetes.
TEXT is what the docs say of the pair.
"""

import argparse
import json
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two repositories in the cache.

    Attributes:
        folder: has them.
        shape: how large they are.
        note: what readers should know of them.
    """

    folder: Path
    shape: Shape
    note: str = ""


def real_pair() -> Pair | None:
    """Return the pair that was taken; None where none was."""
    folder = cache() / _NAME
    file = folder / "pair.json"
    if not file.exists():
        return None
    facts = json.loads(file.read_text())
    return Pair(folder=folder, shape=Shape(**facts["shape"]), note=facts["note"])


def take(
    upstream: Path, downstream: Path, fork: str, releases: dict[str, str], note: str = ""
) -> Path:
    """Copy what the commits reach out of two clones.

    Args:
        upstream: a clone.
        downstream: a clone of its fork.
        fork: commit of the fork.
        releases: upstream's commits by version.
        note: what readers should know of them.

    Returns:
        The pair's folder in the cache.
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
    facts = {"shape": asdict(shape), "note": note}
    (folder / "pair.json").write_text(json.dumps(facts) + "\n")
    return folder


def main() -> None:
    """Copy the pair that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth.real", description=__doc__)
    for name in ("upstream", "downstream"):
        parser.add_argument(name, type=Path)
    for name in ("fork", "earlier", "clean", "conflicting"):
        parser.add_argument(name)
    parser.add_argument("--note", default="")
    given = parser.parse_args()
    releases = {EARLIER: given.earlier, CLEAN: given.clean, CONFLICTING: given.conflicting}
    print(take(given.upstream, given.downstream, given.fork, releases, given.note))


if __name__ == "__main__":
    main()
