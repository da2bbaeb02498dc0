"""Checkout of private repositories: each host gets only its own token, and steps need no credentials."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.errors import Stalled
from tests.git.builders import BRANCH, HOST, World
from tests.git.http_server import PrivateServer, serve
from tests.git.repositories import git

TOKEN = "s3cret-token-of-the-test"


@pytest.fixture
def server(world: World) -> Iterator[PrivateServer]:
    with serve(world.root, TOKEN) as started:
        yield started


def grown(world: World) -> None:
    """Give both sides commits whose contents no tip has any more."""
    for number in range(3):
        world.upstream.commit("main", {f"u{number}.txt": f"u{number}\n" * 9, "c.txt": f"{number}"})
    world.upstream.tag("v1.2.0", world.upstream.commit("main", {"u0.txt": None, "c.txt": "last"}))
    for number in range(3):
        world.downstream.commit(
            BRANCH, {f"d{number}.txt": f"d{number}\n" * 9, "e.txt": f"{number}"}
        )
    world.downstream.commit(BRANCH, {"d1.txt": None, "e.txt": "last"})


@pytest.mark.parametrize(
    "script",
    [
        "git merge $UPSTREAM_REF",
        "git merge --no-ff -s recursive $UPSTREAM_REF",
        "git rebase $UPSTREAM_REF",
        "git cherry-pick $(git merge-base HEAD v1.2.0)..v1.2.0",
        "git revert --no-edit HEAD~2..HEAD",
        "git format-patch -q -o ../patches v1.0.0; git checkout -q v1.2.0; git am -3 ../patches/*",
    ],
    ids=["merge", "recursive", "rebase", "cherry-pick", "revert", "am"],
)
def test_steps_need_no_credentials_for_a_merge(
    world: World, server: PrivateServer, script: str
) -> None:
    grown(world)
    run = world.attempt(script, version="1.2.0", hosts={HOST: server.url}, token=TOKEN)
    run.check_out()
    before = len(server.authorizations)

    done = run.step()

    assert done.returncode == 0, done.stderr.decode()
    assert len(server.authorizations) == before


def test_a_criss_cross_history_has_everything_that_a_recursive_merge_reads(
    world: World, server: PrivateServer
) -> None:
    first = world.upstream.git("rev-parse", "v1.0.0")
    left = world.upstream.commit("left", {"a.txt": "left\n" + "one\n" * 20}, parents=(first,))
    right = world.upstream.commit("right", {"a.txt": "one\n" * 20 + "right\n"}, parents=(first,))
    both = {"a.txt": "left\n" + "one\n" * 20 + "right\n"}
    up = world.upstream.commit("left", both, parents=(left, right))
    world.upstream.tag("v1.4.0", world.upstream.commit("left", {"n": "n"}, parents=(up,)))
    world.downstream.git("fetch", "-q", str(world.upstream.path), "left:l", "right:r")
    world.downstream.commit(BRANCH, {**both, "ours.txt": "o"}, parents=(right, left))
    run = world.attempt("git merge v1.4.0", version="1.4.0", hosts={HOST: server.url}, token=TOKEN)
    assert len(run.check_out().merge_bases) == 2
    before = len(server.authorizations)

    done = run.step()

    assert done.returncode == 0, done.stderr.decode()
    assert len(server.authorizations) == before


def test_the_clone_is_partial(world: World, server: PrivateServer) -> None:
    world.downstream.commit(BRANCH, {"huge.bin": os.urandom(1 << 20)})
    world.downstream.commit(BRANCH, {"huge.bin": None})
    world.downstream.tag("base", world.downstream.tip(BRANCH) or "")
    head = world.downstream.tip(BRANCH)
    world.upstream.git("fetch", "-q", str(world.downstream.path), f"{head}:refs/heads/next")
    world.upstream.tag("v1.5.0", world.upstream.commit("next", {"n": "n"}))

    run = world.attempt(version="1.5.0", hosts={HOST: server.url}, token=TOKEN)
    run.check_out()

    packs = (run.attempt.layout.repository / "objects" / "pack").glob("*.pack")
    assert sum(pack.stat().st_size for pack in packs) < 100_000


def test_a_missing_object_fails_at_once_with_advice(world: World, server: PrivateServer) -> None:
    world.downstream.commit(BRANCH, {"old.txt": "only in history\n"})
    head = world.downstream.commit(BRANCH, {"old.txt": None})
    world.upstream.git("fetch", "-q", str(world.downstream.path), f"{head}:refs/heads/next")
    world.upstream.tag("v1.5.0", world.upstream.commit("next", {"n": "n"}))
    script = "git show HEAD~1:old.txt"
    run = world.attempt(script, version="1.5.0", hosts={HOST: server.url}, token=TOKEN)
    full = world.attempt(
        script,
        version="1.5.0",
        hosts={HOST: server.url},
        token=TOKEN,
        number=2,
        config={"clone": "Full"},
    )
    run.check_out()
    full.check_out()

    failed, whole = run.step(), full.step()

    assert failed.returncode == 128
    said = run.attempt.layout.termination.read_text()
    assert said.startswith("exit code 128: fatal: ")
    assert "; the partial clone lacks an object: write `clone: Full`" in said
    assert whole.returncode == 0
    assert b"only in history" in whole.stdout


@pytest.mark.parametrize(("script", "are_here"), [("git merge $X", False), ("./rebase.sh", True)])
def test_contents_of_the_branchs_older_commits_are_fetched_only_if_a_step_may_read_them(
    world: World, *, script: str, are_here: bool
) -> None:
    grown(world)
    run = world.attempt(script, version="1.2.0")
    old = world.downstream.git("rev-parse", f"{BRANCH}~1:d1.txt")

    run.check_out()

    packed = run.attempt.repository.text("rev-list", "--objects", "--missing=print", "--all")
    assert (f"?{old}" not in packed.splitlines()) == are_here


def test_checkout_leaves_the_token_nowhere(world: World, server: PrivateServer) -> None:
    run = world.attempt(hosts={HOST: server.url}, token=TOKEN)

    run.check_out()

    layout = run.attempt.layout
    files = [f for top in (layout.workspace, layout.trusted) for f in top.rglob("*") if f.is_file()]
    assert files
    assert not [f for f in files if TOKEN.encode() in f.read_bytes()]


def elsewhere_upstream(server: PrivateServer, other: PrivateServer) -> dict[str, Any]:
    """Return the settings that put upstream on a host of its own."""
    return {
        "config": {"upstream": {"name": "other.test/upstream/project", "matchedVersions": ["1.x"]}},
        "hosts": {HOST: server.url, "other.test": other.url},
    }


def test_a_token_goes_only_to_the_host_that_it_is_for(world: World, server: PrivateServer) -> None:
    with serve(world.root, None) as elsewhere:
        run = world.attempt(token=TOKEN, **elsewhere_upstream(server, elsewhere))

        checkout(run.attempt)

        assert elsewhere.authorizations
        assert elsewhere.passwords == set()
        assert server.passwords == {TOKEN}


def test_a_host_that_asks_for_credentials_does_not_get_those_of_another(
    world: World, server: PrivateServer
) -> None:
    with serve(world.root, "another token") as elsewhere:
        run = world.attempt(token=TOKEN, **elsewhere_upstream(server, elsewhere))

        with pytest.raises(Stalled) as caught:
            checkout(run.attempt)

        assert caught.value.reason == "CredentialsRefused"
        assert elsewhere.authorizations
        assert elsewhere.passwords == set()


def test_refused_credentials_are_reported_as_such(world: World, server: PrivateServer) -> None:
    with serve(world.root, None) as elsewhere:
        run = world.attempt(token="wrong", **elsewhere_upstream(server, elsewhere))

        with pytest.raises(Stalled) as caught:
            checkout(run.attempt)

    assert caught.value.reason == "CredentialsRefused"
    assert "wrong" not in str(caught.value)


def test_a_lost_workspace_costs_nothing(world: World, tmp_path: Path) -> None:
    first = world.attempt("git merge $UPSTREAM_REF")
    first.steps()
    head = git(first.work_tree, "rev-parse", "HEAD")
    shutil.rmtree(tmp_path / "attempt-1")

    second = world.attempt("git merge $UPSTREAM_REF", number=2)
    second.steps()

    assert git(second.work_tree, "rev-parse", "HEAD") == head
