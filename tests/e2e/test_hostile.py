"""Hostile releases try many attacks at once, and neither get a secret nor publish anything.

They attack the pod's interfaces: Argo's folder, the clone, and the control folder. `hostile` says
how a successful attack shows itself.
"""

import pytest

from tests.e2e.hostile import SPY, plan_of, sync_release
from tests.world.world import World

pytestmark = pytest.mark.cluster

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


def test_a_step_that_writes_to_argos_folder_controls_no_trusted_container(
    restricted: World,
) -> None:
    """Twelve more containers delay the start of `main`: without the barrier, the spy would run in its place."""
    quiet = ["true"] * 12
    plan = plan_of(restricted, TAKE_OVER_ARGO, *quiet, "git merge --no-edit $UPSTREAM_TAG")

    sync = sync_release(restricted, plan, {})

    selector = f"workflows.argoproj.io/workflow={sync['workflow']}"
    (pod,) = restricted.kubectl.list("pods", selector=selector)
    ended = {
        status["name"]: status["state"]["terminated"]
        for status in pod["status"]["containerStatuses"]
    }
    assert ended["main"]["startedAt"] <= ended["checkout"]["finishedAt"]


def test_a_poisoned_clone_and_release_run_nothing_beside_secrets(restricted: World) -> None:
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


def test_a_replaced_control_folder_is_reported_as_a_failure(restricted: World) -> None:
    plan = plan_of(restricted, "git merge --no-edit $UPSTREAM_TAG", REPLACE_THE_CONTROL)

    sync = sync_release(restricted, plan, {})

    assert sync["phase"] == "Failed"
    assert restricted.pull_requests() == []
