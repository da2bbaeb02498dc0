"""An attempt whose disk is full, with the containers as processes on a small file system.

Only these processes see the file system (unshare, util-linux); without root that needs user
namespaces.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from resync_argo.contract import CHECKOUT, CONTRACT_VARIABLE, MAIN
from tests.git.builders import World
from tests.git.steps import pull_request_step

ACTION = "create-pr"
POD = """
folder=$1 python=$2 step=$3 script=$4
mount -t tmpfs -o size=$5 tmpfs "$folder" || exit 99
cd "$6" && mkdir "$folder/workspace" "$folder/trusted" "$folder/secrets" "$folder/argo"
head -c 20000 /dev/zero > "$folder/argo/reserve"
"$python" -m tests.git.pod main {main} "$folder" & main=$!
"$python" -m tests.git.pod action {action} "$folder" & action=$!
if "$python" -m tests.git.pod checkout {checkout} "$folder"; then
    setsid --wait sh "$folder/workspace/.resync/step" "$step" '<@' "$script"
    code=$?
else
    code=64  # as Argo says of a step whose dependency failed
fi
rm -f "$folder/argo/reserve"  # Argo's folder is on another disk
mkdir -p "$folder/argo/ctr/$step" && printf %s $code > "$folder/argo/ctr/$step/exitcode"
wait $action
wait $main
echo "main ended with $?"
"""


def run_pod(world: World, script: str, size: str) -> str:
    """Run an attempt in limited space; return the output of its containers and steps."""
    run = world.attempt(script, pull_request_step(), config={"github": None, "slack": None})
    (step,) = run.scripts
    program = POD.format(main=MAIN, action=ACTION, checkout=CHECKOUT)
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    folder = run.attempt.layout.trusted.parent
    words = [str(folder), sys.executable, step, script, size, str(Path.cwd())]
    environment = {
        "PATH": os.environ["PATH"],
        "RESYNC_TAG": "1.1.0",
        "RESYNC_ATTEMPT": "1",
        "RESYNC_TERMINATION_LOG": os.devnull,
        "UPSTREAM_REF": run.attempt.contract.config.upstream.name,
        "TMPDIR": str(run.attempt.layout.workspace / "tmp"),
        "HOME": str(run.attempt.layout.workspace / "home"),
        CONTRACT_VARIABLE: run.attempt.contract.to_json(),
    }
    with subprocess.Popen(
        [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            *user,
            "sh",
            "-c",
            program,
            "sh",
            *words,
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as pod:
        try:
            said, _ = pod.communicate(timeout=120)
        finally:
            pod.kill()  # and with it whatever it started
    assert pod.returncode == 0, said
    return said


@pytest.fixture
def large(world: World) -> World:
    """A release with two megabytes of incompressible data."""
    content = os.urandom(2 << 20)
    world.upstream.tag("v1.1.0", world.upstream.commit("main", {"large": content}))
    return world


def test_a_clone_that_does_not_fit_is_reported_as_such(large: World) -> None:
    said = run_pod(large, "git merge $UPSTREAM_REF", size="1m")

    assert "cannot be copied: the disk is full" in said
    assert "main ended with 1" in said


def test_a_failed_copy_by_trusted_code_is_reported_as_such(large: World) -> None:
    """The step leaves room for its own files, but none for the copy of its work."""
    script = (
        "git merge $UPSTREAM_REF; head -c 3000000 /dev/urandom > made; git add made; git commit -qm made;"
        " cat /dev/zero > $TMPDIR/fill || true; truncate -s -100K $TMPDIR/fill"
    )

    said = run_pod(large, script, size="24m")

    assert "DiskFull: The attempt's disk is full: " in said
    assert "main ended with 1" in said
    assert large.downstream.git("for-each-ref", "refs/heads/resync") == ""


def test_a_step_that_fills_the_disk_fails_itself(large: World) -> None:
    said = run_pod(
        large, "git merge $UPSTREAM_REF; cat /dev/zero > $TMPDIR/fill || true", size="24m"
    )

    assert "the workspace cannot be written: is the disk full?" in said
    assert "StepFailed: step " in said
    assert "main ended with 1" in said
