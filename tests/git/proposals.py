"""The attempt for most tests of a final pull request: a merge, and its pull request."""

from collections.abc import Mapping, Sequence
from typing import Any

from resync_argo.attempt.context import ReplayInput
from resync_argo.attempt.repository.clone import make_repository
from tests.git.builders import BRANCH, Run, World
from tests.git.repositories import Repository
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
    owner: str = "",
) -> Run:
    """Return an attempt of scripts, by default a merge, that ends with a pull request."""
    step = pull_request_step(title, body)
    given = {"owner": owner}
    return world.attempt(
        *(scripts or (MERGE,)), step, number=number, config=config, parameters=given
    )


def committed(
    world: World,
    files: Mapping[str, str | bytes | None],
    *,
    message: str = "Merge",
    on: Sequence[str] = ("tag", "head"),
    **more: Any,
) -> tuple[Run, str]:
    """Return an attempt whose steps merged, and the merge as if it had been taken; quick, since nothing runs.

    Args:
        world: both repositories.
        files: what the merge has besides the release's.
        message: of the merge.
        on: its parents, any of `head` and `tag`; its other files are those of the first.
        more: see `attempt`.
    """
    run = attempt(world, **more)
    run.attempt.layout.repository.mkdir()
    make_repository(run.attempt)
    trusted = Repository(run.attempt.layout.repository)
    for repository, ref in ((world.downstream, BRANCH), (world.upstream, "v1.1.0^{commit}")):
        commit = repository.git("rev-parse", ref)
        trusted.git("fetch", "-q", str(repository.path), f"{commit}:refs/heads/{ref[:2]}")
    head, tag = (trusted.tip(ref[:2]) or "" for ref in (BRANCH, "v1.1.0"))
    run.attempt.save(
        ReplayInput(
            head=head,
            tag="v1.1.0",
            tag_commit=tag,
            version="1.1.0",
            date=0,
            previous_tag="v1.0.0",
            previous_version="1.0.0",
        )
    )
    parents = tuple({"head": head, "tag": tag}[name] for name in on)
    made = trusted.commit("made", files, message=message, parents=parents)
    trusted.git("update-ref", "-d", "refs/heads/made")
    run.control.directory.mkdir(parents=True)
    run.control.head.write_text(made)
    return run, made
