"""Measures every size, one row each."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.growth.ground import Ground, ground
from tests.bench.growth.history import Shape, pair_of
from tests.bench.growth.real import real_pair
from tests.bench.growth.rounds import measured

BY_FILES = tuple(Shape(files=it * 1000, commits=1000) for it in (1, 10, 36, 100))
BY_COMMITS = tuple(Shape(files=10_000, commits=it * 1000) for it in (1, 10, 100))
SHAPES = tuple(dict.fromkeys((*BY_FILES, *BY_COMMITS)))
"""A row each; that of 10,000 files and 1,000 commits belongs to both series."""

ROUNDS = int(os.environ.get("RESYNC_BENCH_ROUNDS", "3"))
"""Of each size."""
LARGE = 50_000
"""Files, or commits, of which one round has to do."""

Row = dict[str, Any]
Rows = dict[str, Any]


def rows(shapes: Iterable[Shape] = SHAPES) -> list[Row]:
    """Measure the sizes, and the real pair if there is one; return a row for each.

    Returns:
        Rows with `name`, `files`, `commits` (of upstream's history), `rounds`, `load_average`, and
        the result of `measured`.
    """
    found = []
    for shape in shapes:
        with ground(pair_of(shape)) as place:
            found.append(_row(place, shape, shape.name))
    with _real() as given:
        if given is not None:
            found.append(_row(*given, "kubernetes_autoscaler"))
    return found


def _row(place: Ground, shape: Shape, name: str) -> Row:
    rounds = 1 if max(shape.files, shape.commits) > LARGE else ROUNDS
    facts = {"name": name, "files": shape.files, "commits": shape.commits, "rounds": rounds}
    return {**facts, **measured(place, rounds), "load_average": round(os.getloadavg()[0], 1)}


@contextmanager
def _real() -> Iterator[tuple[Ground, Shape] | None]:
    given = real_pair()
    if given is None:
        yield None
        return
    kept, shape = given
    with ground(kept) as place:
        yield place, shape
