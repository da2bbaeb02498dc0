"""Attempts with a volume of mirrors, and their traffic with hosts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.git.builders import HOST, Run, World
from tests.git.http_server import PrivateServer, serve

TOKEN = "s3cr3t-t0ken"
MERGE = "git merge --no-edit $UPSTREAM_REF"


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """The cost of an attempt's checkout for a host."""

    requests: int
    sent_bytes: int


@dataclass(kw_only=True)
class Site:
    """A world behind a server that requires a token, with a volume.

    Attributes:
        world: its repositories; its attempts mount the volume.
        server: records the requests to the host.
        volume: the one with the mirrors.
    """

    world: World
    server: PrivateServer
    volume: Path
    attempts: int = 0

    def attempt(self, *scripts: str, with_mirror: bool = True, **more: object) -> Run:
        """Return an attempt that has not begun."""
        self.attempts += 1
        world = self.world if with_mirror else replace(self.world, mirror=None)
        given = {"number": self.attempts, "hosts": {HOST: self.server.url}, "token": TOKEN, **more}
        return world.attempt(*(scripts or (MERGE,)), **given)  # type: ignore[arg-type]  # values of mixed types

    def check_out(self, run: Run) -> Fetched:
        """Check out, and return the cost."""
        requests, sent = len(self.server.authorizations), self.server.sent_bytes
        run.check_out()
        return Fetched(
            requests=len(self.server.authorizations) - requests,
            sent_bytes=self.server.sent_bytes - sent,
        )

    def packs(self) -> list[Path]:
        """Return the packs in the volume."""
        return sorted(self.volume.glob("*/packs/pack/*.pack"))


@contextmanager
def site_of(world: World) -> Iterator[Site]:
    """Serve a world and give it an empty volume, while the block runs."""
    volume = world.root / "volume"
    volume.mkdir()
    with serve(world.root, TOKEN) as server:
        yield Site(world=replace(world, mirror=volume), server=server, volume=volume)


def objects_of(run: Run) -> list[str]:
    """Return the objects of an attempt's trusted clone, sorted."""
    listing = ("cat-file", "--batch-all-objects", "--batch-check")
    return run.attempt.repository.text(*listing).splitlines()
