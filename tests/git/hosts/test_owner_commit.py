"""The controller computes the commit with which the pod claims branches."""

from pathlib import Path

from resync_argo.git import Git
from resync_argo.hosts.owner_commit import owner_commit
from tests.git.builders import World
from tests.git.proposals import MERGE
from tests.git.steps import pull_request_step

OWNERS = "refs/resync-argo/_owners/z-release/1.1.0"


def test_the_pods_claim_is_known_without_a_repository(world: World, tmp_path: Path) -> None:
    world.attempt(MERGE, pull_request_step("Sync", ""), parameters={"owner": "staging"}).propose()
    pushed = world.downstream.git("rev-parse", OWNERS).strip()

    assert owner_commit(Git(directory=tmp_path), "staging") == pushed
    assert owner_commit(Git(directory=tmp_path), "production") != pushed
