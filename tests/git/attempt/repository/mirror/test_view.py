"""A volume of mirrors saves traffic, and an attempt is the same with, without, or with a broken one."""

import errno
import hashlib
import os
import shutil
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from resync_argo.attempt.repository.mirror import store
from resync_argo.errors import Stalled
from tests.git.builders import BRANCH, HOST, World
from tests.git.mirrors import TOKEN, Site, objects_of, site_of
from tests.git.repositories import Repository, git


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    """A world whose branch has contents that do not compress, and a volume."""
    files = {f"data/{number}": os.urandom(2_000).hex() for number in range(30)}
    world.downstream.commit(BRANCH, files, message="Carry data")
    with site_of(world) as made:
        yield made


def fill(site: Site) -> list[str]:
    """Fill the volume by one attempt; return the objects of its clone."""
    run = site.attempt()
    site.check_out(run)
    return objects_of(run)


def test_with_a_warm_mirror_only_refs_are_requested(site: Site) -> None:
    first, second = site.attempt(), site.attempt()
    cold, warm = site.check_out(first), site.check_out(second)

    assert warm.sent_bytes < cold.sent_bytes / 20
    assert warm.requests < cold.requests
    assert objects_of(first) == objects_of(second)


def test_a_clone_is_the_same_with_and_without_a_mirror(site: Site) -> None:
    filled = fill(site)
    plain = site.attempt(with_mirror=False)
    site.check_out(plain)

    assert filled == objects_of(plain)


def test_only_new_objects_are_fetched(site: Site) -> None:
    fill(site)
    text = os.urandom(3_000).hex()
    site.world.upstream.tag("v1.2.0", site.world.upstream.commit("main", {"new.txt": text}))
    site.world.downstream.commit(BRANCH, {"ours.txt": "changed\n"})
    run, plain = site.attempt(version="1.2.0"), site.attempt(version="1.2.0", with_mirror=False)

    fetched = site.check_out(run)
    site.check_out(plain)

    assert len(text) / 2 < fetched.sent_bytes < 3 * len(text)
    assert objects_of(run) == objects_of(plain)
    assert run.step().returncode == 0


@pytest.mark.parametrize("clone", ["Partial", "Full"])
def test_a_step_works_in_a_clone_that_came_from_the_mirror(site: Site, clone: str) -> None:
    for _ in range(2):
        run = site.attempt(config={"clone": clone})
        site.check_out(run)

        assert run.step().returncode == 0
        assert git(run.work_tree, "status", "--porcelain") == ""
        assert git(run.work_tree, "fsck", "--connectivity-only", "--no-dangling") == ""


def test_nothing_in_the_steps_clone_leads_to_the_volume(site: Site) -> None:
    fill(site)
    run = site.attempt()
    site.check_out(run)

    layout = run.attempt.layout
    files = [it for it in layout.workspace.rglob("*") if it.is_file() and not it.is_symlink()]
    assert files
    assert not [it for it in files if str(site.volume).encode() in it.read_bytes()]
    assert not (layout.repository / "objects" / "info" / "alternates").exists()
    assert not list(layout.trusted.glob("mirror*"))


def test_the_volume_holds_no_token_and_nothing_that_configures_git(site: Site) -> None:
    fill(site)

    files = [it for it in site.volume.rglob("*") if it.is_file()]
    assert not [it for it in files if TOKEN.encode() in it.read_bytes()]
    assert {it.suffix for it in files} <= {".pack", ".idx", ".rev", ".promisor", ""}
    assert {it.name for it in files if not it.suffix} == {"tips", "lock", "pair"}


def test_a_mirror_provides_nothing_that_the_host_refuses(site: Site) -> None:
    fill(site)
    site.server.token = "another token"

    with pytest.raises(Stalled) as caught:
        site.attempt().check_out()

    assert caught.value.reason == "CredentialsRefused"
    assert site.packs()


def test_a_pair_does_not_see_what_another_pair_fetched(site: Site) -> None:
    world = site.world
    private = Repository(world.root / "downstream" / "private")
    first = world.upstream.git("rev-parse", "v1.0.0")
    private.git("fetch", "--quiet", str(world.upstream.path), f"{first}:refs/heads/{BRANCH}")
    private.commit(BRANCH, {"secret.txt": "nobody's business\n"})
    secret = private.git("rev-parse", f"{BRANCH}:secret.txt")
    downstream = {"name": f"{HOST}/downstream/private", "branch": BRANCH}
    other = site.attempt(config={"downstream": downstream})
    site.check_out(other)
    assert [it for it in objects_of(other) if it.startswith(secret)]
    # A commit that names the other pair's contents by an id that a step may have learnt.
    forged = (
        f"git read-tree HEAD && git update-index --add --cacheinfo 100644,{secret},stolen"
        " && git update-ref HEAD $(git commit-tree -p HEAD -m x $(git write-tree --missing-ok))"
    )
    run = site.attempt(forged)

    site.check_out(run)

    assert not [it for it in objects_of(run) if it.startswith(secret)]
    assert len(list(site.volume.iterdir())) == 2


def flip(site: Site) -> None:
    for pack in site.packs():
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 0xFF
        pack.chmod(0o600)
        pack.write_bytes(data)


def cut(site: Site) -> None:
    for pack in site.packs():
        os.truncate(pack, pack.stat().st_size // 2)


def lose_a_pack(site: Site) -> None:
    for pack in site.packs()[1:]:
        pack.unlink()
        pack.with_suffix(".idx").unlink()


def lie_about_tips(site: Site) -> None:
    for tips in site.volume.glob("*/tips"):
        site.world.upstream.commit("main", {"later.txt": os.urandom(50).hex()})
        tips.write_text(f"{site.world.upstream.tip('main')}\nnonsense\n../..\n")
        for pack in tips.parent.glob("packs/pack/*"):
            pack.unlink()


def lie_about_contents(site: Site) -> None:
    """Name harmful contents by the id of a file that the branch has."""
    victim = site.world.downstream.git("rev-parse", f"{BRANCH}:data/1")
    scratch = Repository(site.world.root / "scratch")
    evil = scratch.git("hash-object", "-w", "--stdin", stdin=b"rm -rf everything\n")
    name = scratch.git("pack-objects", str(site.world.root / "evil"), stdin=f"{evil}\n".encode())
    pack = site.world.root / f"evil-{name}.pack"
    for packs in site.volume.glob("*/packs/pack"):
        shutil.rmtree(packs)
        packs.mkdir()
        shutil.copy(pack, packs / pack.name.replace("evil", "pack"))
        index = index_of(pack.with_suffix(".idx").read_bytes(), bytes.fromhex(victim))
        (packs / pack.with_suffix(".idx").name.replace("evil", "pack")).write_bytes(index)


def index_of(honest: bytes, oid: bytes) -> bytes:
    """Return an index that gives a pack's one object another id (gitformat-pack)."""
    fanout = b"".join(struct.pack(">I", int(number >= oid[0])) for number in range(256))
    body = honest[:8] + fanout + oid + honest[8 + 1024 + 20 : -20]
    return body + hashlib.sha1(body).digest()  # noqa: S324 - git's own format


BROKEN = [flip, cut, lose_a_pack, lie_about_tips, lie_about_contents]


@pytest.mark.parametrize("breaks", BROKEN)
def test_a_broken_mirror_only_costs_its_savings(site: Site, breaks: Callable[[Site], None]) -> None:
    sound = fill(site)
    breaks(site)
    run = site.attempt()

    site.check_out(run)

    assert set(sound) <= set(objects_of(run))
    assert run.step().returncode == 0
    assert git(run.work_tree, "fsck", "--no-dangling") == ""


@pytest.mark.parametrize("breaks", [flip, lie_about_contents])
def test_a_broken_mirror_is_deleted_with_one_log_line_and_filled_again(
    site: Site, breaks: Callable[[Site], None], caplog: pytest.LogCaptureFixture
) -> None:
    fill(site)
    breaks(site)

    site.check_out(site.attempt())
    said = [record.getMessage() for record in caplog.records]
    fill(site)
    warm = site.check_out(site.attempt())

    assert len(said) == 1
    assert said[0].startswith("The mirror was broken and is thrown away")
    assert warm.sent_bytes < 10_000


def vanish(volume: Path) -> None:
    shutil.rmtree(volume)


def become_a_file(volume: Path) -> None:
    vanish(volume)
    volume.write_text("not a folder\n")


@pytest.mark.parametrize("happens", [vanish, become_a_file])
def test_an_attempt_goes_on_without_its_volume(
    site: Site, happens: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The volume disappears after the attempt's first fetch."""
    sound = fill(site)
    add = store.Store.add
    lost: list[bool] = []

    def lose(self: store.Store, packs: Path, tips: list[str]) -> None:
        add(self, packs, tips)
        if not lost:
            happens(site.volume)
            lost.append(True)

    monkeypatch.setattr(store.Store, "add", lose)
    run = site.attempt()

    site.check_out(run)

    assert lost
    assert objects_of(run) == sound
    assert run.step().returncode == 0


def test_a_full_volume_is_emptied_and_filled_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sound = fill(site)
    site.world.downstream.commit(BRANCH, {"new.txt": os.urandom(1_000).hex()})
    with monkeypatch.context() as full:
        full.setattr(shutil, "copyfileobj", _no_room)
        run = site.attempt()
        site.check_out(run)

    assert set(sound) < set(objects_of(run))
    assert run.step().returncode == 0
    assert "No space left on device" in caplog.text
    assert site.packs() == []
    assert set(fill(site)) == set(objects_of(run))


def _no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_simultaneous_attempts_fetch_once(site: Site) -> None:
    alone = site.check_out(site.attempt(with_mirror=False))
    runs = [site.attempt() for _ in range(4)]
    sent = site.server.sent_bytes
    threads = [threading.Thread(target=run.check_out) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert site.server.sent_bytes - sent < 1.5 * alone.sent_bytes
    for run in runs:
        assert objects_of(run) == objects_of(runs[0])
        assert run.step().returncode == 0


def test_an_attempt_that_waits_too_long_for_another_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = fill(site)
    (folder,) = site.volume.iterdir()
    monkeypatch.setattr(store, "TURN_SECONDS", 0.0)
    with store.Store(folder=folder).turn():
        run = site.attempt()
        fetched = site.check_out(run)

    assert fetched.sent_bytes < 10_000
    assert objects_of(run) == filled


def test_a_mirror_of_many_packs_is_filled_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = fill(site)
    monkeypatch.setattr(store, "MOST_PACKS", len(site.packs()) - 1)
    (folder,) = site.volume.iterdir()
    (folder / "old").touch()
    run = site.attempt()

    site.check_out(run)

    assert not (folder / "old").exists()
    assert objects_of(run) == filled
    assert site.packs()
