"""A pull request lists carried patches within bounds, and shows untrusted text only in code spans."""

import re

import pytest

from resync_argo.attempt.carry.ledger import Entry, Fate, Ledger, describe_ledger, log_lines

ONE = Entry(commit="1" * 40, subject="UPSTREAM: <carry>: one", fate="kept", now="a" * 40)


def test_without_carried_patches_there_is_no_list() -> None:
    assert describe_ledger(None) == ""


def test_every_commit_is_listed_with_its_fate() -> None:
    gone = ONE.model_copy(
        update={"commit": "2" * 40, "fate": "dropped", "why": "its subject says so", "now": None}
    )
    text = describe_ledger(Ledger(entries=(ONE, gone)))
    assert text.splitlines() == [
        "**Carried patches:** 1 kept, 1 dropped.",
        "",
        "| Commit | What became of it | Now |",
        "|---|---|---|",
        "| `222222222222` `UPSTREAM: <carry>: one` | dropped: its subject says so |  |",
        "| `111111111111` `UPSTREAM: <carry>: one` | kept | `aaaaaaaaaaaa` |",
    ]


def test_lost_commits_come_first() -> None:
    order: tuple[Fate, ...] = ("kept", "dropped", "landed upstream", "became empty")
    entries = tuple(ONE.model_copy(update={"fate": fate}) for fate in order)
    rows = [line for line in describe_ledger(Ledger(entries=entries)).splitlines() if "`1" in line]
    assert [row.split(" | ")[1] for row in rows] == list(reversed(order))


def test_conflicts_and_other_decisions_are_listed_with_their_files() -> None:
    entry = ONE.model_copy(update={"conflicts": tuple(f"f{it}" for it in range(7))})
    ledger = Ledger(entries=(entry,), rest="b" * 40, rest_files=("g",))
    text = describe_ledger(ledger)
    assert "kept; conflicted in `f0`, `f1`, `f2`, `f3`, `f4` and 2 more |" in text
    assert "`bbbbbbbbbbbb` holds what no single one of them does" in text
    assert "1 file, `g`." in text


@pytest.mark.parametrize(
    "subject", ["@somebody #1 ``` `x` | y", "a\nb", "[x](http://y)", "x" * 999]
)
def test_a_subject_mentions_nobody_and_breaks_no_table(subject: str) -> None:
    row = describe_ledger(Ledger(entries=(ONE.model_copy(update={"subject": subject}),)))
    line = row.splitlines()[-1]
    assert len(re.findall(r"(?<!\\)\|", line)) == 4
    assert "@" not in re.sub(r"`[^`]*`", "", line)
    assert len(line) < 250


def test_a_pull_request_of_upstream_is_not_linked_to_one_of_downstream() -> None:
    entry = ONE.model_copy(update={"fate": "landed upstream", "why": "v1 has #12, by abc"})
    assert "v1 has pull request 12, by abc" in describe_ledger(Ledger(entries=(entry,)))


def test_any_number_of_commits_fits() -> None:
    entries = tuple(ONE.model_copy(update={"subject": "x" * 90}) for _ in range(5000))
    text = describe_ledger(Ledger(entries=entries))
    assert len(text) < 10_000
    assert re.search(r"… and 4,?\d\d\d more; the log of the step names them\.", text)


def test_the_log_names_every_commit_that_is_not_simply_kept() -> None:
    gone = ONE.model_copy(update={"fate": "dropped", "why": "the Plan excludes it"})
    assert list(log_lines(Ledger(entries=(ONE, gone)))) == [
        "carried patches: 1 kept, 1 dropped",
        "dropped: 111111111111 UPSTREAM: <carry>: one: the Plan excludes it",
    ]
