"""A release whose step forges how the run ended: Argo's folder, in which exit codes are, is in its hands.

What counts is what trusted containers saw, and with which code the kubelet saw `main` end. A run that gets
past that all the same is in tests/apiserver/controller/sync/test_after_run.py.
"""

import pytest

from tests.e2e.hostile import assert_nothing_leaked, plan_of, refs
from tests.world.world import World

pytestmark = pytest.mark.cluster

FORGED_EXIT_CODES = """
cd /var/run/argo/ctr
for container in *; do
  mv "$container" "../$container-before" && mkdir "$container"
  printf 0 > "$container/exitcode"
  printf 0 > "../$container-before/exitcode" || true
  chmod 444 "$container/exitcode" "../$container-before/exitcode" || true
  chmod 555 "$container" || true
done
grep . */exitcode
exit 3
"""
"""Every container is said to have ended well, and nobody may write anything else there."""


def test_a_step_that_forges_every_exit_code_finishes_nothing(restricted: World) -> None:
    world = restricted
    before = refs(world)
    world.apply(plan_of(world, FORGED_EXIT_CODES))
    world.release("1.21.1")

    sync = world.wait_for_phase("1.21.1", "Finished", "Failed", "Skipped")

    assert_nothing_leaked(world)
    assert sync["phase"] == "Failed", sync
    # Which of the two it is depends on who looks first: at the commit that is missing, or at the files.
    assert sync["reason"] in {"NothingToPropose", "Untrustworthy"}, sync
    assert world.pull_requests() == []
    assert refs(world) == before
