"""A step's request at a conflict is untrusted, and a forged one is not followed."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from resync_argo.attempt.conflict.decision_text import describe_decisions
from resync_argo.attempt.conflict.stop import read_conflict
from resync_argo.attempt.resolve.resolver import Resolver
from resync_argo.attempt.results import RESOLVER, load_result
from resync_argo.attempt.steps.control import Control
from tests.git.clones import IDENTITY, Clone, make_clone
from tests.git.conflict_story import make_story
from tests.git.repositories import git
from tests.git.steps import run_answered

BASE = {"f.txt": "1\n2\n3\n"}
DOWNSTREAM = {"f.txt": "1\ndown\n3\n"}
UPSTREAM = {"f.txt": "1\nup\n3\n"}


@pytest.fixture
def asked(tmp_path: Path) -> Clone:
    """A clone whose step has asked, and whose request is still there."""
    clone = make_clone(tmp_path, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM)
    clone.run("git merge --no-edit upstream")
    commit = clone.git("rev-parse", "HEAD")
    clone.control.request.write_text(
        f"step step\ncommit {commit}\nhead {commit}\ncommitter A <a@b>\nend\n"
    )
    (clone.attempt.layout.trusted / "stop.json").unlink()
    return clone


def link(control: Control, outside: Path) -> None:
    outside.write_text("step step\nend\n")
    control.request.unlink()
    control.request.symlink_to(outside)


def nonsense(control: Control, _outside: Path) -> None:
    control.request.write_text("step $(id)\nend\n")


def absent_commit(control: Control, _outside: Path) -> None:
    control.request.write_text(
        f"step step\ncommit {'1' * 40}\nhead {'2' * 40}\ncommitter A <a@b>\nend\n"
    )


def other_commit(control: Control, _outside: Path) -> None:
    head = git(control.directory.parent / "repository", "rev-parse", "HEAD~")
    control.request.write_text(f"step step\ncommit {head}\nhead {head}\ncommitter A <a@b>\nend\n")


def forged_path(control: Control, _outside: Path) -> None:
    control.unmerged.write_text(f'100644 {"1" * 40} 1\t"\\q"\n')


def forged_stage(control: Control, _outside: Path) -> None:
    control.unmerged.write_text(f"040000 {'1' * 40} 9\tf.txt\n")


def fifo(control: Control, _outside: Path) -> None:
    control.unmerged.unlink()
    os.mkfifo(control.unmerged)


def linked_state(control: Control, outside: Path) -> None:
    state = control.directory.parent / "repository" / ".git" / "MERGE_HEAD"
    outside.write_text("0" * 40)
    state.unlink()
    state.symlink_to(outside)


@pytest.mark.parametrize(
    "attack",
    [link, nonsense, absent_commit, other_commit, forged_path, forged_stage, fifo, linked_state],
)
def test_a_forged_request_is_refused_with_a_reason(
    asked: Clone, tmp_path: Path, attack: Callable[[Control, Path], None]
) -> None:
    attack(asked.control, tmp_path / "outside")
    resolver = Resolver(attempt=asked.attempt)

    resolver.look()

    resolver.close()
    told = load_result(asked.attempt, RESOLVER)
    assert told is not None
    assert told.message
    assert read_conflict(asked.attempt) is None


def test_a_pipe_that_a_step_replaced_is_never_written_to(asked: Clone, tmp_path: Path) -> None:
    asked.control.answer.unlink()
    asked.control.answer.symlink_to(tmp_path / "outside")

    Resolver(attempt=asked.attempt).look()

    assert load_result(asked.attempt, RESOLVER) is not None
    assert not (tmp_path / "outside").exists()


@dataclass
class Dying:
    """A resolver whose process ends when a step asks."""

    inner: Resolver

    def look(self) -> None:
        """Hold the pipe open until a step asks."""
        if not self.inner.attempt.layout.control.joinpath("request").exists():
            self.inner.look()
        else:
            self.close()

    def close(self) -> None:
        """Let go of the pipe."""
        self.inner.close()


def test_a_step_stops_if_nobody_can_answer(tmp_path: Path) -> None:
    clone = make_clone(tmp_path, base=BASE, downstream=DOWNSTREAM, upstream=UPSTREAM)
    resolver = Dying(inner=Resolver(attempt=clone.attempt))
    argv = ["sh", str(clone.control.wrapper), "step", "{@{", "git merge upstream\ntouch went-on"]

    done = run_answered(argv, resolver, folder=clone.directory, environment=IDENTITY | os.environ)

    assert done.returncode == 10
    assert not (clone.directory / "went-on").exists()


def test_half_a_request_waits_for_the_rest(asked: Clone) -> None:
    text = asked.control.request.read_text()
    asked.control.request.write_text(text.removesuffix("end\n"))

    Resolver(attempt=asked.attempt).look()

    assert load_result(asked.attempt, RESOLVER) is None


def test_a_step_cannot_forge_the_decisions_of_rules(tmp_path: Path) -> None:
    story = make_story(
        tmp_path / "world",
        ["git merge --no-edit $UPSTREAM_REF"],
        base=BASE,
        downstream=DOWNSTREAM,
        upstream=UPSTREAM,
    )
    story.conflict()
    attempt = story.attempts[-1].attempt
    forged = Control(directory=attempt.layout.control).directory / "decisions"
    forged.write_text("rule\t1\tmerge - - - - 3\tf.txt\t-\n")

    assert describe_decisions(attempt) == ""
