"""Releases whose steps spy on the pod and forge what trusted code reads, and a tag that moves meanwhile."""

import pytest

from tests.cluster.waiting import wait_for
from tests.e2e.hostile import OURS, assert_nothing_leaked, plan_of, refs
from tests.world.world import SYNC_SECONDS, Manifest, World

pytestmark = pytest.mark.cluster

LOOK_AROUND = """
count=0
for process in /proc/[0-9]*; do
  count=$((count + 1))
  case "$(tr '\\0' ' ' < $process/cmdline 2> /dev/null)" in
    *"resync-ar""go attempt"*) echo "TAKEN /proc: the command of $process" ;;
  esac
  case "$(tr '\\0' ' ' < $process/environ 2> /dev/null)" in
    *"RESYNC_CON""TRACT="*) echo "TAKEN /proc: the variables of $process" ;;
  esac
  for place in secrets trusted; do
    if [ -e "$process/root/$place" ]; then echo "TAKEN /proc: $process/root/$place"; fi
  done
done
echo "looked at $count processes"
"""
WAIT = "sleep 20"
"""As long as it takes to move a tag."""
FORGED_CONFLICT = """
git merge --no-edit $UPSTREAM_TAG
: > /workspace/.resync/conflict
exit 10
"""
FORGED_REQUEST = """
git merge --no-edit $UPSTREAM_TAG
printf 'step step-1\\ncommit %s\\nend\\n' $(git rev-parse HEAD) > /workspace/.resync/request
read -r answer < /workspace/.resync/answer
: > /workspace/.resync/conflict
exit 10
"""
REPLACED_OBJECT = """
git merge --no-edit $UPSTREAM_TAG
git commit --quiet --allow-empty -m one
one=$(git rev-parse HEAD)
git commit --quiet --allow-empty -m two
two=$(git rev-parse HEAD)
file() { printf '.git/objects/%s/%s' "$(printf %.2s $1)" "${1#??}"; }
chmod u+w "$(file $two)"
cp "$(file $one)" "$(file $two)"
"""
FORGERIES = {
    "conflict": (FORGED_CONFLICT,),
    "request": (FORGED_REQUEST,),
    "object": (REPLACED_OBJECT,),
}


def test_a_step_sees_no_other_process_and_a_tag_that_moves_meanwhile_changes_nothing(
    restricted: World,
) -> None:
    world = restricted
    before = refs(world)
    world.apply(plan_of(world, LOOK_AROUND, WAIT, "git merge --no-edit $UPSTREAM_TAG"))
    first = world.release("1.21.1")
    wait_for(lambda: has_checked_out(world), deadline_seconds=120, describe="the checkout")
    world.upstream.git("tag", "--delete", "v1.21.1")
    second = world.release("1.21.1", {"LATE": "put into a release that was looked at\n"})
    assert first != second

    sync = world.wait_for_phase("1.21.1", "Finished", "Failed")

    assert_nothing_leaked(world)
    assert "looked at" in log_of(world, "step-1")
    assert all(name.startswith(OURS) for name in refs(world).keys() - before.keys())
    assert sync["phase"] == "Finished"
    (opened,) = world.pull_requests()
    world.fetch_downstream(opened.head.ref)
    world.downstream.git("merge-base", "--is-ancestor", first, "FETCH_HEAD")
    assert "LATE" not in world.downstream.git("ls-tree", "--name-only", "FETCH_HEAD").split()
    (tag,) = (it for it in world.tags() if it["spec"]["version"] == "1.21.1")
    name = tag["metadata"]["name"]
    told = world.wait_for_condition("tags.resync.openshift.io", name, "UpstreamUnchanged=False")
    assert told["reason"] == "TagMoved"
    (pod,) = world.kubectl.list("pods")
    assert not pod["spec"].get("shareProcessNamespace")
    assert not pod["spec"].get("hostPID")


def test_forged_files_of_a_step_are_detected_and_reported(restricted: World) -> None:
    """One release, tried again with each change of the Plan."""
    world, before = restricted, refs(restricted)
    told: dict[str, Manifest] = {}
    for name, scripts in FORGERIES.items():
        world.apply(plan_of(world, *scripts))
        if not told:
            world.release("1.21.1")
        told[name] = next_failure(world, {it["workflow"] for it in told.values()})

    assert_nothing_leaked(world)
    assert {name: it["reason"] for name, it in told.items()} == dict.fromkeys(told, "Untrustworthy")
    assert "asked nobody about it" in told["conflict"]["message"]
    assert "is malformed" in told["request"]["message"]
    assert refs(world) == before
    assert world.pull_requests() == []


def next_failure(world: World, known: set[str]) -> Manifest:
    """Wait until a new Workflow has failed, and return the sync."""

    def failed() -> Manifest | None:
        sync = world.sync("1.21.1")
        return sync if sync.get("phase") == "Failed" and sync["workflow"] not in known else None

    return wait_for(
        failed,
        deadline_seconds=SYNC_SECONDS,
        describe=lambda: f"another failure; it is {world.sync('1.21.1')}",
    )


def has_checked_out(world: World) -> bool:
    """Return whether steps may begin."""
    return any(
        status["name"] == "checkout" and "terminated" in status["state"]
        for pod in world.kubectl.list("pods")
        for status in pod.get("status", {}).get("containerStatuses", [])
    )


def log_of(world: World, container: str) -> str:
    """Return the log of a container of the only pod."""
    (pod,) = world.kubectl.list("pods")
    return world.kubectl.run("logs", "--container", container, pod["metadata"]["name"])
