"""A rate limit holds every call with the same token, in any repository, and no other."""

from threading import Event, Thread

import pytest

from resync_argo.api.plan import RepositoryName
from resync_argo.forge.credentials import App, Token
from resync_argo.forge.gate import Gate, token_identity
from resync_argo.forge.github.forge import GitHubForge
from resync_argo.forge.github.requester import CallPolicy
from resync_argo.forge.github.tokens import token_source
from resync_argo.forge.interface import ForgeError, RateLimited
from resync_argo.settings import HostSettings
from tests.hosts import Host, misbehaving

HOST = "forge.test"
TOKEN = Token(value="s3cret-token")
LIMITED = (
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\n"
    b"Connection: close\r\nContent-Length: 0\r\n\r\n"
)


def forge_at(host: Host, name: str, gate: Gate, token: Token = TOKEN) -> GitHubForge:
    return GitHubForge(
        RepositoryName.of(f"{HOST}/{name}"),
        credentials=token,
        hosts={HOST: HostSettings(api_url=f"{host.url}/api/v3")},
        policy=CallPolicy(gate=gate),
    )


def test_all_users_of_the_token_wait_and_send_nothing() -> None:
    gate = Gate(lambda: 1000.0)
    with misbehaving(LIMITED) as host:
        one, two, other = (
            forge_at(host, "owner/one", gate),
            forge_at(host, "another/two", gate),
            forge_at(host, "owner/one", gate, Token(value="of somebody else")),
        )
        with pytest.raises(RateLimited):
            one.list_comments(5)

        for forge in (one, two):
            with pytest.raises(RateLimited, match="this token to wait 30 s more") as told:
                forge.find_pull_request("branch")
            assert told.value.retry_after == 30
        assert len(host.requests) == 1

        with pytest.raises(RateLimited, match="limits the rate"):
            other.list_comments(5)
        assert len(host.requests) == 2


def test_an_app_that_must_wait_mints_no_token() -> None:
    gate, app = Gate(lambda: 1000.0), App(app_id="1", private_key="key", installation_id=7)
    gate.close_for(token_identity(HOST, app, owner="owner"), 30)
    with misbehaving(LIMITED) as host:
        token = token_source(
            host=HOST,
            repository="owner/name",
            credentials=app,
            hosts={HOST: HostSettings(api_url=f"{host.url}/api/v3")},
            policy=CallPolicy(gate=gate),
        )

        with pytest.raises(RateLimited, match="could not get a token for the GitHub App"):
            token()

        assert host.requests == []


class SeenGate(Gate):
    """A gate that shows when a call has passed it."""

    def __init__(self) -> None:
        super().__init__(lambda: 1000.0)
        self.was_passed = Event()

    def check(self, identity: str, where: str) -> None:
        super().check(identity, where)
        self.was_passed.set()


def test_a_call_that_waited_for_its_turn_is_held_as_well() -> None:
    gate, told = SeenGate(), list[ForgeError]()
    with misbehaving(LIMITED) as host:
        forge = forge_at(host, "owner/name", gate)

        def call() -> None:
            try:
                forge.list_comments(5)
            except ForgeError as error:
                told.append(error)

        second = Thread(target=call)
        with forge._connection._lock:
            second.start()
            gate.was_passed.wait()
            gate.close_for(token_identity(HOST, TOKEN, owner="owner"), 30)
        second.join()

        assert [type(error) for error in told] == [RateLimited]
        assert host.requests == []
