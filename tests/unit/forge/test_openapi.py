from typing import Any

import pytest

from tests.forge.openapi import Description, Exchange

PERMISSION = "/repos/owner/name/collaborators/someone/permission"


@pytest.fixture(scope="module")
def description() -> Description:
    return Description()


def exchange(**changes: Any) -> Exchange:
    values: dict[str, Any] = {"method": "GET", "path": PERMISSION, "query": (), "body": None}
    values |= {"status": 200, "answer": {"permission": "admin", "role_name": "admin", "user": None}}
    return Exchange(**(values | changes))


def test_a_conforming_exchange_passes(description: Description) -> None:
    assert description.check(exchange()) == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"path": "/repos/o/n/nothing"}, "no such operation", id="operation"),
        pytest.param({"query": ("colour",)}, "query 'colour' is not documented", id="query"),
        pytest.param({"status": 418}, "status 418 is not documented", id="status"),
        pytest.param({"answer": {"permission": 1}}, "1 is not of type 'string'", id="type"),
        pytest.param({"answer": {"permission": "x"}}, "is a required property", id="missing"),
    ],
)
def test_a_deviation_is_reported(
    description: Description, changes: dict[str, Any], complaint: str
) -> None:
    found = description.check(exchange(**changes))

    assert any(complaint in line for line in found), found


def test_a_requests_body_is_checked(description: Description) -> None:
    wrong = exchange(method="POST", path="/repos/o/n/pulls", body={"base": "main"}, status=403)

    found = description.check_request(wrong)

    assert found == ["request $: 'head' is a required property"]


def test_a_bare_list_of_labels_is_what_githubs_prose_allows(description: Description) -> None:
    labels = exchange(method="POST", path="/repos/o/n/issues/1/labels", body=["one"], answer=[])

    assert description.check(labels) == []


def test_an_undocumented_webhook_is_reported(description: Description) -> None:
    assert description.check_webhook("pull_request", {"action": "synchronized"}) == [
        "webhook pull_request-synchronized: GitHub documents no such event"
    ]
