"""If the forge answers with more than the request, the rest is ignored."""

from typing import Any

import pytest

from resync_argo.forge.interface import ForgeError
from tests.hosts import Asked, Reply
from tests.unit.forge.github.scripted_forge import (
    BRANCH,
    COMMIT,
    HOST,
    REPOSITORY,
    answering,
    pull,
    site,
)

STRANGERS = {
    "another branch": pull(1, head="dependabot/x"),
    "another base": pull(1, base="release-1"),
    "another fork": pull(1, of="stranger/down"),
    "a fork that is gone": pull(1, of=None)
    | {"head": {"ref": BRANCH, "sha": COMMIT, "label": f"x:{BRANCH}", "repo": None}},
    "into another repository": pull(1, into="org/other"),
}


@pytest.mark.parametrize("listed", STRANGERS.values(), ids=STRANGERS)
def test_a_strangers_pull_request_never_counts_as_ours(listed: dict[str, Any]) -> None:
    with site(lambda _: Reply(body=[listed])) as here:
        assert here.forge.find_pull_request(BRANCH, base="main") is None


def test_ours_is_found_among_strangers_whatever_case_the_forge_writes() -> None:
    listed = [*STRANGERS.values(), pull(9, of="Org/Down")]

    with site(lambda _: Reply(body=listed)) as here:
        found = here.forge.find_pull_request(BRANCH, base="main")

    assert found is not None
    assert found.number == 9


def test_of_two_forks_of_one_owner_the_named_one_counts() -> None:
    listed = [pull(1, of="org/down"), pull(2, of="org/down-bot")]

    with site(lambda _: Reply(body=listed), fork="org/down-bot") as here:
        found = here.forge.find_pull_request(BRANCH)

    assert found is not None
    assert found.number == 2


@pytest.mark.parametrize(
    ("fork", "expected"),
    [
        (None, {"head": BRANCH}),
        ("bot/down", {"head": f"bot:{BRANCH}"}),
        ("Org/down-bot", {"head": f"Org:{BRANCH}", "head_repo": "Org/down-bot"}),
    ],
    ids=["none", "another owner", "the same owner"],
)
def test_a_fork_of_the_same_owner_is_named(fork: str | None, expected: dict[str, str]) -> None:
    with site(answering("/nothing", Reply()), fork=fork) as here:
        here.publish()
        sent = here.host.asked[0].body

    assert {key: it for key, it in sent.items() if key.startswith("head")} == expected


def test_anything_beyond_the_request_is_left_out() -> None:
    def script(asked: Asked) -> Reply:
        if "matching-refs" in asked.path:
            names = ("resync/p/1/head", "resync/p/10/head", "main")
            return Reply(
                body=[{"ref": f"refs/heads/{name}", "object": {"sha": COMMIT}} for name in names]
            )
        comments = [
            {
                "id": number,
                "body": "/resync skip",
                "user": None,
                "created_at": "2026-01-01T00:00:00Z",
                "issue_url": f"https://{HOST}/repos/{REPOSITORY}/issues/{number}",
            }
            for number in (5, 15)
        ]
        return Reply(body=comments)

    with site(script) as here:
        assert here.forge.list_branches("resync/p/1/") == {"resync/p/1/head": COMMIT}
        assert [comment.id for comment in here.forge.list_comments(5)] == [5]


def test_a_different_pull_request_is_refused() -> None:
    with site(lambda _: Reply(body=pull(8))) as here, pytest.raises(ForgeError, match="not GitHub"):
        here.forge.get_pull_request(7)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"permission": "write", "user": {"login": "Ann"}}, True),
        ({"permission": "write", "user": {"login": "bob"}}, False),
        ({"permission": "read", "user": {"login": "ann"}}, False),
    ],
    ids=["hers", "another's", "read"],
)
def test_a_permission_counts_only_for_the_named_login(
    answer: dict[str, Any], *, expected: bool
) -> None:
    with site(lambda _: Reply(body=answer)) as here:
        assert here.forge.can_write("ann") is expected


@pytest.mark.parametrize(
    ("base", "expected"), [(COMMIT, True), ("3" * 40, False)], ids=["its own", "another"]
)
def test_a_commit_is_contained_if_it_is_the_merge_base(base: str, *, expected: bool) -> None:
    answer = {"status": "behind", "merge_base_commit": {"sha": base}}

    with site(lambda _: Reply(body=answer)) as here:
        assert here.forge.contains("main", COMMIT) is expected
