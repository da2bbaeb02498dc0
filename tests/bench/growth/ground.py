"""A served pair of repositories, with the operations of a bot, of our program and of a person.

Each operation runs in a temporary folder, on fresh copies of the cached repositories.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.growth import peer
from tests.bench.growth.cost import END, Cost, cost, disk_mib
from tests.bench.growth.ours import Request
from tests.bench.growth.script import RESOLVED
from tests.git.builders import BRANCH
from tests.git.http_server import PrivateServer, serve
from tests.git.repositories import IDENTITY, Repository

ROOT = Path(__file__).parents[3]
_MARKERS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A served pair.

    Attributes:
        kept: the cached pair.
        folder: for the copies, and for the operations.
        server: serves the copies.
    """

    kept: Path
    folder: Path
    server: PrivateServer

    @property
    def _pair(self) -> Path:
        return self.folder / "pair"

    @property
    def _work(self) -> Path:
        return self.folder / "work"

    @property
    def _filled(self) -> Path:
        return self.folder / "filled"

    def begin_again(self) -> None:
        """Reset the copies; links suffice, since files in the cache are only read."""
        for name in ("pair", "pulls", "mirror"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.kept, self._pair, copy_function=os.link)

    def fill_mirror(self, version: str) -> None:
        """Let an attempt fill a mirror that is empty, and take back what it pushed."""
        mirror = self.folder / "mirror"
        if not self._filled.exists():
            mirror.mkdir()
            self.ours(version, mirrored=True)
            mirror.rename(self._filled)
            self.begin_again()
        shutil.copytree(self._filled, mirror, copy_function=os.link)

    def mirror_mib(self) -> float:
        """Return what the mirror took on disk once it was filled."""
        return disk_mib(self._filled)

    def script(self, text: str, tag: str, *, stops: bool = False) -> Cost:
        """Run a bot's script, which exits with 1 at a conflict."""
        argv = ["sh", "-c", text, "sh", self.server.url, tag]
        return self._cost(argv, {}, may_end_with=1 if stops else 0)[END]

    def ours(self, version: str, *, mirrored: bool = False) -> dict[str, Cost]:
        """Run one of our attempts, optionally with the mirror."""
        request = Request(
            folder=str(self._work),
            pair=str(self._pair),
            url=self.server.url,
            pulls=str(self.folder / "pulls"),
            branch=BRANCH,
            version=version,
            mirror=str(self.folder / "mirror") if mirrored else None,
        )
        argv = [sys.executable, "-m", f"{__package__}.ours", json.dumps(asdict(request))]
        return self._cost(argv, {"PYTHONPATH": str(ROOT)})

    def rebasebot(self, tag: str, *, stops: bool = False) -> Cost:
        """Run rebasebot up to the pushed branch, or to where it stops at a conflict."""
        # -P: modules beside the program must not shadow those that it imports.
        argv = [str(peer.PYTHON), "-P", peer.__file__, self.server.url, BRANCH, tag, "clone"]
        return self._cost(argv, {}, may_end_with=peer.CONFLICT if stops else 0)[END]

    def answer(self) -> None:
        """Resolve the files of the question, and merge it, as people do."""
        downstream = Repository(self._pair / "downstream" / "project")
        listing = downstream.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/")
        (head,) = (it for it in listing.splitlines() if it.endswith("/head"))
        base = f"{head.removesuffix('/head')}/base"
        asked = downstream.git("diff", "--name-only", base, head).splitlines()
        files = {path: _resolved(downstream.show(head, path)) for path in asked}
        resolved = downstream.commit(head, files, message="Resolve")
        for branch in (base, RESOLVED):
            downstream.git("update-ref", f"refs/heads/{branch}", resolved)

    def _cost(
        self, argv: list[str], variables: Mapping[str, str], *, may_end_with: int = 0
    ) -> dict[str, Cost]:
        work = self._work
        work.mkdir()
        environment = {**IDENTITY, "TMPDIR": str(work), **variables}
        try:
            return cost(
                argv,
                folder=work,
                server=self.server,
                environment=environment,
                may_end_with=may_end_with,
            )
        finally:
            shutil.rmtree(work)


def _resolved(text: str) -> str:
    """Keep both sides' lines."""
    return "".join(it for it in text.splitlines(keepends=True) if not it.startswith(_MARKERS))


@contextmanager
def ground(kept: Path) -> Iterator[Ground]:
    """Serve a cached pair inside the block, with copies on the same disk."""
    with tempfile.TemporaryDirectory(prefix="work-", dir=kept.parent) as name:
        folder = Path(name)
        with serve(folder / "pair", token=None) as server:
            made = Ground(kept=kept, folder=folder, server=server)
            made.begin_again()
            yield made
