"""The tags that people write before a carried commit's subject, including typing errors."""

import pytest

from resync_argo.attempt.carry.subject import Kind, Tag, read_subject

CARRY, DROP = Tag(kind=Kind.CARRY), Tag(kind=Kind.DROP)
REVERT, UNKNOWN = Tag(kind=Kind.REVERT), Tag(kind=Kind.UNKNOWN)
UNTAGGED, UNDO = Tag(kind=Kind.UNTAGGED), Tag(kind=Kind.UNDO)


def number(it: int) -> Tag:
    return Tag(kind=Kind.NUMBER, number=it)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("UPSTREAM: <carry>: fix it", CARRY),
        ("UPSTREAM: <drop>: make update", DROP),
        ("UPSTREAM: 123: fix it", number(123)),
        ("UPSTREAM: revert: 98: fix it", REVERT),
        ("UPSTREAM: <revert>: fix it", REVERT),
        # Slips.
        ("UPSTREAM:<drop>: fix it", DROP),
        ("UPSTREAM: <carry> : fix it", CARRY),
        ("UPSTREAM: <carry> fix it", CARRY),
        ("UPSTREAM <carry>: fix it", CARRY),
        ("UPSTREAM : <carry>: fix it", CARRY),
        ("upstream: <Carry>: fix it", CARRY),
        ("UPSTREAM: carry: fix it", CARRY),
        ("UPSTREAM: < drop >: fix it", DROP),
        ("  UPSTREAM: <carry>: fix it", CARRY),
        ("UPSTREAM:123: fix it", number(123)),
        ("UPSTREAM: #123: fix it", number(123)),
        ("UPSTREAM: 123 : fix it", number(123)),
        # What is not certain.
        ("UPSTREAM: <invalid>: fix it", UNKNOWN),
        ("UPSTREAM: fix it", UNKNOWN),
        ("UPSTREAM: 123 fix it", UNKNOWN),
        ("UPSTREAM: carry on", UNKNOWN),
        ("UPSTREAM: ", UNKNOWN),
        ("UPSTREAM: 12345678901: fix it", UNKNOWN),
        ("UPSTREAM is nice", UNTAGGED),
        ("UPSTREAMING: <carry>: fix it", UNTAGGED),
        ("UPSTREAM 2024: plans", number(2024)),
        ("NO TAG: <carry>: fix it", UNTAGGED),
        ("fix UPSTREAM: <carry>: it", UNTAGGED),
        ("", UNTAGGED),
        ('Revert "UPSTREAM: <carry>: fix it"', UNDO),
        ("revert: fix it", UNDO),
        ("Reverting is hard", UNTAGGED),
    ],
)
def test_a_subject_decides_its_commits_fate(subject: str, expected: Tag) -> None:
    assert read_subject(subject, ["UPSTREAM"]) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("DOWNSTREAM: <carry>: fix it", CARRY),
        ("UPSTREAM: <carry>: fix it", CARRY),
        ("DOWNSTREAM: fix it", UNKNOWN),
        ("OTHER: <carry>: fix it", UNTAGGED),
    ],
)
def test_a_fork_can_define_its_own_tags(subject: str, expected: Tag) -> None:
    assert read_subject(subject, ["UPSTREAM", "DOWNSTREAM"]) == expected


def test_an_endless_subject_costs_no_time() -> None:
    assert read_subject("UPSTREAM:" + " " * 1_000_000 + "<carry>:", ["UPSTREAM"]) == UNKNOWN
