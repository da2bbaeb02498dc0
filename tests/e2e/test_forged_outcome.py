"""A release whose step forges the run's end: it can write to Argo's folder of exit codes.

Only the trusted containers' observations count, and the exit code of `main` that the kubelet saw.
tests/apiserver/controller/sync/decision/test_after_run.py covers a run that gets past that.
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
    # The message depends on which check comes first: that of the missing commit, or that of the
    # files.
    assert sync["reason"] in {"NothingToPropose", "Untrustworthy"}, sync
    assert world.pull_requests() == []
    assert refs(world) == before
