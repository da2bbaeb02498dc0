"""Which open pull requests are included."""

from dataclasses import replace
from typing import Any

import pytest

from resync_argo.api.include import Include
from resync_argo.attempt.include.choose import choose
from resync_argo.errors import Stalled
from resync_argo.forge.interface import PullRequest, PullRequestState
from tests.fakes import FakeForge

ART = Include(author="openshift-bot", title="consistent with ART$")


def pull(number: int = 1, **facts: Any) -> PullRequest:
    """Return an open pull request of the bot."""
    made = replace(
        FakeForge().open("art"),
        number=number,
        author="openshift-bot",
        title="Updating image to be consistent with ART",
        labels=("approved",),
    )
    return replace(made, **facts)


def numbers(wanted: list[Include], *pulls: PullRequest) -> list[int]:
    return [it.number for it in choose(wanted, pulls)]


def test_pull_requests_that_match_an_entry_are_included_in_order_of_number() -> None:
    other = pull(2, author="somebody", title="Other", labels=("sync: please",))
    wanted = [ART, Include(label="sync: please")]
    assert numbers(wanted, pull(10), other, pull(9)) == [2, 9, 10]
    (found,) = choose([ART], [pull(7)])
    assert (found.number, found.author, found.head) == (7, "openshift-bot", f"{1:040x}")
    assert found.ref == "refs/resync/include/7"


OTHERS: dict[str, dict[str, Any]] = {
    "another author": {"author": "openshift-bot2"},
    "a title that only begins so": {"title": "consistent with ART, or not"},
    "a draft": {"is_draft": True},
    "a closed one": {"state": PullRequestState.CLOSED},
    "a merged one": {"state": PullRequestState.MERGED},
    "one of our own": {"head_branch": "resync/plan/1.0.0"},
}


@pytest.mark.parametrize("facts", OTHERS.values(), ids=OTHERS)
def test_other_pull_requests_are_left_out(facts: dict[str, Any]) -> None:
    assert numbers([ART], pull(**facts)) == []


def test_every_condition_of_an_entry_must_hold() -> None:
    strict = ART.model_copy(update={"label": "approved"})
    assert numbers([strict], pull()) == [1]
    assert numbers([strict], pull(labels=("approved by nobody",))) == []
    assert numbers([strict], pull(title="Other")) == []


def test_a_login_ignores_case_and_a_label_does_not() -> None:
    assert numbers([Include(author="OpenShift-Bot")], pull()) == [1]
    assert numbers([Include(label="Approved")], pull()) == []


def test_a_title_alone_includes_nothing_even_if_a_plan_bypassed_the_crd() -> None:
    assert numbers([Include(title=".")], pull()) == []


def test_more_than_ten_are_refused_with_a_sentence() -> None:
    assert len(numbers([ART], *map(pull, range(1, 11)))) == 10
    with pytest.raises(
        Stalled, match=r"^11 open pull requests fit `config.include`, and 10"
    ) as told:
        numbers([ART], *map(pull, range(1, 12)))
    assert told.value.reason == "TooManyIncluded"
    assert "#11" in str(told.value)


def test_a_title_that_re2_does_not_know_is_refused() -> None:
    with pytest.raises(Stalled, match=r"`\(\?=a\)` in `config.include` cannot be used") as told:
        numbers([Include(author="openshift-bot", title="(?=a)")], pull())
    assert told.value.reason == "InvalidPattern"


def test_a_title_that_is_slow_in_other_engines_is_quick() -> None:
    slow = Include(author="openshift-bot", title="^(a+)+$")
    assert numbers([slow], pull(title="a" * 255 + "b")) == []
