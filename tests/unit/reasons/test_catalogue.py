"""Properties of every reason, and of a reason as a string."""

import copy
import json
import re
from collections import Counter
from typing import get_args

from resync_argo.api.conditions import Condition, Status
from resync_argo.api.sync import Phase
from resync_argo.reasons import (
    attempt,
    chat,
    cluster,
    forge,
    parameters,
    plan,
    refresh,
    sections,
    sync,
    turn,
)
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.reason import ConditionType, Kind, Reason, Shown
from resync_argo.reasons.sync import MERGED, PULL_REQUEST_OPEN

MODULES = (plan, cluster, turn, sync, parameters, refresh, attempt, forge, chat)
TABLE = [
    (name, found)
    for module in MODULES
    for name, found in vars(module).items()
    if isinstance(found, Reason)
]


def test_no_word_is_in_the_table_twice() -> None:
    words = Counter(str(found) for _, found in TABLE)

    assert [word for word, times in words.items() if times > 1] == []
    assert len(words) == len(REASONS)


def test_constants_are_named_for_their_word() -> None:
    capitals = re.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

    assert [name for name, it in TABLE if name != capitals.sub("_", it).upper()] == []
    assert [it for _, it in TABLE if not re.fullmatch("([A-Z][a-z]*)+", it)] == []


def test_every_reason_says_what_it_means_and_what_a_person_does() -> None:
    texts = {it: [it.meaning, *([it.action] if it.action else [])] for _, it in TABLE}
    needs_somebody = [it for _, it in TABLE if it.kind in (Kind.PERSON, Kind.OURS)]

    assert [it for it, said in texts.items() if not all(map(_is_sentence, said))] == []
    assert [it for it in needs_somebody if not it.action] == []


def _is_sentence(text: str) -> bool:
    return re.fullmatch(r"[A-Z`].*\.", text) is not None


def test_every_reason_appears_with_a_possible_status_and_phase() -> None:
    places = [(it, place) for _, it in TABLE for place in it.shown]

    assert [it for _, it in TABLE if not it.shown] == []
    assert [it for it, place in places if not _exists(place)] == []


def _exists(place: Shown) -> bool:
    statuses = get_args(Status) if isinstance(place.section, ConditionType) else ("",)
    phases = get_args(Phase) if place.section is sections.SUCCEEDED else ("",)
    return place.status in statuses and place.phase in phases


def test_a_reason_passes_for_its_word_and_copies_keep_the_rest() -> None:
    again = copy.deepcopy(MERGED)

    assert (f"{MERGED}", json.dumps([MERGED]), MERGED) == ("Merged", '["Merged"]', "Merged")
    assert (again, again.kind, again.meaning, again.shown) == (
        MERGED,
        Kind.STATE,
        MERGED.meaning,
        MERGED.shown,
    )


def test_a_word_read_back_from_a_condition_finds_its_kind() -> None:
    told = Condition(type=sections.MERGED, status="False", reason=PULL_REQUEST_OPEN).dump()

    assert (told["type"], REASONS[told["reason"]].kind) == ("Merged", Kind.PERSON)
