"""What is broken when, decided by a seed alone; pure."""

import random
from dataclasses import dataclass

PAUSE_SECONDS = (2.0, 8.0)
"""At least and at most between the beginnings of two faults, which may overlap."""

LASTING = {
    "controller": (0.0, 6.0),
    "argo": (0.0, 8.0),
    "attempt": (0.0, 0.0),
    "apiserver": (0.0, 6.0),
    "api silence": (0.0, 0.0),
    "forge": (1.0, 8.0),
    "network": (2.0, 12.0),
    "storm": (4.0, 12.0),
}
"""Each kind of fault, and how many seconds it lasts at least and at most before it is repaired."""

WEIGHTS = {"controller": 3, "attempt": 4, "apiserver": 1, "storm": 2}
"""How likely a kind is to come again, relative to the others; 1 for those that are missing."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A fault: when it begins, in seconds since the start, and how many seconds it lasts."""

    kind: str
    at: float
    lasts: float


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What happens, and when.

    Attributes:
        faults: in their order.
        applied: seconds at which each Plan is applied.
        answered: seconds before which nobody answers each Plan's conflict.
    """

    faults: tuple[Planned, ...]
    applied: tuple[float, ...]
    answered: tuple[float, ...]


def schedule(seed: int, *, seconds: float, syncs: int) -> Schedule:
    """Return what happens in so many seconds to so many syncs.

    Every kind of fault comes before any comes twice. Plans are applied in the first third, and people
    answer until nine tenths of the time are over, so that there is always something to break.
    """
    chance = random.Random(seed)  # noqa: S311 - for tests
    faults: list[Planned] = []
    waiting = chance.sample(sorted(LASTING), len(LASTING))
    at = chance.uniform(*PAUSE_SECONDS)
    while at < seconds:
        kind = waiting.pop() if waiting else _drawn(chance)
        faults.append(Planned(kind=kind, at=at, lasts=chance.uniform(*LASTING[kind])))
        at += chance.uniform(*PAUSE_SECONDS)
    return Schedule(
        faults=tuple(faults),
        applied=tuple(sorted(chance.uniform(0, seconds / 3) for _ in range(syncs))),
        answered=tuple(chance.uniform(seconds / 6, seconds * 0.9) for _ in range(syncs)),
    )


def _drawn(chance: random.Random) -> str:
    kinds = sorted(LASTING)
    return chance.choices(kinds, [WEIGHTS.get(kind, 1) for kind in kinds])[0]
