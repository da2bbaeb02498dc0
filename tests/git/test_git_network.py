"""Trusted git reaches hosts from a closed site, through a proxy and with the site's own CA, within a time limit."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from resync_argo.errors import Stalled, Transient
from resync_argo.git import _KEPT, Git, GitError, Remote, clean_environment
from resync_argo.hosts.refusals import explained
from resync_argo.upstream.remote import list_tags
from tests.cluster.certificates import Authority, create_authority
from tests.git.builders import World
from tests.git.http_server import PrivateServer, serve

TOKEN = "s3cret-token-of-the-test"
ELSEWHERE = "http://forge.invalid/upstream/project"
"""A host that only a proxy knows."""


@pytest.fixture(autouse=True)
def _open_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without the network settings of this machine."""
    for name in (*_KEPT, "SSL_CERT_FILE", "GIT_SSL_CAINFO"):
        if name.lower().endswith(("proxy", "file", "cainfo")):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server(world: World) -> Iterator[PrivateServer]:
    with serve(world.root, None) as started:
        yield started


@pytest.fixture
def secure(world: World, tmp_path: Path) -> Iterator[tuple[PrivateServer, Authority]]:
    """A server with a certificate of an unknown authority."""
    authority = create_authority(tmp_path / "ca")
    pair = authority.issue("forge", addresses=["IP:127.0.0.1"])
    with serve(world.root, None, certificate=(pair.certificate, pair.key)) as started:
        yield started, authority


def names(tmp_path: Path, remote: Remote) -> list[str]:
    return [tag.name for tag in list_tags(Git(directory=tmp_path), remote)]


def test_a_proxy_of_the_environment_is_used(
    server: PrivateServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)

    assert names(tmp_path, Remote(url=ELSEWHERE)) == ["v1.0.0", "v1.1.0"]


def test_hosts_excluded_from_the_proxy_are_reached_directly(
    server: PrivateServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    assert names(tmp_path, Remote(url=f"{server.url}/upstream/project")) == ["v1.0.0", "v1.1.0"]


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "GIT_SSL_CAINFO"])
def test_the_sites_authority_is_trusted_if_the_environment_names_it(
    secure: tuple[PrivateServer, Authority],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    server, authority = secure
    remote = Remote(url=f"{server.url}/upstream/project")
    with pytest.raises(Transient, match="certificate"):
        names(tmp_path, remote)

    monkeypatch.setenv(variable, str(authority.certificate))

    assert names(tmp_path, remote) == ["v1.0.0", "v1.1.0"]


def test_a_hosts_own_authority_overrides_the_sites(
    secure: tuple[PrivateServer, Authority], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, authority = secure
    other = create_authority(tmp_path / "other")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(other.certificate))

    remote = Remote(url=f"{server.url}/upstream/project", ca_file=str(authority.certificate))

    assert names(tmp_path, remote) == ["v1.0.0", "v1.1.0"]


def test_nothing_else_of_the_environment_reaches_git(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = {
        *(
            "GIT_SSL_NO_VERIFY",
            "GIT_PROXY_COMMAND",
            "GIT_SSH_COMMAND",
            "GIT_ASKPASS",
            "GIT_EXEC_PATH",
        ),
        *("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_CONFIG_PARAMETERS", "LD_PRELOAD", "GIT_TRACE"),
    }
    for name in hostile:
        monkeypatch.setenv(name, "evil")

    assert hostile.isdisjoint(clean_environment())


def test_a_silent_host_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        remote = Remote(url=f"http://127.0.0.1:{silent.getsockname()[1]}/a/b", stall_seconds=1)

        with pytest.raises(GitError):
            Git(directory=tmp_path).run("ls-remote", "--", remote.url, remote=remote)


@pytest.fixture
def redirected(world: World, tmp_path: Path) -> Iterator[tuple[PrivateServer, PrivateServer, Path]]:
    """A host that requires a token and then redirects everybody to another, which also requires one."""
    file = tmp_path / "token"
    file.write_text(TOKEN)
    with serve(world.root, TOKEN) as first, serve(world.root, TOKEN) as other:
        first.moved_to = other.url.replace("127.0.0.1", "localhost")
        yield first, other, file


def test_a_moved_downstream_is_reported_and_no_other_host_is_asked(
    redirected: tuple[PrivateServer, PrivateServer, Path], tmp_path: Path
) -> None:
    first, other, file = redirected
    remote = Remote(url=f"{first.url}/downstream/project", token_file=file)

    with pytest.raises(Stalled, match="has moved") as told, explained(remote):
        Git(directory=tmp_path).run("ls-remote", "--", remote.url, remote=remote)

    assert told.value.reason == "RepositoryMoved"
    assert first.passwords == {TOKEN}
    assert other.authorizations == []


def test_a_moved_upstream_is_followed_without_the_token(
    redirected: tuple[PrivateServer, PrivateServer, Path], tmp_path: Path
) -> None:
    first, other, file = redirected
    remote = Remote(url=f"{first.url}/upstream/project", token_file=file, may_redirect=True)

    with pytest.raises(Stalled):
        names(tmp_path, remote)
    assert other.authorizations, "it was asked"

    first.token = None
    with pytest.raises(Stalled):
        names(tmp_path, remote)

    other.token = None
    assert names(tmp_path, remote) == ["v1.0.0", "v1.1.0"]
    assert other.passwords == set()


def test_a_moved_upstream_is_followed_to_https_only(
    secure: tuple[PrivateServer, Authority], world: World, tmp_path: Path
) -> None:
    first, authority = secure
    file = tmp_path / "token"
    file.write_text(TOKEN)
    remote = Remote(
        url=f"{first.url}/upstream/project",
        token_file=file,
        ca_file=str(authority.certificate),
        may_redirect=True,
    )
    assert names(tmp_path, remote) == ["v1.0.0", "v1.1.0"]

    with serve(world.root, None) as plain:
        first.moved_to = plain.url
        with pytest.raises((Stalled, Transient, GitError)):
            names(tmp_path, remote)

    assert plain.authorizations == []


def test_a_token_is_for_one_repository_only(
    redirected: tuple[PrivateServer, PrivateServer, Path], tmp_path: Path
) -> None:
    host, _, file = redirected
    host.moved_to = None
    remote = Remote(url=f"{host.url}/downstream/project", token_file=file)
    git = Git(directory=tmp_path)

    for neighbour in ("upstream/project", "downstream/project-2", "downstream"):
        with pytest.raises(GitError):
            git.run("ls-remote", "--", f"{host.url}/{neighbour}", remote=remote)
    assert host.authorizations, "it was asked"
    assert host.passwords == set()

    git.run("ls-remote", "--", remote.url, remote=remote)
    assert host.passwords == {TOKEN}


def test_without_a_token_nothing_is_sent_to_a_host_that_wants_one(
    redirected: tuple[PrivateServer, PrivateServer, Path], tmp_path: Path
) -> None:
    host, _, _ = redirected

    with pytest.raises(Stalled):
        names(tmp_path, Remote(url=f"{host.url}/upstream/project"))

    assert set(host.authorizations) == {""}
