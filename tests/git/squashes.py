"""A downstream that merged a release with a squash, in a world that goes on."""

from dataclasses import dataclass

from resync_argo.forge.grafts import Brought, write_record
from resync_argo.git import Remote
from tests.git.builders import BRANCH, World
from tests.git.repositories import Repository

CARRIED = "one\n" * 19 + "ours\nmore\n"


@dataclass(frozen=True, kw_only=True)
class Squashed:
    """A downstream that merged 1.1.0, with a conflict that a person resolved; 1.2.0 touches the same file.

    Attributes:
        merged: the commit that brought in 1.1.0.
        release: 1.1.0's commit; `next` is 1.2.0's.
    """

    world: World
    merged: str
    release: str
    next: str

    def record(self, repository: Repository | None = None) -> None:
        where = Remote(url=f"file://{(repository or self.world.downstream).path}")
        write_record(where, BRANCH, Brought(merged=self.merged, release=self.release))


def bring(world: World, *, squash: bool) -> Squashed:
    up, down = world.upstream, world.downstream
    down.commit(BRANCH, {"a.txt": "one\n" * 19 + "ours\n"}, message="Carry a line")
    release = up.git("rev-parse", "v1.1.0^{commit}")
    down.git("fetch", "-q", str(up.path), f"{release}:refs/heads/tmp")
    head = down.tip(BRANCH) or ""
    changes = {"a.txt": CARRIED, "VERSION": "1.1.0\n", "new/n.txt": "n\n"}
    parents = (head,) if squash else (head, release)
    merged = down.commit(BRANCH, changes, message="Sync to 1.1.0 (#1)", parents=parents)
    down.git("update-ref", "-d", "refs/heads/tmp")
    down.git("gc", "-q", "--prune=now")
    files = {"a.txt": "one\n" * 19 + "two\nmore\n"}
    last = up.commit("main", {**files, "VERSION": "1.2.0\n", "new/n.txt": "2\n"})
    up.tag("v1.2.0", last)
    return Squashed(world=world, merged=merged, release=release, next=last)
