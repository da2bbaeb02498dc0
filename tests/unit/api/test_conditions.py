"""Each reconcile computes conditions again, and a condition keeps its time while its status stays."""

from resync_argo.api.conditions import MAX_MESSAGE, Condition, Finding, Status, find, merge

THEN, NOW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def condition(kind: str, status: Status = "True", message: str = "It is so.") -> Condition:
    return Condition.of(kind, Finding(status=status, reason="Because", message=message))


def merged(*new: Condition, old: list[Condition] | None = None, at: str = NOW) -> list[Condition]:
    return merge(old or [], new, at, generation=3)


def test_a_condition_keeps_its_time_until_its_status_changes() -> None:
    old = merged(condition("A"), condition("B"), at=THEN)

    new = merged(condition("A", message="Otherwise."), condition("B", "False"), old=old)

    assert [(c.type, c.last_transition_time) for c in new] == [("A", THEN), ("B", NOW)]
    assert new[0].message == "Otherwise."


def test_the_same_observation_again_is_the_same_condition() -> None:
    once = merged(condition("A"), at=THEN)

    assert merged(condition("A"), old=once) == once


def test_an_unobserved_condition_disappears() -> None:
    old = merged(condition("A"), condition("B"), at=THEN)

    assert [c.type for c in merged(condition("B"), old=old)] == ["B"]


def test_conditions_are_sorted_and_name_the_observed_generation() -> None:
    other = condition("A").model_copy(update={"observed_generation": 2})

    told = [(c.type, c.observed_generation) for c in merged(condition("B"), other)]

    assert told == [("A", 2), ("B", 3)]


def test_a_long_message_is_cut_where_a_reader_sees_it() -> None:
    (one,) = merged(condition("A", message="x" * 5000))

    assert len(one.message) == MAX_MESSAGE
    assert one.message.endswith("…")


def test_a_condition_is_found_by_its_type() -> None:
    found = merged(condition("A"), condition("B"))

    assert find(found, "B") == found[1]
    assert find(found, "C") is None
