"""The test forge itself: that it behaves as GitHub does where our tests rely on it."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import github
import pytest
from github.Repository import Repository

from tests.forge.launcher import BOT, MAINTAINER, TestForge
from tests.forge.work import Work

SECRET = "of the webhook"
WAIT_SECONDS = 60
T = TypeVar("T")

pytestmark = pytest.mark.forge


@dataclass
class Delivery:
    event: str
    signature: str
    raw: bytes

    @property
    def payload(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.raw)
        return parsed


@dataclass
class Listener:
    deliveries: list[Delivery] = field(default_factory=list)
    url: str = ""

    def wait_for(self, event: str, **wanted: str) -> Delivery:
        """Wait for a delivery whose payload has these values."""

        def found() -> Delivery | None:
            for delivery in list(self.deliveries):
                if delivery.event == event and wanted.items() <= delivery.payload.items():
                    return delivery
            return None

        return waited(found)


def waited(found: Callable[[], T | None]) -> T:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        answer = found()
        if answer is not None:
            return answer
        threading.Event().wait(0.05)
    raise AssertionError(f"not within {WAIT_SECONDS} s")


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            signature = self.headers.get("X-Hub-Signature-256", "")
            delivery = Delivery(self.headers["X-GitHub-Event"], signature, raw)
            listening.deliveries.append(delivery)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield listening
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def hub(forge: TestForge, repository: str) -> Repository:
    return forge.as_user(MAINTAINER).get_repo(repository)


def test_webhooks_are_signed_and_shaped_as_githubs(
    hub: Repository, work: Work, listener: Listener
) -> None:
    config = {"url": listener.url, "content_type": "json", "secret": SECRET}
    hub.create_hook("web", config, ["pull_request", "push", "issue_comment"])
    work.commit("feature", {"file": "new\n"}, base="main")
    pull = hub.create_pull(base="main", head="feature", title="Title", body="Body")

    pull.create_issue_comment("/resync retry")
    work.commit("feature", {"file": "newer\n"})
    waited(lambda: hub.get_pull(pull.number).mergeable or None)
    opened = listener.wait_for("pull_request", action="opened")
    synchronized = listener.wait_for("pull_request", action="synchronize")
    commented = listener.wait_for("issue_comment", action="created")
    pushed = listener.wait_for("push", ref="refs/heads/feature")
    assert hub.get_pull(pull.number).merge().merged
    closed = listener.wait_for("pull_request", action="closed")

    for delivery in listener.deliveries:
        expected = hmac.new(SECRET.encode(), delivery.raw, hashlib.sha256).hexdigest()
        assert delivery.signature == f"sha256={expected}"
    assert opened.payload["pull_request"]["merged"] is False
    assert opened.payload["repository"]["full_name"] == hub.full_name
    assert synchronized.payload["pull_request"]["number"] == pull.number
    assert commented.payload["comment"]["body"] == "/resync retry"
    assert commented.payload["issue"]["pull_request"]["html_url"] == pull.html_url
    assert pushed.payload["pusher"]["name"] == BOT
    assert closed.payload["pull_request"]["merged"] is True
    assert closed.payload["pull_request"]["merge_commit_sha"]


def test_closing_without_a_merge_is_told_by_webhook(
    hub: Repository, work: Work, listener: Listener
) -> None:
    hub.create_hook("web", {"url": listener.url, "content_type": "json"}, ["pull_request"])
    work.commit("feature", {"file": "new\n"}, base="main")
    pull = hub.create_pull(base="main", head="feature", title="Title", body="Body")

    pull.edit(state="closed")
    pull.edit(state="open")

    closed = listener.wait_for("pull_request", action="closed")
    assert closed.payload["pull_request"]["merged"] is False
    assert closed.signature == ""
    listener.wait_for("pull_request", action="reopened")


def test_refs_of_ours_are_pushed_with_the_branch_at_once_and_with_a_lease(
    forge: TestForge, repository: str, work: Work
) -> None:
    url = forge.push_url(repository, BOT)
    first = work.git("rev-parse", "main")
    refs = ("HEAD:refs/heads/resync/p/1.0.0", "HEAD:refs/resync-argo/p/1.0.0")
    work.git("push", "--quiet", "--atomic", url, *refs)
    work.git("commit", "--quiet", "--allow-empty", "--message", "more")

    with pytest.raises(AssertionError, match="stale info"):
        work.git("push", f"--force-with-lease=refs/resync-argo/p/1.0.0:{'1' * 40}", url, refs[1])
    work.git(
        "push", "--quiet", f"--force-with-lease=refs/resync-argo/p/1.0.0:{first}", url, refs[1]
    )

    listed = work.git("ls-remote", url, "refs/resync-argo/*")
    assert listed == f"{work.git('rev-parse', 'HEAD')}\trefs/resync-argo/p/1.0.0"


def test_a_partial_clone_fetches_what_it_lacks(
    forge: TestForge, repository: str, work: Work, tmp_path: Path
) -> None:
    blob = work.git("rev-parse", "main:README")
    clone = tmp_path / "partial"
    options = ("--quiet", "--bare", "--filter=blob:none")
    work.git("clone", *options, forge.push_url(repository, BOT), str(clone))

    missing = work.git("-C", str(clone), "rev-list", "--objects", "--missing=print", "--all")

    assert f"?{blob}" in missing
    assert work.git("-C", str(clone), "cat-file", "blob", blob) == "hello"


def test_a_merge_that_was_pushed_is_noticed(hub: Repository, work: Work) -> None:
    work.commit("feature", {"file": "new\n"}, base="main")
    number = hub.create_pull(base="main", head="feature", title="Title", body="").number

    merged = work.merge("feature", into="main")

    pull = waited(lambda: it if (it := hub.get_pull(number)).merged else None)
    assert (pull.state, pull.merge_commit_sha) == ("closed", merged)


def test_a_pull_request_that_conflicts_cannot_be_merged(hub: Repository, work: Work) -> None:
    work.commit("feature", {"README": "theirs\n"}, base="main")
    work.commit("main", {"README": "ours\n"})
    pull = hub.create_pull(base="main", head="feature", title="Title", body="")

    assert pull.raw_data["mergeable"] is None
    waited(lambda: hub.get_pull(pull.number).mergeable is False or None)
    with pytest.raises(github.GithubException) as refused:
        pull.merge()
    assert refused.value.status == 405


def test_a_merged_pull_request_stays_merged(hub: Repository, work: Work) -> None:
    work.commit("feature", {"file": "new\n"}, base="main")
    pull = hub.create_pull(base="main", head="feature", title="Title", body="", draft=True)
    assert pull.draft is False, "the face does not pretend to have drafts"
    assert pull.merge().merged

    with pytest.raises(github.GithubException) as refused:
        pull.edit(state="open")
    assert refused.value.status == 422
    with pytest.raises(github.GithubException) as refused:
        hub.get_pull(pull.number).merge()
    assert refused.value.status == 405


def test_labels_come_and_go(hub: Repository, work: Work) -> None:
    work.commit("feature", {"file": "new\n"}, base="main")
    pull = hub.create_pull(base="main", head="feature", title="Title", body="")

    pull.add_to_labels("one", "two")
    pull.remove_from_labels("one")
    pull.set_labels("three")

    assert [label.name for label in pull.get_labels()] == ["three"]


def test_branches_commits_and_comparisons_are_told(hub: Repository, work: Work) -> None:
    head = work.commit("feature", {"file": "new\n"}, base="main")
    work.git("tag", "v1.0.0", "main")
    work.git("push", "--quiet", str(work.push_url), "v1.0.0")

    compared = hub.compare("main", "feature")

    assert (compared.ahead_by, compared.behind_by, compared.status) == (1, 0, "ahead")
    assert [file.filename for file in compared.files] == ["file"]
    assert hub.get_branch("feature").commit.sha == head
    assert [ref.ref for ref in hub.get_git_matching_refs("heads/fea")] == ["refs/heads/feature"]
    assert [tag.name for tag in hub.get_tags()] == ["v1.0.0"]


def test_faults_and_the_journal_are_within_reach_of_other_processes(forge: TestForge) -> None:
    fault = {"status": 503, "times": 1, "path": "/rate_limit", "headers": {"Retry-After": "2"}}
    own = f"{forge.git_url}/_face"
    urllib.request.urlopen(f"{own}/faults", data=json.dumps(fault).encode()).close()

    with pytest.raises(urllib.error.HTTPError, match="503") as failed:
        urllib.request.urlopen(f"{forge.api_url}/rate_limit")
    failed.value.close()
    with urllib.request.urlopen(f"{forge.api_url}/rate_limit") as answer:
        assert json.load(answer)["resources"]["core"]["limit"] == 5000

    with urllib.request.urlopen(f"{own}/journal") as answer:
        journal = json.load(answer)
    assert [(it["path"], it["status"]) for it in journal[-2:]] == [
        ("/rate_limit", 503),
        ("/rate_limit", 200),
    ]


def test_addresses_in_answers_are_those_of_the_caller(forge: TestForge, repository: str) -> None:
    request = urllib.request.Request(f"{forge.api_url}/repos/{repository}")
    request.add_header("Host", f"10.0.0.1:{forge.port}")

    with urllib.request.urlopen(request) as answer:
        shown = json.load(answer)

    assert shown["url"] == f"http://10.0.0.1:{forge.port}/api/v3/repos/{repository}"
    assert shown["clone_url"] == f"http://10.0.0.1:{forge.port}/{repository}.git"


def test_people_open_the_page_of_a_pull_request(
    forge: TestForge, hub: Repository, work: Work
) -> None:
    work.commit("feature", {"file": "new\n"}, base="main")
    pull = hub.create_pull(base="main", head="feature", title="A title to see", body="")

    with urllib.request.urlopen(pull.html_url) as page:
        assert "A title to see" in page.read().decode()
    assert pull.html_url.startswith(forge.git_url)
