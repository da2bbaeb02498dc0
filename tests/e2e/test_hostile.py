"""Releases that attack: each tries many things at once, and gets neither a secret nor anything published.

What a step planted betrays itself by the word `TAKEN` in the log of the container in which it ran, if that
container has what steps have not.
"""

import pytest

from tests.cluster.kubectl import Kubectl
from tests.forge.launcher import BOT
from tests.world.world import Manifest, World

pytestmark = pytest.mark.cluster

RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"
OURS = ("refs/heads/resync/", "refs/resync/", "refs/pull/")
"""Where a sync may leave something; the forge itself makes the last."""
SPY = (
    "#!/bin/sh\n"
    "for place in /secrets /trusted; do\n"
    '  [ -e "$place" ] && { echo "TAKEN $place"; find /secrets -type f -exec cat {} +; } > /proc/1/fd/1\n'
    "done\n"
)
TAKE_OVER_ARGO = f"""
cat > /workspace/tmp/spy <<'EOF'
{SPY}EOF
chmod 755 /workspace/tmp/spy
cd /var/run/argo
cp /workspace/tmp/spy argoexec.new
mv -f argoexec.new argoexec || echo "argoexec stays"
for container in ctr/*; do
  ln -sfn /secrets/github/token "$container/stdout" || true
  ln -sfn /var/run/secrets/kubernetes.io/serviceaccount/token "$container/combined" || true
done
ln -sfn /secrets template.secrets || true
echo '{{"name":"attempt","container":{{"command":["/workspace/tmp/spy"]}}}}' > template || true
(while :; do /workspace/tmp/spy; sleep 1; done) > /dev/null 2>&1 &
echo '::set-output name=outcome::0'
echo 'AlreadySynced: 9.9.9 everything is fine'
head -c 200000000 /dev/zero | tr '\\0' x
echo
"""
POISON_THE_CLONE = """
printf '%s' '{spy}' > /workspace/tmp/spy
chmod 755 /workspace/tmp/spy
mkdir -p /workspace/tmp/hooks
for hook in pre-push post-checkout pre-commit reference-transaction fsmonitor post-index-change; do
  cp /workspace/tmp/spy /workspace/tmp/hooks/$hook
done
cat >> .git/config <<'EOF'
[core]
	hooksPath = /workspace/tmp/hooks
	fsmonitor = /workspace/tmp/spy
	sshCommand = /workspace/tmp/spy
	gitProxy = /workspace/tmp/spy
	attributesFile = /workspace/tmp/attributes
[credential]
	helper = !/workspace/tmp/spy
[filter "evil"]
	clean = /workspace/tmp/spy
	smudge = /workspace/tmp/spy
	required = false
[merge "evil"]
	driver = /workspace/tmp/spy
[diff]
	external = /workspace/tmp/spy
[include]
	path = /secrets/github/token
[url "ext::/workspace/tmp/spy "]
	insteadOf = http
	pushInsteadOf = http
[gpg]
	program = /workspace/tmp/spy
[uploadpack]
	packObjectsHook = /workspace/tmp/spy
EOF
echo '* filter=evil merge=evil diff=evil' > .git/info/attributes
git -c core.hooksPath=/dev/null -c core.fsmonitor=false replace HEAD HEAD~1 || true
echo /trusted/repository.git/objects > .git/objects/info/alternates
"""
REPLACE_THE_CONTROL = """
mv /workspace/.resync /workspace/.resync-before
ln -s /trusted /workspace/.resync
mv .git .git-before
ln -s /trusted/repository.git .git
"""


@pytest.fixture
def restricted(world: World) -> World:
    """A world whose namespace Pod Security restricts."""
    Kubectl(kubeconfig=world.cluster.kubeconfig).run("label", "namespace", world.name, RESTRICTED)
    return world


def plan_of(world: World, *scripts: str) -> Manifest:
    """Return a Plan of scripts, a pull request and a message."""
    plan = world.plan()
    pull_request = {"type": "pull-request", "title": "Update to $UPSTREAM_VERSION", "body": ""}
    message = {"type": "slack-notification", "channel": "chan-1", "message": "New version"}
    plan["spec"]["steps"] = [
        *({"name": f"Step {number}", "run": script} for number, script in enumerate(scripts, 1)),
        {"name": "Create PR", "action": pull_request},
        {"name": "Tell", "action": message},
    ]
    return plan


def sync_release(world: World, plan: Manifest, files: dict[str, str | None]) -> Manifest:
    """Sync one hostile release, and check what must hold whatever it tried."""
    before = refs(world)
    world.apply(plan)
    world.release("1.21.1", files)

    sync = world.wait_for_phase("1.21.1", "Finished", "Failed")

    logs = [
        world.kubectl.run("logs", "--all-containers", "--tail=-1", "--limit-bytes=2000000", name)
        for name in (pod["metadata"]["name"] for pod in world.kubectl.list("pods"))
    ]
    assert logs
    for log in logs:
        assert "TAKEN" not in log
        assert world.forge.tokens[BOT] not in log
        assert "xoxb-good" not in log
    new = {name for name, commit in refs(world).items() if before.get(name) != commit}
    assert all(name.startswith(OURS) for name in new), new
    assert sync["message"]
    return sync


def refs(world: World) -> dict[str, str]:
    """Return downstream's refs on the forge, by name."""
    url = f"{world.forge.git_url}/{world.downstream_name}"
    lines = world.downstream.git("ls-remote", "--refs", "--", url).splitlines()
    return {name: commit for commit, name in (line.split("\t") for line in lines)}


def test_argos_folder_in_a_steps_hands_opens_no_trusted_container(restricted: World) -> None:
    """Twelve more containers start before `main`, whose start they delay: without the barrier the
    spy would be what starts it."""
    quiet = ["true"] * 12
    plan = plan_of(restricted, TAKE_OVER_ARGO, *quiet, "git merge --no-edit $UPSTREAM_TAG")

    sync = sync_release(restricted, plan, {})

    selector = f"workflows.argoproj.io/workflow={sync['workflow']}"
    (pod,) = restricted.kubectl.list("pods", selector=selector)
    ended = {
        status["name"]: status["state"]["terminated"]
        for status in pod["status"]["containerStatuses"]
    }
    assert ended["main"]["startedAt"] <= ended["01-checkout"]["finishedAt"]


def test_a_poisoned_clone_and_release_run_nothing_where_secrets_are(restricted: World) -> None:
    poison = POISON_THE_CLONE.format(spy=SPY)
    plan = plan_of(restricted, "git merge --no-edit $UPSTREAM_TAG", poison)
    files: dict[str, str | None] = {
        ".gitattributes": "* filter=evil merge=evil diff=evil\n",
        ".gitmodules": (
            '[submodule "a"]\n\tpath = a\n\turl = ext::sh -c /workspace/tmp/spy\n'
            '[submodule "b"]\n\tpath = b\n\turl = -u/workspace/tmp/spy\n'
        ),
        ".lfsconfig": "[lfs]\n\turl = file:///secrets\n",
    }

    sync = sync_release(restricted, plan, files)

    if sync["phase"] == "Finished":
        (opened,) = restricted.pull_requests()
        restricted.fetch_downstream(opened.head.ref)
        assert restricted.downstream.git("show", "FETCH_HEAD:VERSION") == "1.21.1"


def test_a_replaced_control_folder_is_a_failure_that_says_so(restricted: World) -> None:
    plan = plan_of(restricted, "git merge --no-edit $UPSTREAM_TAG", REPLACE_THE_CONTROL)

    sync = sync_release(restricted, plan, {})

    assert sync["phase"] == "Failed"
    assert restricted.pull_requests() == []
