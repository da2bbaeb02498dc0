"""Measures a conflict pull request with 500 files: requests to the forge, and seconds.

    python -m tests.bench.many_files

It uses real git and the real forge without a cluster: one attempt checks out, its step stops at the
conflict, and the work of `main` is measured.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.attempt.conflict.pull_request import publish_conflict
from resync_argo.attempt.conflict.stop import read_conflict
from resync_argo.attempt.connections import connect_forge
from resync_argo.contract import STEP_CONFLICT
from resync_argo.forge.credentials import Token
from resync_argo.settings import HostSettings
from tests.forge.launcher import BOT, MAINTAINER, TestForge, start_forge
from tests.git.builders import BRANCH, HOST, Run
from tests.git.conflict_story import Story, make_story

FILES = 500
REPOSITORIES = {"upstream": "up/project", "downstream": "down/project"}


def measure() -> dict[str, float]:
    """Return requests and seconds from the step's stop to the open pull request."""
    with tempfile.TemporaryDirectory(prefix="resync-bench-") as folder, _forge(folder) as forge:
        story = _story(Path(folder) / "world")
        for side, repository in zip(
            REPOSITORIES, (story.world.upstream, story.world.downstream), strict=True
        ):
            forge.create_repository(REPOSITORIES[side])
            url = forge.push_url(REPOSITORIES[side], MAINTAINER)
            repository.git(
                "push", "-q", url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*"
            )
        return _publish(_run(story, forge), forge)


def _publish(run: Run, forge: TestForge) -> dict[str, float]:
    checkout(run.attempt)
    done = run.step()
    stop = read_conflict(run.attempt)
    if done.returncode != STEP_CONFLICT or stop is None:
        raise RuntimeError(f"no conflict: {done.stderr.decode(errors='replace')}")
    before, begun = len(forge.journal()), time.monotonic()
    publish_conflict(run.attempt, stop)
    seconds, requests = time.monotonic() - begun, len(forge.journal()) - before
    (opened,) = forge.as_user(MAINTAINER).get_repo(REPOSITORIES["downstream"]).get_pulls()
    return {
        "files": len(list(opened.get_files())),
        "forge_requests": requests,
        "publish_seconds": round(seconds, 2),
    }


def _run(story: Story, forge: TestForge) -> Run:
    """Return an attempt that has not begun, with its repositories on the forge."""
    run = story.world.attempt(
        *story.scripts,
        hosts={HOST: HostSettings(api_url=forge.api_url, git_url=forge.git_url)},
        config={
            "upstream": {
                "name": f"{HOST}/{REPOSITORIES['upstream']}",
                "matchedVersions": ["1.x"],
            },
            "downstream": {"name": f"{HOST}/{REPOSITORIES['downstream']}", "branch": BRANCH},
            "slack": None,
        },
        token=forge.tokens[BOT],
    )
    contract, token = run.attempt.contract, Token(value=forge.tokens[BOT])
    attempt = replace(run.attempt, connect_forge=lambda: connect_forge(contract, token))
    return replace(run, attempt=attempt)


def _story(root: Path) -> Story:
    def side(text: str) -> dict[str, str]:
        return {
            f"pkg/file{n:03}.go": f"package pkg\n\nconst Side = {text!r}\n" for n in range(FILES)
        }

    return make_story(
        root,
        ["git merge $UPSTREAM_REF"],
        base=side("base"),
        downstream=side("downstream"),
        upstream=side("upstream"),
    )


@contextmanager
def _forge(folder: str) -> Iterator[TestForge]:
    forge = start_forge(Path(folder) / "forge")
    try:
        yield forge
    finally:
        forge.stop()


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
