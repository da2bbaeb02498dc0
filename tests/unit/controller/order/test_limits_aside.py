"""A refresh uses spare room, and never that of a release."""

from resync_argo.controller.order.limits import GRANT_SECONDS
from tests.unit.controller.order.test_limits import Lab, claim, keys


def begin_aside(lab: Lab, number: int, namespace: str = "a", account: str = "t") -> str | None:
    """Let a refresh begin if it may; return why not."""
    key, wanted = keys(number + 1, namespace)[number], claim(namespace, account)
    refusal = lab.limits.admit_aside(key, wanted)
    if refusal is None:
        lab.limits.began(key, wanted)
    return refusal


def test_it_begins_where_there_is_room_and_counts_as_a_run() -> None:
    lab = Lab(max_runs=2)

    begun = begin_aside(lab, 0)

    assert begun is None
    assert lab.begin(keys(2)[1], claim()) is None
    assert lab.begin(keys(3)[2], claim()) is not None, "two runs are under way"


def test_half_of_the_places_stay_for_releases() -> None:
    lab = Lab(max_runs=4, max_runs_per_namespace=4)

    refusals = [begin_aside(lab, number) for number in range(3)]

    assert refusals[:2] == [None, None]
    assert "the others are for releases" in (refusals[2] or "")
    assert lab.begin(keys(9)[8], claim()) is None


def test_half_of_a_namespaces_places_stay_for_its_releases() -> None:
    lab = Lab(max_runs_per_namespace=2)

    assert begin_aside(lab, 0) is None
    assert begin_aside(lab, 1) is not None
    assert begin_aside(lab, 0, "b") is None


def test_a_single_place_is_enough_for_a_refresh() -> None:
    assert begin_aside(Lab(max_runs=1), 0) is None


def full() -> Lab:
    """Return a lab in which a release of namespace a waits for its token's next minute."""
    lab = Lab(forge_writes_per_minute=2)
    assert lab.begin(keys(8)[6], claim()) is None
    assert lab.begin(keys(8)[7], claim()) is not None
    return lab


def test_a_release_that_waits_goes_first() -> None:
    lab = full()

    assert "Releases wait" in (begin_aside(lab, 0, account="another") or "")
    assert "Releases wait" in (begin_aside(lab, 0, "b") or ""), "it has the same token"


def test_a_queue_for_another_token_holds_up_no_refresh() -> None:
    assert begin_aside(full(), 0, "b", "another") is None


def test_a_token_that_must_wait_waits() -> None:
    lab = Lab()
    lab.closed = 30.0

    assert begin_aside(lab, 0) == "The forge asked these credentials to wait."


def test_it_is_never_queued() -> None:
    lab = Lab(max_runs=1)
    lab.begin(keys(1)[0], claim())

    begin_aside(lab, 1)

    assert not lab.limits.knows(keys(2)[1])


def test_an_unused_place_goes_to_a_release_in_time() -> None:
    lab = Lab(max_runs=1)
    first, second = keys(2)
    given = lab.limits.admit_aside(first, claim())
    again = lab.limits.admit_aside(first, claim())
    early = lab.limits.admit(second, claim())

    lab.clock.now = GRANT_SECONDS

    assert (given, again) == (None, None)
    assert early is not None
    assert lab.limits.admit(second, claim()) is None
