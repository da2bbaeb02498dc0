"""The page is read-only: methods, headers, addresses, and unknown ones."""

import json
from typing import Any

import pytest

from resync_argo.controller.serving.page import PageSite, wanted_of
from tests.page.samples import everything, library_of

LIBRARY = library_of(everything())
SITE = PageSite(LIBRARY, list)


class Answered:
    """A response."""

    def __init__(
        self, path: str, method: str = "GET", query: str = "", site: PageSite = SITE, **headers: str
    ) -> None:
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
        self.body = b"".join(site({**environ, **headers}, self._start)).decode()

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)


@pytest.mark.parametrize(
    ("path", "kind", "word"),
    [
        ("/", "text/html", "4 things need a person"),
        ("/plans/forks/k8s-main", "text/html", "Plan <bdi>k8s-main</bdi>"),
        ("/tags/forks/kubernetes-1.35.6", "text/html", "The pull request was merged"),
        ("/upstreams/forks/github.com/kubernetes/kubernetes", "text/html", "1.36.0-rc.1"),
        ("/status.json", "application/json", '"WaitingForResolution"'),
        ("/feed.atom", "application/atom+xml", "<entry>"),
        ("/style.css", "text/css", "prefers-color-scheme"),
    ],
)
def test_each_page_exists_and_allows_only_its_stylesheet(path: str, kind: str, word: str) -> None:
    got = Answered(path)

    assert got.status == "200 OK"
    assert got.headers["Content-Type"].startswith(kind)
    assert word in got.body
    policy = got.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_can_be_changed_there(method: str) -> None:
    got = Answered("/", method)

    assert got.status == "405 Method Not Allowed"
    assert (got.headers["Allow"], got.body) == ("GET, HEAD", "")


def test_a_head_request_gets_only_the_headers() -> None:
    whole, head = Answered("/"), Answered("/", "HEAD")

    assert head.body == ""
    assert head.headers == whole.headers
    assert int(head.headers["Content-Length"]) == len(whole.body.encode())


def test_an_unchanged_page_is_not_sent_again() -> None:
    tag = Answered("/").headers["ETag"]

    same = Answered("/", HTTP_IF_NONE_MATCH=tag)
    other = Answered("/", query="plan=exporter", HTTP_IF_NONE_MATCH=tag)

    assert (same.status, same.body) == ("304 Not Modified", "")
    assert other.status == "200 OK"


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing", "/plans", "/plans/", "/plans/forks/nobody", "/tags/forks/nothing"),
        *(
            "/upstreams/forks/github.com/nobody/nothing",
            "/plans/forks/../../etc/passwd",
            "/style.css/",
        ),
        "/tags/forks/<script>",
    ],
)
def test_a_missing_page_is_not_found(path: str) -> None:
    got = Answered(path)

    assert got.status == "404 Not Found"
    assert "There is no such page" in got.body
    assert "<script>" not in got.body


def test_a_replica_without_data_says_so() -> None:
    site = PageSite(LIBRARY, lambda: ["syncs", "tags"])

    for path in ("/", "/status.json", "/plans/forks/k8s-main"):
        got = Answered(path, site=site)
        assert got.status == "503 Service Unavailable"
        assert "syncs, tags" in got.body
        assert "k8s-main" not in got.body


def test_a_query_filters_every_form_alike() -> None:
    only = "namespace=forks&plan=exporter"

    page, told = Answered("/", query=only), Answered("/status.json", query=only)

    found: Any = json.loads(told.body)
    assert [it["subject"]["plan"] for it in found["needs"]["items"]] == ["exporter"]
    assert "k8s-main" not in page.body
    assert "k8s-main" not in Answered("/feed.atom", query=only).body


@pytest.mark.parametrize(
    "query",
    [
        "waiting=-1",
        "waiting=x",
        "waiting=%D9%A3",
        "waiting=99999999999",
        "waiting",
        "&".join(["a=1"] * 50),
    ],
)
def test_invalid_parts_of_a_query_are_ignored(query: str) -> None:
    assert wanted_of(query).pages == {}
    assert Answered("/", query=query).status == "200 OK"


def test_a_hostile_filter_is_shown_verbatim() -> None:
    got = Answered("/", query="namespace=%22%3E%3Cscript%3E")

    assert "<script>" not in got.body
    assert 'value="&#34;&gt;&lt;script&gt;"' in got.body
