"""Measures one pair of repositories: each of our operations beside a bot's, alternately, a few times.

The order within a pair alternates. The results are medians: of costs, and of the ratios of each
pair.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from statistics import median
from typing import Any, TypeVar

from tests.bench.growth import peer
from tests.bench.growth.cost import END, Cost
from tests.bench.growth.ground import Ground
from tests.bench.growth.history import CLEAN, CONFLICTING, EARLIER
from tests.bench.growth.ours import KNOWN, MIRRORS
from tests.bench.growth.script import SECOND, SYNC

CONFLICT_KNOWN, CONFLICT_ASKED = "conflict known", "conflict asked"
CLEAN_SYNC, SECOND_ATTEMPT = "clean sync", "second attempt"
MIRRORED = f"{CLEAN_SYNC} with mirror"
"""The same with a mirror that an earlier release filled."""
ACTS = (CONFLICT_KNOWN, CONFLICT_ASKED, CLEAN_SYNC, MIRRORED, SECOND_ATTEMPT)

_BESIDE = {CONFLICT_ASKED: CONFLICT_KNOWN, MIRRORED: CLEAN_SYNC}
"""One of our acts that no script does, and the part of it that a script does."""

OURS, SCRIPT, REBASEBOT = "ours", "script", "rebasebot"

T = TypeVar("T")

Measured = dict[str, dict[str, Cost]]
"""The cost of each act, by who did it."""


def measured(place: Ground, rounds: int) -> dict[str, Any]:
    """Return costs and ratios.

    Returns:
        `costs`: operation → program → figure (see `Cost`); `ratios`: operation → our share of the
            script's, for seconds, for processor time, and for that including the servers'. A script
            asks nobody, so asking is compared with its conflict.
    """
    found = [_round(place, number) for number in range(rounds)]
    costs: dict[str, dict[str, dict[str, float]]] = {}
    ratios = {}
    acts = [act for act in ACTS if act in found[0]]
    for act in acts:
        costs[act] = {who: _median([it[act][who] for it in found]) for who in found[0][act]}
        beside = _BESIDE.get(act, act)
        pairs = [(it[act][OURS], it[beside][SCRIPT]) for it in found]
        ratios[act] = _ratios(pairs)
    ratios[f"{SECOND_ATTEMPT} beside {CLEAN_SYNC}"] = _ratios(
        [(it[SECOND_ATTEMPT][OURS], it[CLEAN_SYNC][OURS]) for it in found]
    )
    return {"costs": costs, "ratios": ratios}


def _round(place: Ground, number: int) -> Measured:
    turned = bool(number % 2)
    place.begin_again()
    asked, stopped = _both(
        turned,
        lambda: place.ours(CONFLICTING),
        lambda: place.script(SYNC, f"v{CONFLICTING}", stops=True),
    )
    if KNOWN not in asked:
        raise RuntimeError("no question was found before the first step")
    place.answer()
    second, by_hand = _both(
        turned,
        lambda: place.ours(CONFLICTING)[END],
        lambda: place.script(SECOND, f"v{CONFLICTING}"),
    )
    place.begin_again()
    clean, merged = _both(
        turned, lambda: place.ours(CLEAN)[END], lambda: place.script(SYNC, f"v{CLEAN}")
    )
    costs = {
        CONFLICT_KNOWN: {OURS: asked[KNOWN], SCRIPT: stopped},
        CONFLICT_ASKED: {OURS: asked[END]},
        CLEAN_SYNC: {OURS: clean, SCRIPT: merged},
        SECOND_ATTEMPT: {OURS: second, SCRIPT: by_hand},
    }
    if peer.PYTHON is not None:
        place.begin_again()
        stopped = place.rebasebot(f"v{CONFLICTING}", stops=True)
        costs[CONFLICT_KNOWN][REBASEBOT] = stopped
        costs[CLEAN_SYNC][REBASEBOT] = place.rebasebot(f"v{CLEAN}")
    if MIRRORS:
        place.begin_again()
        place.fill_mirror(EARLIER)
        costs[MIRRORED] = {OURS: place.ours(CLEAN, mirrored=True)[END]}
    return costs


def _both(turned: bool, ours: Callable[[], T], script: Callable[[], Cost]) -> tuple[T, Cost]:  # noqa: FBT001
    if turned:
        second = script()
        return ours(), second
    first = ours()
    return first, script()


def _median(costs: Sequence[Cost]) -> dict[str, float]:
    values = [asdict(it) for it in costs]
    return {it.name: round(median(one[it.name] for one in values), 2) for it in fields(Cost)}


def _ratios(pairs: Sequence[tuple[Cost, Cost]]) -> Mapping[str, float]:
    def of(figure: Callable[[Cost], float]) -> float:
        return round(median(figure(ours) / figure(theirs) for ours, theirs in pairs), 2)

    return {
        "seconds": of(lambda it: it.seconds),
        "cpu_seconds": of(lambda it: it.cpu_seconds),
        "cpu_seconds_with_server": of(lambda it: it.cpu_seconds + it.server_cpu_seconds),
        "fetched_bytes": of(lambda it: it.fetched_bytes),
    }
