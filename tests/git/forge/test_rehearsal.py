"""The controller asks git in advance whether we may push."""

from pathlib import Path

import pytest

from resync_argo.errors import Stalled, Transient
from resync_argo.forge.rehearsal import Rehearsal
from resync_argo.git import Remote
from tests.git.builders import World
from tests.git.http_server import serve

TOKEN = "s3cret-token-of-the-test"


def test_a_rehearsed_push_leaves_nothing(world: World, tmp_path: Path) -> None:
    before = world.downstream.git("for-each-ref")
    rehearsal = Rehearsal(tmp_path / "rehearsal")

    for _ in range(2):
        rehearsal.push(Remote(url=str(world.downstream.path)))

    assert world.downstream.git("for-each-ref") == before
    assert world.downstream.git("fsck", "--unreachable", "--no-reflogs") == ""


def test_a_read_only_token_is_recognised_without_a_push(world: World, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    with serve(world.root, TOKEN, may_push=False) as server:
        remote = Remote(url=f"{server.url}/downstream/project", token_file=file)

        with pytest.raises(Stalled) as told:
            Rehearsal(tmp_path / "rehearsal").push(remote)

    assert told.value.reason == "Forbidden"


def test_refused_credentials_are_not_a_missing_permission(world: World, tmp_path: Path) -> None:
    with serve(world.root, TOKEN) as server:
        remote = Remote(url=f"{server.url}/downstream/project")

        with pytest.raises(Stalled) as told:
            Rehearsal(tmp_path / "rehearsal").push(remote)

    assert told.value.reason == "CredentialsRefused"


def test_a_host_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    with pytest.raises(Transient):
        Rehearsal(tmp_path / "rehearsal").push(Remote(url="http://127.0.0.1:9/owner/name"))
