"""Measures every size, one row each."""

import logging
import os
from collections.abc import Iterable, Iterator
from typing import Any

from tests.bench.growth.ground import ground
from tests.bench.growth.history import Shape, pair_of
from tests.bench.growth.real import Pair, real_pair
from tests.bench.growth.rounds import measured

BY_FILES = tuple(Shape(files=it * 1000, commits=1000) for it in (1, 10, 36, 100))
BY_COMMITS = tuple(Shape(files=10_000, commits=it * 1000) for it in (1, 10, 100))
SHAPES = {it.name: it for it in (*BY_FILES, *BY_COMMITS)}
"""A row each, by name; that of 10,000 files and 1,000 commits belongs to both series."""

REAL = "kubernetes_autoscaler"
"""The row of the real pair."""

ROUNDS = int(os.environ.get("RESYNC_BENCH_ROUNDS", "3"))
"""Of each size."""
LARGE = 50_000
"""Files, or commits, of which one round has to do."""

LOG = logging.getLogger(__name__)

Row = dict[str, Any]


def names(largest: int) -> list[str]:
    """Return the rows that can be measured, up to so many files and commits: all made ones, and the real one where a pair was taken."""
    real = real_pair()
    sizes = SHAPES | ({REAL: real.shape} if real is not None else {})
    return [name for name, it in sizes.items() if max(it.files, it.commits) <= largest]


def rows(wanted: Iterable[str]) -> Iterator[Row]:
    """Measure one row after another, and yield each as soon as it is there.

    Args:
        wanted: names of rows.

    Yields:
        Rows with `name`, `files`, `commits` (of upstream's history), `rounds`, `load_average`, and what `measured` found.
        One that could not be measured has its kind of `error` instead; the log has the rest.
    """
    for name in wanted:
        LOG.info("row %s", name)
        facts: Row = {"name": name}
        try:
            pair = _pair(name)
            facts |= {"files": pair.shape.files, "commits": pair.shape.commits}
            facts |= {"note": pair.note} if pair.note else {}
            yield facts | _measured(pair)
        except Exception as error:
            # Whatever it is, the other rows are not to be lost.
            LOG.exception("%s was not measured", name)
            yield facts | {"error": type(error).__name__}


def _pair(name: str) -> Pair:
    """Return a row's pair, which is made if it is not in the cache.

    Raises:
        LookupError: it is the real one, which nobody took.
    """
    if name in SHAPES:
        return Pair(folder=pair_of(SHAPES[name]), shape=SHAPES[name])
    real = real_pair()
    if real is None:
        raise LookupError("take a pair first: `python -m tests.bench.growth.real`")
    return real


def _measured(pair: Pair) -> Row:
    rounds = 1 if max(pair.shape.files, pair.shape.commits) > LARGE else ROUNDS
    with ground(pair.folder) as place:
        found = measured(place, rounds)
    return {"rounds": rounds, **found, "load_average": round(os.getloadavg()[0], 1)}
