"""One of our attempts as a separate program: `python -m tests.bench.growth.ours REQUEST`, a JSON object.

It does the work of the pod's containers in order: checkout, the step `git merge $UPSTREAM_TAG`, and
the action that pushes and opens a pull request. If checkout already finds a conflict, it prints a
mark and publishes that instead. The repositories are served over HTTP, and the forge is a folder.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.attempt.conflict.pull_request import publish_conflict
from resync_argo.attempt.conflict.stop import read_conflict
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.results import Result, save_result
from resync_argo.contract import CHECKOUT
from resync_argo.forge.directory import DirectoryForge
from tests.bench.growth.cost import cpu_so_far
from tests.git.builders import HOST, Run, World
from tests.git.fakes import MemoryForge, MemoryNotifier
from tests.git.repositories import Repository
from tests.git.steps import pull_request_step

KNOWN = "known"
"""The mark of a conflict that was found."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """The sync to run.

    Attributes:
        folder: for everything that the attempt writes.
        pair: the folder with both repositories.
        url: address of their server.
        pulls: the folder of pull requests.
        branch: the downstream branch.
        version: the release to sync.
        mirror: the folder of the mirrors; None: there is none.
    """

    folder: str
    pair: str
    url: str
    pulls: str
    branch: str
    version: str
    mirror: str | None = None


def main() -> None:
    """Carry out the attempt.

    Raises:
        RuntimeError: it failed.
    """
    request = Request(**json.loads(sys.argv[1]))
    run = _run(request)
    replay = checkout(run.attempt)
    if replay.asks_at_once:
        _mark(KNOWN)
        stop = read_conflict(run.attempt)
        if stop is None:
            raise RuntimeError("there is a question, and nobody knows which")
        publish_conflict(run.attempt, stop)
        return
    save_result(run.attempt, CHECKOUT, Result())
    for container in run.scripts:
        done = run.step(container)
        if done.returncode:
            raise RuntimeError(f"the step ended with {done.returncode}: {done.stderr!r}")
    proposed = run.act(pull_request_step().container)
    if proposed.pull_request is None:
        raise RuntimeError(f"no pull request: {proposed}")


def _mark(name: str) -> None:
    print(json.dumps({"mark": name, "cpu_seconds": cpu_so_far()}), flush=True)


def _run(request: Request) -> Run:
    pair = Path(request.pair)
    downstream = Repository(pair / "downstream" / "project")
    world = World(
        root=Path(request.folder),
        upstream=Repository(pair / "upstream" / "project"),
        downstream=downstream,
        forge=MemoryForge(downstream.path),
        notifier=MemoryNotifier(),
        at_once=True,
    )
    run = world.attempt(
        "git merge $UPSTREAM_TAG",
        pull_request_step(),
        version=request.version,
        hosts={HOST: request.url},
        config=_config(request.branch),
    )
    layout = run.attempt.layout
    if request.mirror is not None:
        layout = replace(layout, mirror=Path(request.mirror))
    attempt: Attempt = replace(
        run.attempt,
        layout=layout,
        connect_forge=lambda: DirectoryForge(Path(request.pulls), repository=downstream.path),
    )
    return Run(attempt=attempt, scripts=run.scripts)


def _config(branch: str) -> Mapping[str, object]:
    return {"downstream": {"name": f"{HOST}/downstream/project", "branch": branch}, "slack": None}


if __name__ == "__main__":
    main()
