"""A new pull request gets the Plan's labels, and the reviewers whom the forge allows."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.new_pull_request import finish, open_new
from resync_argo.errors import Stalled, Transient
from resync_argo.forge.interface import (
    Forbidden,
    ForgeError,
    ObjectNotFound,
    RateLimited,
    RequestRefused,
)
from tests.fakes import FakeForge
from tests.git.builders import make_world

GITHUB = {
    "credentials": {"secretSelector": "s"},
    "labels": ["sync"],
    "reviewers": ["ann", "gone"],
    "teamReviewers": ["core", "secret"],
}


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    made = make_world(tmp_path).attempt(config={"github": GITHUB}).attempt
    return dataclasses.replace(made, retry_for_seconds=30.0)


@dataclasses.dataclass
class Particular(FakeForge):
    """Refuses requests for a review by some people, and first fails if told to."""

    refused: dict[str, ForgeError] = dataclasses.field(default_factory=dict)
    asked: list[str] = dataclasses.field(default_factory=list)
    failures: list[Exception] = dataclasses.field(default_factory=list)

    def request_reviewers(self, number: int, *, users: Sequence[str], teams: Sequence[str]) -> None:
        """See `Forge`."""
        super().request_reviewers(number, users=users, teams=teams)
        if self.failures:
            raise self.failures.pop(0)
        for name in (*users, *teams):
            if name in self.refused:
                raise self.refused[name]
        self.asked += [*users, *teams]


def opened(attempt: Attempt, forge: FakeForge) -> str:
    """Open a pull request; return the comments on it."""
    open_new(attempt, forge, branch="b", base="main", title="t", body="")
    return "".join(comment.body for comment in forge.comments.get(1, []))


@pytest.mark.parametrize(
    "error",
    [
        Forbidden("PermissionMissing", "lacks Members"),
        ObjectNotFound("ObjectNotFound", "no such team"),
        RequestRefused("RequestRefused", "not a collaborator"),
    ],
    ids=["403", "404", "422"],
)
def test_refused_reviewers_are_named_and_the_others_are_asked(
    attempt: Attempt, error: ForgeError
) -> None:
    forge = Particular(refused={"secret": error, "gone": error})

    told = opened(attempt, forge)

    assert forge.asked == ["ann", "core"]
    assert f"`gone`: `{error}`" in told
    assert f"`secret (team)`: `{error}`" in told
    assert "`ann`" not in told
    assert forge.pulls[1].labels == ("sync",)


def test_there_is_no_comment_if_everybody_was_asked(attempt: Attempt) -> None:
    forge = Particular()

    assert opened(attempt, forge) == ""
    assert forge.asked == ["ann", "gone", "core", "secret"]


def test_a_general_failure_is_not_blamed_on_reviewers(attempt: Attempt) -> None:
    forge = Particular(refused={"core": Forbidden("RepositoryArchived", "it is archived")})

    with pytest.raises(Stalled, match="archived"):
        opened(attempt, forge)


def test_finished_requests_are_not_repeated(attempt: Attempt) -> None:
    forge = Particular(failures=[Transient("away"), Transient("away")])

    opened(attempt, forge)

    assert [it.split()[0] for it in forge.requests] == [
        *("create", "reviewers", "reviewers", "reviewers", "label")
    ]


def without_labels(attempt: Attempt) -> Attempt:
    """Return an attempt of a Plan that names reviewers and no labels."""
    config = attempt.contract.config
    github = config.github.model_copy(update={"labels": ()}) if config.github else None
    changed = config.model_copy(update={"github": github})
    return dataclasses.replace(
        attempt, contract=attempt.contract.model_copy(update={"config": changed})
    )


def test_the_next_attempt_asks_for_reviewers_even_without_labels(attempt: Attempt) -> None:
    plain = without_labels(attempt)
    forge = Particular(failures=[RateLimited("Slow down.", retry_after=900)])
    with pytest.raises(RateLimited):
        opened(plain, forge)

    finish(plain, forge, forge.pulls[1])

    assert forge.asked == ["ann", "gone", "core", "secret"]


def test_without_labels_nobody_is_asked_twice(attempt: Attempt) -> None:
    plain = without_labels(attempt)
    forge = Particular()
    opened(plain, forge)
    forge.reviewed.add(1)

    finish(plain, forge, forge.pulls[1])

    assert forge.asked == ["ann", "gone", "core", "secret"]


def test_refused_reviewers_are_named_once(attempt: Attempt) -> None:
    plain = without_labels(attempt)
    nobody = RequestRefused("RequestRefused", "not a collaborator")
    forge = Particular(refused=dict.fromkeys(("ann", "gone", "core", "secret"), nobody))
    opened(plain, forge)

    finish(plain, forge, forge.pulls[1])

    assert len(forge.comments[1]) == 1


def test_the_next_attempt_finishes_what_a_limited_rate_cut_short(attempt: Attempt) -> None:
    limited = RateLimited("Slow down.", retry_after=900)
    forge = Particular(failures=[limited])
    with pytest.raises(RateLimited):
        opened(attempt, forge)

    finish(attempt, forge, forge.pulls[1])
    finish(attempt, forge, forge.pulls[1])

    assert forge.pulls[1].labels == ("sync",)
    assert forge.asked == ["ann", "gone", "core", "secret"]
