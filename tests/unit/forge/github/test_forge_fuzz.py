"""Any answer is understood as GitHub documents it, or refused in one clear sentence."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.forge.github.forge import GitHubForge
from resync_argo.forge.interface import ForgeError, NotModified, PullRequest, PullRequestState
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import json_values, mutations, texts
from tests.hosts import Reply
from tests.unit.forge.github.scripted_forge import BRANCH, COMMIT, REPOSITORY, Site, pull, site

COMMENT = {
    "id": 7,
    "issue_url": f"https://h.test/repos/{REPOSITORY}/issues/1",
    "body": "/resync retry",
    "user": {"login": "someone"},
    "created_at": "2026-01-01T00:00:00Z",
}
FILE = {"filename": "a", "status": "modified", "additions": 1, "deletions": 0}
REF = {"ref": f"refs/heads/{BRANCH}", "object": {"sha": COMMIT}}
PERMISSION = {"permission": "write", "user": {"login": "someone"}}
COMPARISON = {"status": "behind", "merge_base_commit": {"sha": COMMIT}}
WHOLE = {
    "full_name": REPOSITORY,
    "archived": False,
    "allow_merge_commit": True,
    "default_branch": "main",
    "private": True,
    "permissions": {"push": True},
}
MERGED = {"state": "closed", "merged_at": "2026-01-01T00:00:00Z", "merge_commit_sha": COMMIT}

Call = Callable[[GitHubForge], Any]
CALLS: dict[str, tuple[Any, Call]] = {
    "find": ([pull(1), pull(2, **MERGED)], lambda it: it.find_pull_request(BRANCH)),
    "open": ([pull(2), pull(1, draft=True)], lambda it: it.list_open("main")),
    "get": (pull(1), lambda it: it.get_pull_request(1)[0]),
    "get merged": (pull(1, **MERGED), lambda it: it.get_pull_request(1)[0]),
    "change": (pull(1), lambda it: it.close_pull_request(1)),
    "comments": ([COMMENT], lambda it: it.list_comments(1)),
    "files": ([FILE], lambda it: it.list_files(1)),
    "branches": ([REF], lambda it: it.list_branches("resync/")),
    "can write": (PERMISSION, lambda it: it.can_write("someone")),
    "contains": (COMPARISON, lambda it: it.contains("main", COMMIT)),
    "access": (WHOLE, lambda it: it.access()),
    "rules": ([{"type": "required_linear_history"}], lambda it: it.has_linear_history("main")),
}
LISTS = ("find", "open", "comments", "files", "branches")


class Answering:
    """A forge that answers every request with the test's reply."""

    def __init__(self, made: Site) -> None:
        self.site = made
        self.reply = Reply()


@pytest.fixture(scope="module")
def here() -> Iterator[Answering]:
    found: list[Answering] = []
    with site(lambda _: found[0].reply) as made:
        found.append(Answering(made))
        yield found[0]


def tried(here: Answering, call: Call, reply: Reply) -> Any:
    """Return a call's result for a reply, or its error."""
    here.reply = reply
    try:
        return call(here.site.forge)
    except ForgeError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 1000
        assert "s3cret-token" not in str(error)
        return error


def is_sound(found: Any) -> bool:
    """Return whether a call's result has the declared type."""
    match found:
        case PullRequest():
            merged = found.state is PullRequestState.MERGED
            return (
                found.number > 0
                and found.updated_at.tzinfo is not None
                and found.url.startswith("http")
                and (merged or found.merged_commit is None)
            )
        case list():
            moments = [getattr(it, "created_at", None) for it in found]
            return all(it is None or it.tzinfo is not None for it in moments)
        case dict():
            return all(len(commit) in (40, 64) for commit in found.values())
        case _:
            return found is None or isinstance(found, bool | NotModified) or bool(found)


@pytest.mark.parametrize("name", CALLS)
@examples(0.4)
@given(data=st.data())
def test_an_answer_is_understood_or_refused(
    here: Answering, name: str, data: st.DataObject
) -> None:
    good, call = CALLS[name]
    answer = data.draw(mutations(good) | json_values())

    found = tried(here, call, Reply(body=answer))

    if name in LISTS and not isinstance(answer, list):
        assert isinstance(found, ForgeError)
    assert isinstance(found, ForgeError) or is_sound(found)


WRONG: dict[str, tuple[str, Any]] = {
    "an object is not an empty list": ("find", {}),
    "an object is not an empty list of comments": ("comments", {}),
    "a text is not an empty list": ("branches", ""),
    "a draft in words is none": ("open", [pull(1, draft="no")]),
    "a ref that is a number": ("branches", [{"ref": 5, "object": {"sha": COMMIT}}]),
    "a state that nobody knows is not closed": ("get", pull(1, state="draft")),
    "a time without a zone": ("get", pull(1, updated_at="2026-01-01T00:00:00")),
    "a time that is a number": ("get", pull(1, merged_at=0)),
    "an address that runs": ("get", pull(1, html_url="javascript:alert(1)")),
    "nothing": ("get", None),
    "a commit that is an option": ("contains", {**COMPARISON, "merge_base_commit": {"sha": "-x"}}),
    "a repository that is not private in words": ("access", WHOLE | {"private": "no"}),
}


@pytest.mark.parametrize(("name", "answer"), WRONG.values(), ids=WRONG)
def test_no_answer_is_replaced_by_a_guess(here: Answering, name: str, answer: Any) -> None:
    assert isinstance(tried(here, CALLS[name][1], Reply(body=answer)), ForgeError)


HEADERS = ("Retry-After", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Date", "X-GitHub-SSO")
VALUES = (
    texts(without="\r\n\0").map(lambda it: it.encode("ascii", "ignore").decode().strip())
    | st.sampled_from(["0", "60", "9" * 20, "nan", "-1", "required; url=https://x/", "Mon, 32 Jan"])
    | st.sampled_from(["Thu, 01 Jan 0001 00:00:00 -0000", "Fri, 31 Dec 9999 23:59:59 +1400"])
)
STATUSES = (400, 401, 403, 404, 408, 409, 410, 415, 422, 429, 451, 500, 502, 503, 504, 301, 302)
SCOPED: Literal["X-Accepted-GitHub-Permissions"] = "X-Accepted-GitHub-Permissions"


@examples()
@given(
    name=st.sampled_from(sorted(CALLS)),
    status=st.sampled_from(STATUSES),
    headers=st.dictionaries(st.sampled_from([*HEADERS, SCOPED, "Location"]), VALUES),
    body=json_values() | st.fixed_dictionaries({"message": texts(), "errors": json_values()}),
)
@example(
    "get",
    403,
    {
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1",
        "Date": "Thu, 01 Jan 0001 00:00:00 -0000",
    },
    None,
)
@example("get", 403, {SCOPED: "\x1b[2J"}, {"message": "no"})
@example("get", 301, {"Location": "/api/v3/repos/a\x1b[2J/b"}, None)
@example("get", 422, {}, {"message": ["\x1b"], "errors": [{"message": {}}, None, 5]})
def test_a_refusal_is_one_clear_sentence(
    here: Answering, name: str, status: int, headers: dict[str, str], body: Any
) -> None:
    found = tried(here, CALLS[name][1], Reply(status=status, body=body, headers=headers))

    is_hidden = name in ("can write", "contains", "rules") and status in (403, 404)
    assert isinstance(found, ForgeError) or is_hidden


@examples(0.4)
@given(moment=st.datetimes())
def test_times_are_in_utc_whatever_their_offset(here: Answering, moment: datetime) -> None:
    answer = pull(1, updated_at=f"{moment.isoformat()}Z")

    found = tried(here, CALLS["get"][1], Reply(body=answer))

    assert isinstance(found, PullRequest)
    assert found.updated_at.replace(tzinfo=None) == moment
