"""The step wrapper's exit codes, messages and files for trusted code; in two shells."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from resync_argo.attempt.steps.control import read_commit
from tests.git.builders import Run, World
from tests.git.repositories import git

SHELLS = [pytest.param(("dash",), id="dash"), pytest.param(("busybox", "sh"), id="busybox")]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> tuple[str, ...]:
    argv: tuple[str, ...] = request.param
    return argv


@pytest.fixture
def run(world: World) -> Run:
    made = world.attempt()
    made.check_out()
    return made


def message(run: Run) -> str:
    return run.attempt.layout.termination.read_text().strip()


def test_keeps_the_exit_code_and_reports_the_last_output(run: Run, shell: tuple[str, ...]) -> None:
    done = run.step(script="echo first >&2; echo 'the reason' >&2; echo; exit 3", shell=shell)

    assert done.returncode == 3
    assert message(run) == "exit code 3: the reason"


def test_standard_output_counts_as_the_reason_too(run: Run, shell: tuple[str, ...]) -> None:
    run.step(script="git add -A; git commit -m generated", shell=shell)

    assert message(run) == "exit code 1: nothing to commit, working tree clean"


def test_the_first_failing_command_ends_the_script(run: Run, shell: tuple[str, ...]) -> None:
    done = run.step(script="false\ntouch later", shell=shell)

    assert done.returncode == 1
    assert not (run.work_tree / "later").exists()
    assert message(run) == "exit code 1: it printed nothing"


def test_the_founding_documents_sed_fails_with_its_own_message(run: Run) -> None:
    (run.work_tree / "go.mod").write_text("module x\n")
    script = (
        'sed -E "/=>/! s/(\\tgithub.com\\/openshift\\/[a-z|-]+) (.*)$/\\1 $DOWNSTREAM_REF/" go.mod'
    )

    done = run.step(script=script, env={"DOWNSTREAM_REF": "github.com/openshift/kubernetes"})

    assert done.returncode == 1
    assert message(run).startswith("exit code 1: sed: -e expression #1, char ")
    assert "unknown option to `s'" in message(run)


@pytest.mark.parametrize("code", [10, 64, 143])
def test_a_scripts_exit_code_is_never_taken_for_argos_or_ours(run: Run, code: int) -> None:
    done = run.step(script=f"exit {code}")

    assert done.returncode == 1
    assert message(run).startswith(f"exit code {code}: ")


@pytest.mark.parametrize(
    "script",
    ["printf %s '{{.Dir}}' >out", "printf %s '{{{a}}} <@ {{{{' >out", "printf %s 'a\n\nb\n' >out"],
    ids=["braces", "runs of braces", "lines"],
)
def test_a_script_arrives_unchanged(run: Run, script: str, shell: tuple[str, ...]) -> None:
    token = "<@@"
    escaped = script.replace("{{", token)

    done = run.step(script=escaped, braces=token, shell=shell)

    assert done.returncode == 0, done.stderr
    assert f"printf %s '{(run.work_tree / 'out').read_text()}' >out" == script


def test_runs_in_the_clone_with_our_git_first(run: Run, shell: tuple[str, ...]) -> None:
    done = run.step(script="pwd; command -v git", shell=shell)

    lines = done.stdout.decode().splitlines()
    assert os.fspath(run.work_tree) in lines
    assert os.fspath(run.control.git) in lines


def test_a_login_shell_finds_our_git_too(run: Run) -> None:
    done = run.step(script="bash -lc 'command -v git'; sh -lc 'command -v git'")

    lines = done.stdout.decode().splitlines()
    assert lines.count(os.fspath(run.control.git)) == 2


def test_logs_its_start_and_duration(run: Run) -> None:
    lines = run.step(script="echo between").stdout.decode().splitlines()

    assert lines[0] == "step started: step"
    assert lines[1] == "between"
    assert lines[2].startswith("step took ")


def test_leaves_the_commit_and_the_uncommitted_files(run: Run, shell: tuple[str, ...]) -> None:
    done = run.step(script="git commit -qm x --allow-empty; echo x >'new file'", shell=shell)

    assert done.returncode == 0, done.stderr
    assert read_commit(run.control.head) == git(run.work_tree, "rev-parse", "HEAD")
    assert run.control.uncommitted.read_bytes() == b"?? new file\0"


def test_after_a_step_that_stopped_at_a_conflict_the_others_do_nothing(run: Run) -> None:
    run.control.conflict.write_text("x")

    done = run.step(script="touch later")

    assert done.returncode == 0
    assert done.stdout.decode().startswith("skipped: an earlier step stopped at a conflict")
    assert not (run.work_tree / "later").exists()


def test_a_process_left_behind_does_not_hold_up_the_step(
    run: Run, shell: tuple[str, ...], tmp_path: Path
) -> None:
    begun = time.monotonic()

    done = run.step(script=f"sleep 60 >/dev/null & echo $! >{tmp_path}/pid; echo done", shell=shell)

    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert done.returncode == 0
    assert time.monotonic() - begun < 30


def test_a_folder_that_a_script_moves_away_at_once_does_not_hold_up_the_step(
    run: Run, shell: tuple[str, ...], tmp_path: Path
) -> None:
    """The script is faster than the `tee` that opens the second pipe."""
    tee = tmp_path / "tee"
    tee.write_text(f'#!/bin/sh\nsleep 0.5\nexec {shutil.which("tee")} "$@"\n')
    tee.chmod(0o755)
    control = run.control.directory
    path = f"{tmp_path}:{os.environ['PATH']}"

    done = run.step(script=f"mv {control} {control}-moved", shell=shell, env={"PATH": path})

    assert done.returncode == 1
    assert message(run) == "the workspace cannot be written: is the disk full?"


def test_a_very_long_error_line_is_cut_in_the_message_and_complete_in_the_log(run: Run) -> None:
    done = run.step(script="head -c 5000000 /dev/zero | tr '\\0' x >&2; echo >&2; exit 4")

    assert done.returncode == 4
    assert len(message(run)) < 400
    assert done.stdout.count(b"x") >= 5_000_000


def test_bytes_that_no_message_can_hold_are_left_out(run: Run) -> None:
    run.step(script="printf 'caf\\351 \\033[31mred\\n' >&2; exit 5")

    assert message(run) == "exit code 5: caf [31mred"


def test_a_step_that_is_stopped_from_outside_says_so(run: Run) -> None:
    layout = run.attempt.layout
    with subprocess.Popen(
        ["sh", str(layout.control / "step"), "step", "<@", "echo up; sleep 60"],
        env={"PATH": os.environ["PATH"], "RESYNC_TERMINATION_LOG": str(layout.termination)},
        stdout=subprocess.PIPE,
        process_group=0,
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline() != b"up\n":
            pass
        os.killpg(process.pid, signal.SIGTERM)
        process.stdout.read()

    assert process.returncode == 143
    assert message(run) == "stopped from outside"


def test_git_never_asks_a_person(run: Run) -> None:
    done = run.step(
        script="git commit --allow-empty -m x; git commit --amend --allow-empty; git fetch origin"
    )

    assert done.returncode == 0, done.stderr


def test_a_steps_summary_for_the_pull_request_is_kept(run: Run, shell: tuple[str, ...]) -> None:
    done = run.step(script='echo one >"$RESYNC_SUMMARY"; echo two >>"$RESYNC_SUMMARY"', shell=shell)

    assert done.returncode == 0, done.stderr
    assert run.control.summary("step").read_text() == "one\ntwo\n"
