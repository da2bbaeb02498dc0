"""The fate of each commit of a fork; the table of tags is rebasebot's own, for each of its three policies."""

from collections.abc import Mapping

import pytest

from resync_argo.api.carries import Carries
from resync_argo.attempt.carry.policy import Carried, Facts, Fate, judge, squashed_by

KEEP, DROP, LANDED, REFUSE = Fate.KEEP, Fate.DROP, Fate.LANDED, Fate.REFUSE
NONE: Mapping[str, object] = {"prefixes": ["NOBODY-WRITES-THIS"]}
SOFT: Mapping[str, object] = {}
STRICT: Mapping[str, object] = {"untagged": "Drop"}
MERGED = Facts(numbers={100: "a" * 40}, release="v1.1.0")


def commit(subject: str, number: int = 1, **more: object) -> Carried:
    return Carried(id=f"{number:040x}", parent="f" * 40, subject=subject, **more)  # type: ignore[arg-type]  # values of mixed types


def fates(commits: list[Carried], facts: Facts = MERGED, **carries: object) -> list[Fate]:
    return [it.fate for it in judge(commits, Carries.parse(carries), facts)]


@pytest.mark.parametrize(
    ("policy", "subject", "expected"),
    [
        (NONE, "UPSTREAM: <carry>: something", KEEP),
        (NONE, "UPSTREAM: <drop>: something", KEEP),
        (NONE, "UPSTREAM: 100: something", KEEP),
        (NONE, "foo", KEEP),
        (SOFT, "UPSTREAM: <carry>: something", KEEP),
        (SOFT, "UPSTREAM: <drop>: something", DROP),
        (SOFT, "UPSTREAM: 100: something", LANDED),
        (SOFT, "UPSTREAM: 101: something", KEEP),
        (SOFT, "NO TAG: <carry>: something", KEEP),
        (SOFT, "foo", KEEP),
        (STRICT, "UPSTREAM: <carry>: something", KEEP),
        (STRICT, "UPSTREAM: <drop>: something", DROP),
        (STRICT, "UPSTREAM: 100: something", LANDED),
        (STRICT, "UPSTREAM: 101: something", KEEP),
        (STRICT, "NO TAG: <carry>: something", DROP),
        (STRICT, "foo", DROP),
        (STRICT, "UPSTREAM: <invalid>: something", REFUSE),
        (STRICT, "UPSTREAM: commit message", REFUSE),
        ({"untagged": "Fail"}, "foo", REFUSE),
        ({"unknown": "Keep"}, "UPSTREAM: <invalid>: something", KEEP),
        ({"unknown": "Drop"}, "UPSTREAM: <invalid>: something", DROP),
        ({"prefixes": ["DOWNSTREAM"]}, "DOWNSTREAM: <drop>: something", DROP),
    ],
)
def test_a_tag_and_the_plan_decide(
    policy: Mapping[str, object], subject: str, expected: Fate
) -> None:
    assert fates([commit(subject)], MERGED, **policy) == [expected]


def test_the_very_same_patch_upstream_needs_no_number() -> None:
    one = commit("UPSTREAM: <carry>: something")
    facts = Facts(same={one.id: "b" * 40}, release="v1.1.0")
    (verdict,) = judge([one], Carries(), facts)
    assert verdict.fate is LANDED
    assert verdict.why == "v1.1.0 has the same patch, bbbbbbbbbbbb"


@pytest.mark.parametrize("name", [f"{1:040x}"[:12], "UPSTREAM: <carry>: some*", "*thing"])
def test_the_plan_leaves_out_the_commits_that_it_names(name: str) -> None:
    assert fates([commit("UPSTREAM: <carry>: something")], exclude=[name]) == [DROP]


@pytest.mark.parametrize(
    "name", [f"{2:040x}"[:39], "some*", "UPSTREAM: <carry>", "thing", "*a*b*c*d*e*", "*thing*g"]
)
def test_the_name_of_another_commit_leaves_nothing_out(name: str) -> None:
    one = Carried(id="1" * 40, parent="f" * 40, subject="UPSTREAM: <carry>: something")
    assert fates([one], exclude=[name]) == [KEEP]


def test_the_plan_keeps_a_named_commit_whatever_its_subject() -> None:
    wanted = [
        commit(it, number) for number, it in enumerate(["UPSTREAM: <drop>: a", "revert: b", "c"])
    ]
    assert fates(wanted, keep=["*: a", "revert: b", "c"], untagged="Fail") == [KEEP] * 3


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("UPSTREAM: revert: 98: something", ""),
        ('Revert "UPSTREAM: <carry>: something"', ""),
        ("Take it back", "This reverts commit 0123456789abcdef."),
    ],
)
def test_an_unclear_revert_is_refused(subject: str, body: str) -> None:
    one = commit(subject, body=body)
    for carries in (Carries(), Carries(untagged="Drop"), Carries(untagged="Fail")):
        (verdict,) = judge([one], carries, Facts(unclear={one.id}))
        assert verdict.fate is REFUSE
        assert "`carries.keep` or `carries.exclude`" in verdict.why
    assert fates([one], reverts="Keep") == [KEEP]


def test_an_untagged_revert_that_touches_no_patch_is_an_ordinary_untagged_commit() -> None:
    one = commit('Revert "Merge upstream"')
    assert fates([one], untagged="Drop") == [DROP]
    assert fates([one], untagged="Keep") == [REFUSE]


def test_a_carry_may_revert_a_commit_of_upstream() -> None:
    one = commit("UPSTREAM: <carry>: Revert it", body="This reverts commit 0123456789abcdef.")
    assert fates([one]) == [KEEP]


def test_a_commit_and_its_revert_go_together() -> None:
    first, second = commit("UPSTREAM: <carry>: something", 1), commit('Revert "x"', 2)
    verdicts = judge([first, second], Carries(), Facts(inverse=[(first.id, second.id)]))
    assert [(it.fate, it.is_neutral) for it in verdicts] == [(DROP, True), (DROP, True)]
    assert verdicts[0].why == "000000000000 reverts it"


def test_commits_of_another_upstream_branch_are_not_carried_silently() -> None:
    one, tagged = commit("Fix it", 1), commit("UPSTREAM: <carry>: something", 2)
    facts = Facts(beside={one.id: "c" * 40, tagged.id: "c" * 40})
    assert fates([one, tagged], facts) == [REFUSE, KEEP]


def test_a_commit_that_changes_nothing_is_dropped() -> None:
    assert fates([commit("UPSTREAM: <carry>: something", is_empty=True)]) == [DROP]


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("12345+bot@example.com", "12345+bot@example.com"),
        (" 12345+BOT@example.com", "12345+bot@example.com"),
        ("bot@example.com", None),
    ],
)
def test_a_bots_commits_are_found_by_its_email_address(author: str, expected: str | None) -> None:
    assert squashed_by(author, Carries(squash=("12345+bot@example.com",))) == expected


@pytest.mark.parametrize(
    ("carries", "expected"),
    [
        ({}, [DROP, DROP]),
        ({"exclude": ["Take it back"]}, [KEEP, DROP]),
        ({"keep": ["UPSTREAM: <carry>: something"]}, [KEEP, KEEP]),
        ({"exclude": ["UPSTREAM: <carry>: something"]}, [DROP, DROP]),
    ],
)
def test_the_plans_rule_for_a_patch_or_its_revert_comes_first(
    carries: Mapping[str, object], expected: list[Fate]
) -> None:
    one, revert = commit("UPSTREAM: <carry>: something"), commit("Take it back", 2)
    facts = Facts(inverse=[(one.id, revert.id)])
    assert fates([one, revert], facts, **carries) == expected


def test_a_pull_request_that_upstream_reverted_is_refused() -> None:
    facts = Facts(numbers={100: "a" * 40}, taken_back={100: "b" * 40}, release="v1.1.0")
    assert fates([commit("UPSTREAM: 100: something")], facts) == [REFUSE]


def test_the_number_before_a_bots_address_does_not_count() -> None:
    carries = Carries.parse({"squash": ["bot@example.com"]})
    assert squashed_by("12345+bot@example.com", carries) == "bot@example.com"
    assert squashed_by("ci+bot@example.com", carries) is None
