"""Replays many bumps at once: each is independent of the others, so there is a process for each processor.

Clones and rules go in, what was counted comes out; `__main__` and a test call `replay_all`.
"""

import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.history.bumps import Bump, find_bumps
from tests.history.replay import HOST, Replayed, Stage
from tests.history.report import summary

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has a random name
NEEDED_BYTES = 4 << 30


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a process needs to replay bumps: a folder, the clones, the rules."""

    folder: Path
    upstream: Path
    downstream: Path
    rules: list[dict[str, Any]]

    def replay(self, bump: Bump) -> Replayed:
        """Replay one bump, on this process' own stage."""
        sys.stderr.write(f"{bump.tag} into {bump.parent[:10]}\n")
        folder = self.folder / str(os.getpid())
        # Where a run makes its own folders.
        tempfile.tempdir = str(self.folder)
        stage = Stage(folder, self.upstream, self.downstream)
        _map_repositories(stage)
        with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
            return stage.replay(bump, self.rules)


def replay_all(
    upstream: Path, downstream: Path, rules: list[dict[str, Any]], only: str | None = None
) -> dict[str, Any]:
    """Replay the bumps in a downstream's history and return what was counted."""
    bumps = [it for it in find_bumps(upstream, downstream) if only in (None, it.tag)]
    with tempfile.TemporaryDirectory(dir=_quickest_folder()) as folder:
        work = Work(folder=Path(folder), upstream=upstream, downstream=downstream, rules=rules)
        most = min(os.cpu_count() or 1, len(bumps)) or 1
        with ProcessPoolExecutor(most, mp_context=get_context("spawn")) as processes:
            return summary(list(processes.map(work.replay, bumps)))


def _quickest_folder() -> Path | None:
    """Return the folder in memory, where there is room and programs may lie in it; None: as TMPDIR says.

    A replay writes the same few thousand files again and again, and on a disk that is half of its time.
    """
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return None
    about = os.statvfs(MEMORY)
    has_room = about.f_bavail * about.f_frsize >= NEEDED_BYTES
    return MEMORY if has_room and not about.f_flag & os.ST_NOEXEC else None


def _map_repositories(stage: Stage) -> None:
    """Tell git where the repositories of the Plan are, for this process alone."""
    paths = {"upstream": stage.upstream, "downstream": stage.downstream}
    os.environ["GIT_CONFIG_COUNT"] = str(len(paths))
    for number, (name, path) in enumerate(paths.items()):
        os.environ[f"GIT_CONFIG_KEY_{number}"] = f"url.{path}.insteadOf"
        os.environ[f"GIT_CONFIG_VALUE_{number}"] = f"https://{HOST}/{name}"
