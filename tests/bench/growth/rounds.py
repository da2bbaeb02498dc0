"""Measures one pair of repositories: each of our operations beside a bot's, alternately, a few times.

The order within a pair alternates. The results are medians: of costs, and of the ratios of each
pair.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from statistics import median
from typing import Any, TypeVar

from tests.bench.growth import peer
from tests.bench.growth.cost import END, Cost
from tests.bench.growth.ground import Ground
from tests.bench.growth.history import CLEAN, CONFLICTING, EARLIER
from tests.bench.growth.ours import KNOWN
from tests.bench.growth.script import SECOND, SYNC

CONFLICT_KNOWN, CONFLICT_ASKED = "conflict known", "conflict asked"
CLEAN_SYNC, SECOND_ATTEMPT = "clean sync", "second attempt"
ACTS = (CONFLICT_KNOWN, CONFLICT_ASKED, CLEAN_SYNC, SECOND_ATTEMPT)

OURS, SCRIPT, REBASEBOT = "ours", "script", "rebasebot"
MIRRORED = f"{OURS} with mirror"
"""Ours with a mirror that an earlier release filled."""
WHO = (OURS, MIRRORED, SCRIPT, REBASEBOT)

SECOND_TO_CLEAN = f"{SECOND_ATTEMPT} beside {CLEAN_SYNC}"
"""The ratio of two of our acts."""

T = TypeVar("T")

LOG = logging.getLogger(__name__)

Measured = dict[str, dict[str, Cost]]
"""The cost of each act, by who did it."""


def measured(place: Ground, rounds: int) -> dict[str, Any]:
    """Return costs and ratios.

    Returns:
        `costs`: act → who → figure (see `Cost`); `ratios`: act → `ours`, `ours with mirror` → figure → share of the script's, for
        seconds, processor time, that with the servers', and bytes. A script asks nobody, so asking is held against
        its conflict. `mirror_mib`: what the mirror takes on disk once it is filled.
    """
    found = []
    for number in range(rounds):
        LOG.info("round %d of %d", number + 1, rounds)
        found.append(_round(place, turned=bool(number % 2)))
    costs = {
        act: {who: _median([it[act][who] for it in found]) for who in _all_have(act, found)}
        for act in ACTS
    }
    ratios: dict[str, dict[str, Mapping[str, float]]] = {act: {} for act in ACTS}
    ratios[SECOND_TO_CLEAN] = {}
    for who in (OURS, MIRRORED):
        for act in ACTS:
            script = CONFLICT_KNOWN if act == CONFLICT_ASKED else act
            ratios[act][who] = _ratios([(it[act][who], it[script][SCRIPT]) for it in found])
        ratios[SECOND_TO_CLEAN][who] = _ratios(
            [(it[SECOND_ATTEMPT][who], it[CLEAN_SYNC][who]) for it in found]
        )
    return {"costs": costs, "ratios": ratios, "mirror_mib": round(place.mirror_mib(), 1)}


def _all_have(act: str, found: Sequence[Measured]) -> list[str]:
    """Return who did an act in every round."""
    return [who for who in found[0][act] if all(who in it[act] for it in found)]


def _round(place: Ground, *, turned: bool) -> Measured:
    costs = _beside_script(place, turned=turned)
    for act, cost in _mirrored(place).items():
        costs[act][MIRRORED] = cost
    if peer.PYTHON is not None:
        place.begin_again()
        _add_peer(costs[CONFLICT_KNOWN], lambda: place.rebasebot(f"v{CONFLICTING}", stops=True))
        _add_peer(costs[CLEAN_SYNC], lambda: place.rebasebot(f"v{CLEAN}"))
    return costs


def _beside_script(place: Ground, *, turned: bool) -> Measured:
    place.begin_again()
    asked, stopped = _both(
        lambda: _asked(place),
        lambda: place.script(SYNC, f"v{CONFLICTING}", stops=True),
        turned=turned,
    )
    place.answer()
    second, by_hand = _both(
        lambda: place.ours(CONFLICTING)[END],
        lambda: place.script(SECOND, f"v{CONFLICTING}"),
        turned=turned,
    )
    place.begin_again()
    clean, merged = _both(
        lambda: place.ours(CLEAN)[END],
        lambda: place.script(SYNC, f"v{CLEAN}"),
        turned=turned,
    )
    return {
        CONFLICT_KNOWN: {OURS: asked[KNOWN], SCRIPT: stopped},
        CONFLICT_ASKED: {OURS: asked[END]},
        CLEAN_SYNC: {OURS: clean, SCRIPT: merged},
        SECOND_ATTEMPT: {OURS: second, SCRIPT: by_hand},
    }


def _mirrored(place: Ground) -> dict[str, Cost]:
    """Return what our acts cost with a mirror; the second attempt has that which the first one left."""
    place.begin_again()
    place.fill_mirror(EARLIER)
    asked = _asked(place, mirrored=True)
    place.answer()
    second = place.ours(CONFLICTING, mirrored=True)[END]
    place.begin_again()
    place.fill_mirror(EARLIER)
    return {
        CONFLICT_KNOWN: asked[KNOWN],
        CONFLICT_ASKED: asked[END],
        SECOND_ATTEMPT: second,
        CLEAN_SYNC: place.ours(CLEAN, mirrored=True)[END],
    }


def _asked(place: Ground, *, mirrored: bool = False) -> dict[str, Cost]:
    marks = place.ours(CONFLICTING, mirrored=mirrored)
    if KNOWN not in marks:
        raise RuntimeError("no question was found before the first step")
    return marks


def _add_peer(costs: dict[str, Cost], act: Callable[[], Cost]) -> None:
    """Add what the peer's act costs, if it can do it at all: its rebase is not the merge that the pair was chosen for."""
    try:
        costs[REBASEBOT] = act()
    except RuntimeError as error:
        LOG.warning("%s did not do it: %s", REBASEBOT, error)


def _both(ours: Callable[[], T], script: Callable[[], Cost], *, turned: bool) -> tuple[T, Cost]:
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

    ratios = {
        "seconds": of(lambda it: it.seconds),
        "cpu_seconds": of(lambda it: it.cpu_seconds),
        "fetched_bytes": of(lambda it: it.fetched_bytes),
    }
    if all(ours.server_cpu_seconds for ours, _ in pairs):  # at a mark nobody knows
        ratios["cpu_seconds_with_server"] = of(lambda it: it.cpu_seconds + it.server_cpu_seconds)
    return ratios
