"""The attempt of which most tests of a final pull request are: a merge, and its pull request."""

from collections.abc import Mapping

from tests.git.builders import Run, World
from tests.git.steps import pull_request_step

MERGE = "git merge $UPSTREAM_REF"
SYNC = "resync/z-release/1.1.0"
RECORD = "refs/resync-argo/z-release/1.1.0"


def attempt(
    world: World,
    *scripts: str,
    number: int = 1,
    title: str = "Sync $UPSTREAM_VERSION",
    body: str = "",
    config: Mapping[str, object] | None = None,
) -> Run:
    """Return an attempt of scripts, a merge by default, that ends in a pull request."""
    step = pull_request_step(title, body)
    return world.attempt(*(scripts or (MERGE,)), step, number=number, config=config)
