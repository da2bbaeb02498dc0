"""Replays many bumps at once: each is independent of the others, so there is a process for each processor.

Clones and rules or Plans go in, what was counted comes out; the programs and tests call `replay_all`, `squash_all`
and `judge_all`. A bump that cannot be replayed is counted as such, and the others go on.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from resync_argo.api.plan import Plan
from resync_argo.attempt.conflict import collisions
from resync_argo.errors import ResyncError
from resync_argo.local.history.bumps import Bump
from tests.history.bumps import find_bumps, with_predecessors
from tests.history.judgements import Judgements
from tests.history.replay import HOST, Replayed, Stage, Unreadable
from tests.history.report import Failed, squashed_summary, summary
from tests.history.share import Judged, judge
from tests.history.squashed import Squashed, replay_squashed

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has a random name
NEEDED_BYTES = 4 << 30

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a process needs to replay bumps: a folder, the clones, the rules or the Plans by their names."""

    folder: Path
    upstream: Path
    downstream: Path
    rules: list[dict[str, Any]] = field(default_factory=list)
    plans: dict[str, Plan] = field(default_factory=dict)

    def replay(self, bump: Bump) -> Replayed | Failed:
        """Replay one bump, on this process' own stage."""
        return self._on_stage(bump, lambda stage: stage.replay(bump, self.rules))

    def squash(self, pair: tuple[Bump, Bump]) -> Squashed | Failed:
        """Replay a bump after a squash of the one before it."""
        bump, before = pair
        return self._on_stage(bump, lambda stage: replay_squashed(stage, bump, before))

    def judge(self, wanted: tuple[Bump, Sequence[str]]) -> Judged | Failed:
        """Sync one bump by some of the Plans."""
        bump, names = wanted
        # A question names the commits that collide. Nothing is decided by that, and it is half of a deep fork's time.
        collisions.MAX_FILES = 0
        plans = {name: plan for name, plan in self.plans.items() if name in names}
        return self._on_stage(bump, lambda stage: judge(stage, bump, plans))

    def _on_stage(self, bump: Bump, do: Callable[[Stage], Made]) -> Made | Failed:
        sys.stderr.write(f"{bump.tag} into {bump.parent[:10]}\n")
        folder = self.folder / str(os.getpid())
        # Where a run and a forecast make their own folders.
        tempfile.tempdir = str(self.folder)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        stage = Stage(folder, self.upstream, self.downstream)
        map_repositories(stage)
        try:
            with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
                return do(stage)
        except (Unreadable, ResyncError) as error:
            return Failed(tag=bump.tag, merge=bump.merge, why=str(error))


def replay_all(
    upstream: Path, downstream: Path, rules: list[dict[str, Any]], only: str | None = None
) -> dict[str, Any]:
    """Replay the bumps in a downstream's history and return what was counted."""
    bumps = [it for it in find_bumps(upstream, downstream) if only in (None, it.tag)]
    with tempfile.TemporaryDirectory(dir=_quickest_folder()) as folder:
        work = Work(folder=Path(folder), upstream=upstream, downstream=downstream, rules=rules)
        return summary(list(_spread(work.replay, bumps)))


def squash_all(upstream: Path, downstream: Path, only: str | None = None) -> dict[str, Any]:
    """Replay the bumps that another one comes before, with that one squashed; return what was counted."""
    pairs = [
        it
        for it in with_predecessors(downstream, find_bumps(upstream, downstream))
        if only in (None, it[0].tag)
    ]
    with tempfile.TemporaryDirectory(dir=_quickest_folder()) as folder:
        work = Work(folder=Path(folder), upstream=upstream, downstream=downstream)
        return squashed_summary(list(_spread(work.squash, pairs)))


def judge_all(
    upstream: Path,
    downstream: Path,
    plans: dict[str, Plan],
    known: Judgements,
    *,
    branches: bool = False,
    only: Collection[str] = (),
) -> Iterator[dict[str, Any]]:
    """Sync the bumps in a downstream's history by each of some Plans; yield what was counted so far after each.

    Args:
        upstream: a clone.
        downstream: a clone.
        plans: by name.
        known: what came of an earlier run, which is not done again.
        branches: whether merges of upstream's branches count as bumps, too.
        only: the tags to do; none for all.
    """
    bumps = find_bumps(upstream, downstream, branches=branches)
    chosen = [it for it in bumps if not only or it.tag in only]
    left = [(it, [name for name in plans if name not in known.plans_of(it)]) for it in chosen]
    with tempfile.TemporaryDirectory(dir=_quickest_folder()) as folder:
        work = Work(folder=Path(folder), upstream=upstream, downstream=downstream, plans=plans)
        yield known.summary()
        for it in _spread(work.judge, [it for it in left if it[1]]):
            known.add(it)
            yield known.summary()


def _spread(do: Callable[[Item], Made], items: list[Item]) -> Iterable[Made]:
    most = min(os.cpu_count() or 1, len(items)) or 1
    with ProcessPoolExecutor(most, mp_context=get_context("spawn")) as processes:
        yield from processes.map(do, items)


def _quickest_folder() -> Path | None:
    """Return the folder in memory, where there is room and programs may lie in it; None: as TMPDIR says.

    A replay writes the same few thousand files again and again, and on a disk that is half of its time.
    """
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return None
    about = os.statvfs(MEMORY)
    has_room = about.f_bavail * about.f_frsize >= NEEDED_BYTES
    return MEMORY if has_room and not about.f_flag & os.ST_NOEXEC else None


def map_repositories(stage: Stage) -> None:
    """Tell git where the repositories of the Plan are, for this process alone."""
    paths = {"upstream": stage.upstream, "downstream": stage.downstream}
    os.environ["GIT_CONFIG_COUNT"] = str(len(paths))
    for number, (name, path) in enumerate(paths.items()):
        os.environ[f"GIT_CONFIG_KEY_{number}"] = f"url.{path}.insteadOf"
        os.environ[f"GIT_CONFIG_VALUE_{number}"] = f"https://{HOST}/{name}"
