"""`resync-argo run` without external changes: `--dry-run`, and `--until` a step."""

import json
import os
import pty
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.git.local_runs import PROGRAM, RESULT, Laptop


def test_until_stops_after_a_step_and_publishes_nothing(laptop: Laptop) -> None:
    told = laptop.run_json("1.1.0", "--until", "Git merge", "--keep")

    assert told["outcome"] == "Stopped"
    assert (Path(told["kept"]) / "VERSION").read_text() == "1.1.0\n"
    assert laptop.world.downstream.tip(RESULT) is None
    shutil.rmtree(laptop.temporary)


def test_until_an_action_shows_it_and_publishes_nothing(laptop: Laptop) -> None:
    before = laptop.world.downstream.git("for-each-ref")

    done = laptop.run("1.1.0", "--until", "pull-request", "--format", "json")

    assert done.returncode == 0, done.stderr
    assert "Sync 1.1.0" in done.stderr
    told = json.loads(done.stdout)
    assert told["outcome"] == "Stopped"
    assert (told["branch"], told["pullRequest"]) == (None, None)
    assert laptop.world.downstream.git("for-each-ref") == before
    assert not list(laptop.pulls.glob("*.md"))


def test_until_a_step_that_conflicts_publishes_no_question(in_conflict: Laptop) -> None:
    before = in_conflict.world.downstream.git("for-each-ref")

    told = in_conflict.run_json("1.1.0", "--until", "Git merge")

    assert told["outcome"] == "Conflict"
    assert in_conflict.world.downstream.git("for-each-ref") == before
    assert not list(in_conflict.pulls.glob("*.md"))


def test_until_an_unknown_step_is_a_usage_error_that_lists_the_steps(laptop: Laptop) -> None:
    done = laptop.run("1.1.0", "--until", "Git murge", "--keep")

    assert done.returncode == 2
    assert laptop.left_behind() == []
    assert "it has `Git merge`, `pull-request`" in done.stderr


def test_a_dry_run_shows_the_pull_request_and_changes_nothing(laptop: Laptop) -> None:
    downstream = laptop.world.downstream
    refuse = downstream.path / "hooks" / "pre-receive"
    refuse.parent.mkdir(exist_ok=True)
    refuse.write_text("#!/bin/sh\necho 'nothing may be written' >&2\nexit 1\n")
    refuse.chmod(0o755)
    before = downstream.git("for-each-ref")

    done = laptop.call("run", laptop.plan, "--tag", "1.1.0", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "Sync 1.1.0" in done.stderr
    assert "VERSION" in done.stdout
    assert "files changed" in done.stdout
    assert downstream.git("for-each-ref") == before
    assert not laptop.pulls.exists()


def test_on_a_terminal_lines_do_not_mix_with_animations(laptop: Laptop) -> None:
    terminal, theirs = pty.openpty()
    words = ("run", laptop.plan, "--tag", "1.1.0", "--dry-run")
    laptop.variables |= {"NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [PROGRAM, *words], env=laptop.environment(), stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = "".join(read_all(terminal))
    os.close(terminal)

    assert process.returncode == 0, shown
    before = shown.split("Pull request that would be opened")[0]
    # A step that ends at once has drawn nothing; what was drawn is erased.
    drawn = re.split(r"\n|\x1b\[2K", before)[-1]
    assert re.sub(r"\x1b\[[?0-9]*[a-z]|\r", "", drawn, flags=re.IGNORECASE) == ""
    assert "\x1b[3" not in shown


def read_all(terminal: int) -> Iterator[str]:
    # On Linux, a terminal that nobody else has open cannot be read.
    with suppress(OSError):
        while piece := os.read(terminal, 65536):
            yield piece.decode(errors="replace")


def test_a_dry_run_that_conflicts_says_so_and_changes_nothing(in_conflict: Laptop) -> None:
    before = in_conflict.world.downstream.git("for-each-ref")

    done = in_conflict.run("1.1.0", "--dry-run")

    assert done.returncode == 3
    assert "VERSION" in done.stdout
    assert "Resolve a conflict: project 1.1.0" in done.stderr
    assert in_conflict.world.downstream.git("for-each-ref") == before
    assert not list(in_conflict.pulls.glob("*.md"))


def test_a_dry_run_sees_the_resolution_of_a_real_run(in_conflict: Laptop) -> None:
    stopped = in_conflict.run_json()
    in_conflict.resolve(stopped["conflict"], {"VERSION": "mine\n"})

    told = in_conflict.run_json("1.1.0", "--dry-run")

    assert told["outcome"] == "Synced"
    assert (told["branch"], told["pullRequest"]) == (None, None)
    assert in_conflict.world.downstream.tip(RESULT) is None
