"""On a real API server, too, a temporary problem needs nobody."""

import pytest

from tests.apiserver.lab import Lab

pytestmark = pytest.mark.apiserver

AWAY = "ForgeUnavailable: could not open a pull request: the forge answered 503."


def test_an_unreachable_forge_needs_neither_a_pod_nor_a_person(
    lab: Lab,
) -> None:
    lab.limits["retry_seconds"] = 2
    lab.add_plan()
    with lab.running():
        first = lab.wait_for_run("1.0.0")
        lab.argo_ends(first, 1, AWAY)
        waiting = lab.wait_until("1.0.0", "Pending", "ForgeUnavailable")
        second = lab.wait_for_run("1.0.0", other_than=first)
        lab.argo_ends(second, 1, AWAY)
        again = lab.wait_until("1.0.0", "Pending", "ForgeUnavailable")
        lab.wait_for_run("1.0.0", other_than=second)
        lab.merge_release("1.0.0")

    assert (waiting.failures, again.failures) == (1, 2)
    assert waiting.next_try_time is not None
    assert waiting.next_try_time in waiting.message
    assert "the forge answered 503" in waiting.message
    assert len(lab.workflows()) == 3


def test_a_wait_survives_the_controller_and_ends_when_a_person_asks(lab: Lab) -> None:
    lab.release("1.0.1")
    lab.add_plan()
    with lab.running():
        first = lab.wait_for_run("1.0.0")
        lab.argo_ends(first, 1, AWAY)
        waiting = lab.wait_until("1.0.0", "Pending", "ForgeUnavailable")
    with lab.running() as controller:
        lab.wait_until_idle(controller)
        after = lab.sync("1.0.0")
        lab.wait_until_next("1.0.0", "ForgeUnavailable")
        lab.ask("1.0.0", retry=1)
        lab.wait_for_run("1.0.0", other_than=first)

    assert after == waiting
