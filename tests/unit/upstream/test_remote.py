"""One `git ls-remote` reads upstream's tags, and its output is untrusted."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from resync_argo.budget import Budget
from resync_argo.errors import Stalled, Transient
from resync_argo.git import Git, GitError, Remote
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.remote import list_tags


def _git(directory: Path, *argv: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    done = subprocess.run(
        ["git", *identity, *argv], cwd=directory, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    repository = tmp_path / "upstream"
    repository.mkdir()
    _git(repository, "init", "--quiet")
    _git(repository, "commit", "--quiet", "--allow-empty", "--message=one")
    return repository


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return Git(directory=tmp_path)


def test_annotated_and_plain_tags_have_the_commit_they_name(upstream: Path, git: Git) -> None:
    _git(upstream, "tag", "v1.0.0")
    _git(upstream, "tag", "--annotate", "--message=two", "v1.1.0")
    commit = _git(upstream, "rev-parse", "HEAD")

    tags = list_tags(git, Remote(url=str(upstream)))

    assert tags == (GitTag(name="v1.0.0", commit=commit), GitTag(name="v1.1.0", commit=commit))
    assert tags[0].ref == "refs/tags/v1.0.0"


def test_a_repository_without_tags_has_none(upstream: Path, git: Git) -> None:
    assert list_tags(git, Remote(url=str(upstream))) == ()


def test_a_missing_repository_needs_a_person(tmp_path: Path, git: Git) -> None:
    gone = tmp_path / "gone"

    with pytest.raises(Stalled, match=r"/gone does not exist\.$") as told:
        list_tags(git, Remote(url=str(gone)))

    assert told.value.reason == "RepositoryNotFound"


def test_no_shell_and_no_special_transport_of_git_is_reached(tmp_path: Path, git: Git) -> None:
    witness = tmp_path / "witness"

    for url in (f"ext::touch {witness}", f"--upload-pack=touch {witness}"):
        with pytest.raises(GitError, match=r"not allowed|blocked"):
            list_tags(git, Remote(url=url))

    assert not witness.exists()


class _Silent(http.server.BaseHTTPRequestHandler):
    """Accepts a request and never answers."""

    def do_GET(self) -> None:
        self.server.silence.wait()  # type: ignore[attr-defined]  # set by the fixture

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def silent_host() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Silent)
    server.daemon_threads = True
    silence = server.silence = threading.Event()  # type: ignore[attr-defined]  # ours
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/owner/name"
    silence.set()
    server.shutdown()
    server.server_close()


def test_a_silent_host_is_given_up(silent_host: str, git: Git) -> None:
    budget = Budget(seconds=0.5, output_bytes=100)

    with pytest.raises(Transient, match=r"cannot be used: fatal: no answer within 0.5 s"):
        list_tags(git, Remote(url=silent_host), budget=budget)


def test_a_host_that_sends_too_much_is_cut_off(upstream: Path, git: Git) -> None:
    _git(upstream, "tag", "v1.0.0")
    budget = Budget(seconds=30, output_bytes=10)

    with pytest.raises(Transient, match="more than 10 bytes came back"):
        list_tags(git, Remote(url=str(upstream)), budget=budget)
