"""Retries of calls that may succeed later."""

import dataclasses
from pathlib import Path

import pytest

from resync_argo.attempt.retrying import retrying
from resync_argo.errors import Stalled, Transient
from tests.git.builders import make_world


class Unreliable:
    """Answers after some failures."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)

    def __call__(self) -> str:
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def test_tries_again_until_there_is_an_answer(tmp_path: Path) -> None:
    attempt = dataclasses.replace(make_world(tmp_path).attempt().attempt, retry_for_seconds=30.0)

    assert retrying(attempt, Unreliable(Transient("away"))) == "answer"


def test_gives_up_at_once_without_patience(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="away"):
        retrying(make_world(tmp_path).attempt().attempt, Unreliable(Transient("away")))


def test_gives_up_if_the_other_side_asks_for_a_longer_wait_than_allowed(tmp_path: Path) -> None:
    attempt = dataclasses.replace(make_world(tmp_path).attempt().attempt, retry_for_seconds=30.0)

    with pytest.raises(Transient, match="quota"):
        retrying(attempt, Unreliable(Transient("quota", retry_after=3600.0)))


def test_does_not_retry_what_a_person_must_fix(tmp_path: Path) -> None:
    attempt = dataclasses.replace(make_world(tmp_path).attempt().attempt, retry_for_seconds=30.0)

    with pytest.raises(Stalled):
        retrying(attempt, Unreliable(Stalled("Forbidden", "a permission is missing")))
